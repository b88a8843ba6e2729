"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Checkbox, Field, Input } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";

/** Adds a person and shows the link to send them. */
export function Invite({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [isAdmin, setIsAdmin] = useState(false);
  const invite = useMutation(
    trpc.person.invite.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.person.list.pathKey() }),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    invite.reset();
    setName("");
    setEmail("");
    setIsAdmin(false);
  };
  return (
    <FormDialog
      open={open}
      onOpenChange={close}
      title="Invite somebody"
      description="You get a link to send them. It works once, within a week."
      submit="Make link"
      busy={invite.isPending}
      made={
        invite.data ? (
          <CopyOnce label={`Link for ${name}`} value={new URL(invite.data.path, location.href).href} />
        ) : null
      }
      onSubmit={() => invite.mutate({ name, email, isAdmin })}
    >
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            required
            autoFocus
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="E-mail" error={invite.error?.message}>
        {(control) => (
          <Input
            {...control}
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label="Admin of this instance">
        {(control) => (
          <Checkbox
            {...control}
            checked={isAdmin}
            onCheckedChange={(checked) => setIsAdmin(checked === true)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
