import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";
import { Button } from "./button";
import { Dialog, type Sheet } from "./dialog";

/** What went wrong with a form longer than its dialog stands below what is seen of it. */
const intoView = (node: HTMLElement | null) => node?.scrollIntoView({ block: "nearest" });

/** A form in a dialog: fields, what went wrong below them, and one button that does it; perhaps what came of it, in its place. */
export function FormDialog({
  as: Frame = Dialog,
  open = true,
  onOpenChange,
  title,
  description,
  submit,
  hint,
  variant = "primary",
  busy,
  disabled,
  cancel = false,
  made,
  error,
  onSubmit,
  children,
}: {
  as?: typeof Dialog | typeof Sheet;
  open?: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** What the button says. */
  submit: ReactNode;
  /** The key that presses it. */
  hint?: string;
  variant?: "primary" | "danger";
  busy: boolean;
  disabled?: boolean;
  /** A button to leave without doing it. */
  cancel?: boolean;
  error?: { message: string } | null;
  /** What is shown once, in the form's place; nothing while it is not made. */
  made?: ReactNode;
  onSubmit: () => void;
  children?: ReactNode;
}) {
  const t = useTranslations("ui");
  const form = useId();
  return (
    <Frame
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        made ? (
          <Button onClick={() => onOpenChange(false)}>{t("done")}</Button>
        ) : (
          <>
            {cancel && <Button onClick={() => onOpenChange(false)}>{t("cancel")}</Button>}
            <Button type="submit" form={form} variant={variant} busy={busy} disabled={disabled} hint={hint}>
              {submit}
            </Button>
          </>
        )
      }
    >
      {made ?? (
        <form
          id={form}
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {children}
          {error && (
            <p ref={intoView} role="alert" className="text-sm text-bad">
              {error.message}
            </p>
          )}
        </form>
      )}
    </Frame>
  );
}
