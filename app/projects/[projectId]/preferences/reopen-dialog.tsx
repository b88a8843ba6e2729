"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { reopenTargets } from "@/db/shape/review";
import { TouchedWork } from "../people/touched-work";

const targetNames = {
  rater: "The same rater again",
  anyone: "Anyone else",
} as const;

/** Has all of a rater's work, or that of some days, done again. */
export function ReopenDialog({
  projectId,
  raterId,
  onClose,
}: {
  projectId: string;
  raterId: string;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const [to, setTo] = useState<(typeof reopenTargets)[number]>("rater");
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const reopen = useMutation(
    trpc.review.reopen.mutationOptions({
      onSuccess: async ({ annotations }) => {
        toast({
          title: `${amount(annotations)} ${annotations === 1 ? "judgement is" : "judgements are"} open again.`,
        });
        onClose();
        await Promise.all([
          client.invalidateQueries({ queryKey: trpc.review.pathKey() }),
          client.invalidateQueries({ queryKey: trpc.task.pathKey() }),
        ]);
      },
    }),
  );
  const name = raters.data?.find((rater) => rater.id === raterId)?.name ?? "this rater";
  const dayTo = (day: string, time: string) => (day ? new Date(`${day}T${time}`).toISOString() : undefined);
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`Reopen the work of ${name}`}
      description="The judgements stay in the history but enter no dataset version, and their seats are free to be judged again. Frozen versions, and the models trained on them, stay as they are."
      submit="Reopen"
      busy={reopen.isPending}
      variant="danger"
      cancel
      onSubmit={() => {
        reopen.mutate({
          projectId,
          raterId,
          reason,
          to,
          from: dayTo(from, "00:00:00"),
          until: dayTo(until, "23:59:59.999"),
        });
      }}
    >
      <TouchedWork projectId={projectId} raterId={raterId} />
      <Field label="Who judges again">
        {(control) => (
          <Select
            {...control}
            value={to}
            onChange={(event) =>
              setTo(reopenTargets.find((target) => target === event.target.value) ?? "rater")
            }
          >
            {reopenTargets.map((target) => (
              <option key={target} value={target}>
                {targetNames[target]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex gap-4">
        <Field label="Judged from" optional className="flex-1">
          {(control) => (
            <Input {...control} type="date" value={from} onChange={(e) => setFrom(e.target.value)} />
          )}
        </Field>
        <Field label="until" optional className="flex-1">
          {(control) => (
            <Input {...control} type="date" value={until} onChange={(e) => setUntil(e.target.value)} />
          )}
        </Field>
      </div>
      <Field label="Reason" help="The rater reads it with the work." error={reopen.error?.message}>
        {(control) => (
          <Textarea
            {...control}
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
