"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { TokenTable } from "@/app/(person)/token-table";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Section } from "@/app/components/ui/section";
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
        <TokenTable
          label="Tokens of machines"
          holder="Machine"
          tokens={tokens}
          revokeLabel={(name) => `Revoke the token of ${name}`}
          onRevoke={(tokenId) => revoke.mutate({ tokenId })}
        />
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
    <FormDialog
      open={open}
      onOpenChange={close}
      title="Add a machine"
      submit="Make token"
      busy={create.isPending}
      made={
        create.data ? (
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
        ) : null
      }
      onSubmit={() => create.mutate({ name })}
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
    </FormDialog>
  );
}
