"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Field, NumberInput, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { JudgeVersion } from "@/server/judge/schema";
import { modelOf, useAnswering } from "../use-answering";
import { estimateText } from "../words";

/** Another model takes the place of a version's: it is asked the same items, and the cards stand side by side. */
export function SuccessorForm({
  projectId,
  version,
  onClose,
}: {
  projectId: string;
  version: JudgeVersion;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const openLaunched = useOpenLaunched(projectId);
  const { answers: all, error } = useAnswering(projectId);
  const own = version.endpoint ? `endpoint ${version.endpoint.id}` : `model ${version.model?.id}`;
  const answers = all.filter(({ value }) => value !== own);
  const [chosen, setChosen] = useState<string | null>(null);
  const [cap, setCap] = useState(Number.NaN);
  const answer = chosen ?? answers[0]?.value ?? "";
  const model = modelOf(answer);
  const aim = { projectId, judgeVersionId: version.id, ...model };
  const estimate = useQuery(
    trpc.judge.estimateSuccessor.queryOptions(aim, { enabled: answer !== "", retry: false }),
  );
  const succeed = useMutation(trpc.judge.succeed.mutationOptions({ onSuccess: openLaunched }));
  return (
    <FormDialog
      onOpenChange={onClose}
      title={`A successor of ${version.name} v${version.version}`}
      description="Another model, the same rubric: it becomes the next version and is asked the very items that this one was asked about and people judged. Their cards stand side by side, and no figure mixes them."
      submit="Make and ask it"
      busy={succeed.isPending}
      disabled={!estimate.data}
      error={succeed.error ?? estimate.error ?? error}
      onSubmit={() => succeed.mutate({ ...aim, cap: Number.isNaN(cap) ? null : cap })}
    >
      <Field
        label="Answered by"
        help={answers.length === 0 ? "There is no other model or probed endpoint." : undefined}
      >
        {(control) => (
          <Select {...control} required value={answer} onChange={({ target }) => setChosen(target.value)}>
            {answers.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {model.endpointId !== null && (
        <Field label="May cost, US dollars" optional help="The run stops before it would cost more.">
          {(control) => (
            <NumberInput {...control} min={0} max={1_000_000} step="any" value={cap} onNumber={setCap} />
          )}
        </Field>
      )}
      <p role="status" className="text-sm text-muted tabular">
        {estimateText(estimate.data, { isFree: model.modelId !== null })}
      </p>
    </FormDialog>
  );
}
