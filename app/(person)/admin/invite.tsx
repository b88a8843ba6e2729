"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { CopyOnce } from "@/app/(person)/copy-once";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Checkbox, Field, Input } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";

/** Adds a person and shows the link to send them. */
export function Invite({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const form = useId();
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
    <Dialog
      open={open}
      onOpenChange={close}
      title="Invite somebody"
      description="You get a link to send them. It works once, within a week."
      footer={
        invite.data ? (
          <Button onClick={() => close(false)}>Done</Button>
        ) : (
          <Button type="submit" form={form} variant="primary" busy={invite.isPending}>
            Make link
          </Button>
        )
      }
    >
      {invite.data ? (
        <CopyOnce label={`Link for ${name}`} value={new URL(invite.data.path, location.href).href} />
      ) : (
        <form
          id={form}
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            invite.mutate({ name, email, isAdmin });
          }}
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
        </form>
      )}
    </Dialog>
  );
}
