"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useSaid } from "@/app/i18n/said";
import { useTRPC } from "@/app/trpc/client";
import { CurrentPassword } from "./current-password";

/** The address a person signs in with. Another one is theirs when they have proved it. */
export function Email() {
  const t = useTranslations("account.email");
  const ui = useTranslations("ui");
  const said = useSaid();
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
        if (changed) toast({ title: ui("saved") });
        return client.invalidateQueries({ queryKey: trpc.person.me.queryKey() });
      },
    }),
  );
  return (
    <Section title={t("title")}>
      <p>
        {t.rich("signedInAs", {
          address: me.email,
          email: (chunks) => <span className="font-medium break-all">{chunks}</span>,
        })}
      </p>
      {me.wantedEmail && (
        <p role="status" className="text-muted">
          {t.rich("wanted", {
            address: me.wantedEmail,
            email: (chunks) => <span className="break-all">{chunks}</span>,
          })}
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
          <Field label={t("new")}>
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
            error={change.error ? said(change.error.message) : undefined}
          />
          <Button type="submit" className="self-start" busy={change.isPending}>
            {t(me.isAdmin ? "change" : "ask")}
          </Button>
        </form>
      ) : (
        <p className="text-muted">{t("needsPassword")}</p>
      )}
    </Section>
  );
}
