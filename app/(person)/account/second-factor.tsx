"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { encode } from "uqr";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useSaid } from "@/app/i18n/said";
import { useTRPC } from "@/app/trpc/client";
import { CurrentPassword } from "./current-password";

/** Codes of an app, asked for beside the password. */
export function SecondFactor() {
  const t = useTranslations("account.codes");
  const said = useSaid();
  const trpc = useTRPC();
  const client = useQueryClient();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const { data: factor } = useSuspenseQuery(trpc.person.hasSecondFactor.queryOptions());
  const [currentPassword, setCurrentPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation(trpc.person.beginSecondFactor.mutationOptions());
  const options = {
    onSuccess: () => {
      begin.reset();
      setCode("");
      setCurrentPassword("");
      return client.invalidateQueries({ queryKey: trpc.person.hasSecondFactor.queryKey() });
    },
  };
  const add = useMutation(trpc.person.addSecondFactor.mutationOptions(options));
  const remove = useMutation(trpc.person.removeSecondFactor.mutationOptions(options));
  const asked = factor.active ? remove : begin;
  return (
    <Section title={t("title")}>
      <p className="text-muted">{t(factor.active ? "active" : "inactive")}</p>
      {begin.data ? (
        <form
          className="flex max-w-sm flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ code });
          }}
        >
          <p>{t("scan")}</p>
          <Code text={begin.data.uri} />
          <code className="break-all">{begin.data.secret}</code>
          <Field label={t("code")} error={add.error && said(add.error.message)}>
            {(control) => (
              <Input
                {...control}
                required
                autoFocus
                inputMode="numeric"
                autoComplete="one-time-code"
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
          <Button type="submit" variant="primary" className="self-start" busy={add.isPending}>
            {t("ask")}
          </Button>
        </form>
      ) : me.hasPassword ? (
        <form
          className="flex max-w-sm flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            asked.mutate({ currentPassword });
          }}
        >
          <CurrentPassword
            value={currentPassword}
            onChange={setCurrentPassword}
            error={asked.error ? said(asked.error.message) : undefined}
          />
          <Button type="submit" className="self-start" busy={asked.isPending}>
            {t(factor.active ? "stop" : "begin")}
          </Button>
        </form>
      ) : (
        <p className="text-muted">{t("needsPassword")}</p>
      )}
    </Section>
  );
}

/** A text as squares that a camera reads. */
function Code({ text }: { text: string }) {
  const t = useTranslations("account.codes");
  const { data, size } = encode(text);
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg role="img" viewBox={`0 0 ${size} ${size}`} className="size-44 bg-white p-2">
      <title>{t("image")}</title>
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
