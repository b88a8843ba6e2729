"use client";
import { useId, useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Field, Textarea } from "@/app/components/ui/field";

/** A decision over others needs its reason. */
export function ReasonDialog({
  error,
  isBusy,
  onClose,
  onReason,
}: {
  error: string | undefined;
  isBusy: boolean;
  onClose: () => void;
  onReason: (reason: string) => void;
}) {
  const form = useId();
  const [reason, setReason] = useState("");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Why this decision?"
      description="It is kept with the task, for whoever asks later."
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" form={form} variant="primary" busy={isBusy} hint="Ctrl ⏎">
            Decide
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          onReason(reason);
        }}
      >
        <Field label="Reason" error={error}>
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
      </form>
    </Dialog>
  );
}
