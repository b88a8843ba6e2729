"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { CurrentPassword } from "./current-password";

/** The address a person signs in with. Another one is theirs when they have proved it. */
export function Email() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const [email, setEmail] = useState("");
  const [currentPassword, setCurrentPassword] = useState("");
  const change = useMutation(
    trpc.person.changeEmail.mutationOptions({
      onSuccess: ({ changed }) => {
        setEmail("");
        setCurrentPassword("");
        if (changed) toast({ title: "Saved" });
        return client.invalidateQueries({ queryKey: trpc.person.me.queryKey() });
      },
    }),
  );
  return (
    <Section title="E-mail">
      <p>
        You sign in as <span className="font-medium break-all">{me.email}</span>.
      </p>
      {me.wantedEmail && (
        <p role="status" className="text-muted">
          You asked for <span className="break-all">{me.wantedEmail}</span>. An admin sends a link to that
          address; open it to take the address.
        </p>
      )}
      {me.hasPassword ? (
        <form
          className="flex max-w-sm flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate({ email, currentPassword });
          }}
        >
          <Field label="New address">
            {(control) => (
              <Input
                {...control}
                type="email"
                required
                maxLength={254}
                autoComplete="email"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <CurrentPassword
            value={currentPassword}
            onChange={setCurrentPassword}
            error={change.error?.message}
          />
          <Button type="submit" className="self-start" busy={change.isPending}>
            {me.isAdmin ? "Change address" : "Ask for this address"}
          </Button>
        </form>
      ) : (
        <p className="text-muted">Choose a password to change it.</p>
      )}
    </Section>
  );
}
