"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useSaid } from "@/app/i18n/said";
import { useTRPC } from "@/app/trpc/client";
import { OwnLanguage } from "./language";

export function Profile() {
  const t = useTranslations("account");
  const ui = useTranslations("ui");
  const said = useSaid();
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const { data: me } = useSuspenseQuery(trpc.person.me.queryOptions());
  const [name, setName] = useState(me.name);
  const save = useMutation(
    trpc.person.updateProfile.mutationOptions({
      onSuccess: (person) => {
        client.setQueryData(trpc.person.me.queryKey(), person);
        toast({ title: ui("saved") });
        // The menu shows the name, and the server renders it.
        router.refresh();
      },
    }),
  );
  return (
    <Section title={t("you")}>
      <form
        className="flex max-w-sm flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ name });
        }}
      >
        <Field label={t("name")} error={save.error && said(save.error.message)}>
          {(control) => (
            <Input
              {...control}
              required
              maxLength={200}
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" className="self-start" busy={save.isPending}>
          {t("save")}
        </Button>
      </form>
      <OwnLanguage />
    </Section>
  );
}
