"use client";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Field, Select } from "@/app/components/ui/field";
import { LanguageOptions } from "@/app/i18n/language-options";
import { useSaid } from "@/app/i18n/said";
import { useTRPC } from "@/app/trpc/client";
import { languages } from "@/db/shape/language";

/** The language of the site for whoever is signed in: on every machine, and for what their browser keeps of a desk. */
export function OwnLanguage() {
  const t = useTranslations("account");
  const ui = useTranslations("ui");
  const said = useSaid();
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const { data: habits } = useSuspenseQuery(trpc.person.desk.queryOptions());
  const choose = useMutation(
    trpc.person.setDesk.mutationOptions({
      onSuccess: (after) => {
        client.setQueryData(trpc.person.desk.queryKey(), after);
        // The server writes every page, this one too.
        router.refresh();
      },
    }),
  );
  return (
    <Field
      label={ui("language")}
      help={t("languageHelp")}
      error={choose.error && said(choose.error.message)}
      className="max-w-sm"
    >
      {(control) => (
        <Select
          {...control}
          disabled={choose.isPending}
          value={habits.language ?? ""}
          onChange={({ target: { value } }) =>
            choose.mutate({ language: languages.find((one) => one === value) ?? null })
          }
        >
          <option value="">{t("asBrowser")}</option>
          <LanguageOptions />
        </Select>
      )}
    </Field>
  );
}
