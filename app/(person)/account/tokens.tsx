"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useId, useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Field, Input, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";

/** API tokens: what programs sign in with. */
export function Tokens() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const { data: tokens } = useSuspenseQuery(trpc.token.list.queryOptions());
  const revoke = useMutation(
    trpc.token.revoke.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.token.list.queryKey() }),
    }),
  );
  return (
    <Section title="API tokens">
      <p className="text-muted">
        With a token a program can do what you can do, through the{" "}
        <Link href="/docs/api" className="underline">
          HTTP API
        </Link>
        .
      </p>
      {tokens.length > 0 && (
        <Table label="API tokens">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Begins with</Th>
              <Th>Made</Th>
              <Th>Last used</Th>
              <Th>Ends</Th>
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <Tr key={token.id}>
                <Td className="font-medium">{token.name}</Td>
                <Td>
                  <code>{token.prefix}…</code>
                </Td>
                <Td>
                  <When at={token.createdAt} />
                </Td>
                <Td>{token.lastUsedAt ? <When at={token.lastUsedAt} /> : "never"}</Td>
                <Td>{token.expiresAt ? <When at={token.expiresAt} /> : "never"}</Td>
                <Td className="text-end">
                  {token.revokedAt ? (
                    <Badge>revoked</Badge>
                  ) : (
                    <Button
                      size="sm"
                      variant="ghost"
                      aria-label={`Revoke ${token.name}`}
                      onClick={() => revoke.mutate({ tokenId: token.id })}
                    >
                      Revoke
                    </Button>
                  )}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <Button className="self-start" onClick={() => setMaking(true)}>
        New token
      </Button>
      <NewToken open={making} onOpenChange={setMaking} />
    </Section>
  );
}

const LIFETIMES = [
  { days: 7, label: "7 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "A year" },
  { days: null, label: "Until it is revoked" },
];

function NewToken({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const form = useId();
  const [name, setName] = useState("");
  const [lifetime, setLifetime] = useState(1);
  const create = useMutation(
    trpc.token.create.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.token.list.queryKey() }),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    create.reset();
    setName("");
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="New API token"
      footer={
        create.data ? (
          <Button onClick={() => close(false)}>Done</Button>
        ) : (
          <Button type="submit" form={form} variant="primary" busy={create.isPending}>
            Make token
          </Button>
        )
      }
    >
      {create.data ? (
        <CopyOnce label="Your token" value={create.data.token} />
      ) : (
        <form
          id={form}
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ name, days: LIFETIMES[lifetime]?.days ?? null });
          }}
        >
          <Field label="Name" help="What will use it." error={create.error?.message}>
            {(control) => (
              <Input
                {...control}
                required
                maxLength={100}
                autoFocus
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
          <Field label="Valid for">
            {(control) => (
              <Select
                {...control}
                value={lifetime}
                onChange={(event) => setLifetime(Number(event.target.value))}
              >
                {LIFETIMES.map(({ label }, index) => (
                  <option key={label} value={index}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </form>
      )}
    </Dialog>
  );
}
