"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Checkbox, Field, NumberInput } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { AskedWords } from "@/db/shape/judge";
import { type JudgeVersion, TEN } from "@/server/judge/schema";
import { estimateText, isFree } from "../words";

/** Starts a judging run: how many tasks, what they would take, and what they may cost. */
export function StartJudging({
  projectId,
  version,
  isTry,
  words = "rubric",
  onClose,
}: {
  projectId: string;
  version: JudgeVersion;
  isTry: boolean;
  words?: AskedWords;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const openLaunched = useOpenLaunched(projectId);
  const [limit, setLimit] = useState(isTry ? TEN : 200);
  const [isBeside, setBeside] = useState(true);
  const [cap, setCap] = useState(Number.NaN);
  const filter = {
    limit: Number.isNaN(limit) ? 1 : limit,
    ...(isBeside ? { judged: "by_people" as const } : {}),
  };
  const estimate = useQuery(
    trpc.judge.estimate.queryOptions({ projectId, judgeVersionId: version.id, filter, words }),
  );
  const start = useMutation(trpc.judge.run.mutationOptions({ onSuccess: openLaunched }));
  const none = estimate.data?.tasks === 0;
  return (
    <FormDialog
      onOpenChange={onClose}
      title={
        words === "paraphrases"
          ? `Ask ${version.name} in other words`
          : isTry
            ? `Try ${version.name} on ten`
            : `Judge tasks with ${version.name}`
      }
      description={
        words === "paraphrases"
          ? "About tasks that it has judged it is asked once more with each paraphrase of its rubric. Its verdicts stay what they are; the card shows how many would be others."
          : "Each reply is paid for once: what is there already is not asked again, also after a stop."
      }
      submit="Start"
      busy={start.isPending}
      disabled={none || estimate.data === undefined}
      error={start.error ?? estimate.error}
      onSubmit={() =>
        start.mutate({
          ...{ projectId, judgeVersionId: version.id, filter, words },
          cap: Number.isNaN(cap) ? null : cap,
        })
      }
    >
      <Field label="Tasks, at most" help="Drawn by a hash, the same for each judge and version.">
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={50_000}
            step={1}
            value={limit}
            onNumber={setLimit}
          />
        )}
      </Field>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
      <label className="flex items-center gap-2 text-sm font-medium">
        <Checkbox checked={isBeside} onCheckedChange={(on) => setBeside(on === true)} />
        Only tasks that people have judged
      </label>
      {!isFree(version) && (
        <Field label="May cost, US dollars" optional help="The run stops before it would cost more.">
          {(control) => (
            <NumberInput {...control} min={0} max={1_000_000} step="any" value={cap} onNumber={setCap} />
          )}
        </Field>
      )}
      <p role="status" className="text-sm text-muted tabular">
        {estimateText(estimate.data, { isFree: isFree(version) })}
      </p>
    </FormDialog>
  );
}
