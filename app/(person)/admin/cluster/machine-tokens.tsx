"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";

/** Tokens with which machines elsewhere reach the artifact store. */
export function MachineTokens({ siteAddress }: { siteAddress: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const { data: tokens } = useSuspenseQuery(trpc.machine.tokens.queryOptions());
  const revoke = useMutation(
    trpc.machine.revokeToken.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.machine.tokens.queryKey() }),
    }),
  );
  return (
    <Section title="Machines elsewhere">
      <p className="max-w-prose text-muted">
        A GPU machine joins with one command, which needs the address of the database and a token: through it
        the machine reaches the files of runs and models.
      </p>
      {tokens.length > 0 && (
        <Table label="Tokens of machines">
          <thead>
            <tr>
              <Th>Machine</Th>
              <Th>Begins with</Th>
              <Th>Made</Th>
              <Th>Last used</Th>
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
                <Td className="text-end">
                  {token.revokedAt ? (
                    <Badge>revoked</Badge>
                  ) : (
                    <Button
                      size="sm"
                      variant="ghost"
                      aria-label={`Revoke the token of ${token.name}`}
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
        Add a machine
      </Button>
      <NewMachine open={making} onOpenChange={setMaking} siteAddress={siteAddress} />
    </Section>
  );
}

function NewMachine({
  open,
  onOpenChange,
  siteAddress,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  siteAddress: string;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const form = useId();
  const [name, setName] = useState("");
  const create = useMutation(
    trpc.machine.createToken.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.machine.tokens.queryKey() }),
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
      title="Add a machine"
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
        <div className="flex flex-col gap-4">
          <CopyOnce
            label="Run this there, in a checkout of Concord"
            value={`npx concord worker --engine torch --database DATABASE_URL --store ${siteAddress} --token ${create.data.token}`}
          />
          <p className="text-muted">
            Put the address of this site’s PostgreSQL in the place of <code>DATABASE_URL</code>. The machine
            must reach both.
          </p>
        </div>
      ) : (
        <form
          id={form}
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate({ name });
          }}
        >
          <Field label="Machine" help="By what you will know it." error={create.error?.message}>
            {(control) => (
              <Input
                {...control}
                required
                maxLength={120}
                autoFocus
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            )}
          </Field>
        </form>
      )}
    </Dialog>
  );
}
