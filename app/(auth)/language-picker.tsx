"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Field, Select } from "@/app/components/ui/field";
import { LanguageOptions } from "@/app/i18n/language-options";
import { LANGUAGE_COOKIE } from "@/app/i18n/languages";
import type { Language } from "@/db/shape/language";

/** The language for whoever is not signed in yet: kept by this browser, until the account has one of its own. */
export function LanguagePicker({ language }: { language: Language }) {
  const t = useTranslations("ui");
  const router = useRouter();
  return (
    <Field label={t("language")} className="text-muted">
      {(control) => (
        <Select
          {...control}
          value={language}
          onChange={(event) => {
            // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari
            document.cookie = `${LANGUAGE_COOKIE}=${event.target.value}; path=/; max-age=31536000; samesite=lax`;
            router.refresh();
          }}
        >
          <LanguageOptions />
        </Select>
      )}
    </Field>
  );
}
