"use client";
import { useKeptText } from "@/app/components/thread/kept-text";
import { Field, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";

/** What is done to others and to their judgements needs its reason. What was begun is there the next time. */
export function ReasonDialog({
  name,
  title,
  description,
  label = "Reason",
  help,
  submit,
  busy,
  error,
  onClose,
  onReason,
}: {
  /** What the reason is about: under this it is kept. */
  name: string;
  title: string;
  description: string;
  label?: string;
  help?: string;
  submit: string;
  busy: boolean;
  error: { message: string } | null;
  onClose: () => void;
  onReason: (reason: string) => void;
}) {
  const [reason, setReason] = useKeptText(name);
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      submit={submit}
      hint="Ctrl ⏎"
      busy={busy}
      cancel
      onSubmit={() => onReason(reason)}
    >
      <Field label={label} help={help} error={error?.message}>
        {(control) => (
          <Textarea
            {...control}
            autoFocus
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
                event.currentTarget.form?.requestSubmit();
            }}
          />
        )}
      </Field>
    </FormDialog>
  );
}
