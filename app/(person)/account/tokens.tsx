"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { TokenTable } from "@/app/(person)/token-table";
import { Button } from "@/app/components/ui/button";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Section } from "@/app/components/ui/section";
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
        <TokenTable
          label="API tokens"
          holder="Name"
          tokens={tokens}
          ends
          revokeLabel={(name) => `Revoke ${name}`}
          onRevoke={(tokenId) => revoke.mutate({ tokenId })}
        />
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
    <FormDialog
      open={open}
      onOpenChange={close}
      title="New API token"
      submit="Make token"
      busy={create.isPending}
      made={create.data ? <CopyOnce label="Your token" value={create.data.token} /> : null}
      onSubmit={() => create.mutate({ name, days: LIFETIMES[lifetime]?.days ?? null })}
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
          <Select {...control} value={lifetime} onChange={(event) => setLifetime(Number(event.target.value))}>
            {LIFETIMES.map(({ label }, index) => (
              <option key={label} value={index}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}
