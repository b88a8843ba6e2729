"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { HourlyRate } from "@/db/shape/project";

/** What an hour of judging costs. An empty amount takes it away. */
export function RateDialog({
  projectId,
  rate,
  onClose,
}: {
  projectId: string;
  rate: HourlyRate | null;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [amount, setAmount] = useState(rate ? String(rate.amount) : "");
  const [currency, setCurrency] = useState(rate?.currency ?? "EUR");
  const set = useMutation(
    trpc.conclusion.setRate.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.conclusion.plan.pathKey() });
        onClose();
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={onClose}
      title="What an hour of judging costs"
      description="Plans show what they cost by it. Raters do not see it."
      submit="Save"
      busy={set.isPending}
      error={set.error}
      onSubmit={() =>
        set.mutate({ projectId, rate: amount.trim() ? { amount: Number(amount), currency } : null })
      }
    >
      <Field label="An hour costs" help="Leave it empty to plan without money.">
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            value={amount}
            onChange={(event) => setAmount(event.target.value)}
          />
        )}
      </Field>
      <Field label="Currency" help="Three capital letters, such as EUR.">
        {(control) => (
          <Input
            {...control}
            value={currency}
            maxLength={3}
            onChange={(event) => setCurrency(event.target.value.toUpperCase())}
          />
        )}
      </Field>
    </FormDialog>
  );
}
