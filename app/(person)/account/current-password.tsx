import { useTranslations } from "next-intl";
import { Field, Input } from "@/app/components/ui/field";

/** Asked for before what a stolen session must not be enough for. */
export function CurrentPassword({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  const t = useTranslations("account.password");
  return (
    <Field label={t("yours")} error={error}>
      {(control) => (
        <Input
          {...control}
          type="password"
          required
          autoComplete="current-password"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
