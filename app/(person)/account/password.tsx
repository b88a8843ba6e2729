"use client";
import { useMutation, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { changePassword } from "./actions";

export function Password() {
  const t = useTranslations("account.password");
  const trpc = useTRPC();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const [problem, change, busy] = useActionState(changePassword, undefined);
  const leave = useMutation(
    trpc.person.signOutEverywhere.mutationOptions({ onSuccess: () => location.assign("/sign-in") }),
  );
  return (
    <Section title={t("title")}>
      <form action={change} className="flex max-w-sm flex-col gap-4">
        {me.hasPassword && (
          <Field label={t("current")}>
            {(control) => (
              <Input
                {...control}
                name="currentPassword"
                type="password"
                required
                autoComplete="current-password"
              />
            )}
          </Field>
        )}
        <Field label={t("new")} help={t("help")} error={problem}>
          {(control) => (
            <Input
              {...control}
              name="password"
              type="password"
              required
              minLength={12}
              autoComplete="new-password"
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" busy={busy}>
            {t("change")}
          </Button>
          <Button variant="ghost" busy={leave.isPending} onClick={() => leave.mutate()}>
            {t("signOut")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
