"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";

/** Fixes when the comparison of two sources ends, with what it may cost and why. */
export function RuleDialog({
  projectId,
  questionId,
  sources,
  onClose,
}: {
  projectId: string;
  /** Null where nobody has judged yet: the form's question that compares two responses. */
  questionId: string | null;
  sources: readonly string[];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [source, setSource] = useState(sources[0] ?? "");
  const [opponent, setOpponent] = useState(sources[1] ?? "");
  const [error, setError] = useState("5");
  const [smallest, setSmallest] = useState("");
  const [budget, setBudget] = useState("");
  const [reason, setReason] = useState("");
  const fix = useMutation(
    trpc.conclusion.fixRule.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.conclusion.stops.pathKey() });
        onClose();
      },
    }),
  );
  const sides = [
    { label: "Source", value: source, choose: setSource },
    { label: "Opponent", value: opponent, choose: setOpponent },
  ];
  return (
    <FormDialog
      onOpenChange={onClose}
      title="Fix a stopping rule"
      description="Fix it before you look. A later rule of the same two takes its place with its own reason, and both stay to be seen."
      submit="Fix the rule"
      busy={fix.isPending}
      error={fix.error}
      onSubmit={() =>
        fix.mutate({
          ...{ projectId, source, opponent, reason },
          ...(questionId !== null && { questionId }),
          alpha: Number(error) / 100,
          ...(smallest.trim() && { smallest: Number(smallest) / 100 }),
          budget: Number(budget),
        })
      }
    >
      {sides.map(({ label, value, choose }) => (
        <Field key={label} label={label}>
          {(control) => (
            <Select {...control} value={value} onChange={(event) => choose(event.target.value)}>
              {sources.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
      ))}
      <Field
        label="Error, in per cent"
        help="The chance of a decision where there is no difference, however often one looks."
      >
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            value={error}
            onChange={(event) => setError(event.target.value)}
          />
        )}
      </Field>
      <Field
        label="Smallest difference that matters, in points of win rate"
        help="5: between 45 and 55 % is no difference. Empty: any difference is looked for."
        optional
      >
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            value={smallest}
            onChange={(event) => setSmallest(event.target.value)}
          />
        )}
      </Field>
      <Field label="At most so many judgements">
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            required
            value={budget}
            onChange={(event) => setBudget(event.target.value)}
          />
        )}
      </Field>
      <Field label="Why this rule">
        {(control) => (
          <Textarea
            {...control}
            required
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
