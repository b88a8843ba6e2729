"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { FileTable } from "@/app/components/run/file-table";
import { useOpenLaunched } from "@/app/components/run/launched";
import { PageHeader } from "@/app/components/shell/page-header";
import { LossWarning } from "@/app/components/training/learnt";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Model } from "@/server/model/schema";
import { accuracyText } from "../accuracy";
import { AnswerForm } from "./answer-form";
import { AsJudge } from "./as-judge";
import { Benchmarks } from "./benchmarks";
import { Disagreements } from "./disagreements";
import { EvaluateForm } from "./evaluate-form";
import { Evaluations } from "./evaluations";
import { ExportModel } from "./export-model";
import { LineageGraph } from "./lineage-graph";

/** A model: where it came from, what it measures, what can be done with it. */
export function ModelDetail({
  projectId,
  modelId,
  mayManage,
}: {
  projectId: string;
  modelId: string;
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const [evaluating, setEvaluating] = useState(false);
  const [answering, setAnswering] = useState(false);
  const [exporting, setExporting] = useState(false);
  const lineage = useQuery(trpc.model.lineage.queryOptions({ projectId, modelId }));
  const toRun = {
    onSuccess: useOpenLaunched(projectId),
    onError: ({ message }: { message: string }) => toast({ title: message, tone: "bad" }),
  };
  const score = useMutation(trpc.evaluation.score.mutationOptions(toRun));
  if (!lineage.data) return <PageHeader title="Model">{lineage.error?.message}</PageHeader>;
  const { model } = lineage.data;
  const isReward = model.method === "reward";
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={model.name}
        actions={
          <>
            {!isReward && (
              <Button asChild>
                <Link href={`/projects/${projectId}/models/${modelId}/chat`}>Chat</Link>
              </Button>
            )}
            {mayManage && <Button onClick={() => setExporting(true)}>Export</Button>}
            {mayManage && !isReward && <Button onClick={() => setAnswering(true)}>Answer prompts</Button>}
            {mayManage && <AsJudge projectId={projectId} model={model} />}
            {mayManage && <TrainLink projectId={projectId} modelId={modelId} />}
            {mayManage && isReward && (
              <Button
                variant="primary"
                busy={score.isPending}
                onClick={() => score.mutate({ projectId, modelId })}
              >
                Score all responses
              </Button>
            )}
            {mayManage && !isReward && (
              <Button variant="primary" onClick={() => setEvaluating(true)}>
                Evaluate blind with experts
              </Button>
            )}
          </>
        }
      >
        <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
          <Badge tone={model.method === "base" ? "neutral" : "accent"}>{model.method}</Badge>
          {model.format === "adapter" ? "adapter" : "full model"}
          {model.source.kind === "folder" && <code>{model.source.path}</code>}
          {model.source.kind === "hub" && (
            <code>
              {model.source.repository}@{model.source.revision}
            </code>
          )}
        </p>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <LossWarning course={model.heldOut?.loss} />
        <Section title="Where it comes from">
          <LineageGraph projectId={projectId} lineage={lineage.data} />
        </Section>
        <Measures model={model} />
        {!isReward && <Evaluations projectId={projectId} modelId={modelId} />}
        {!isReward && <Benchmarks projectId={projectId} modelId={modelId} mayManage={mayManage} />}
        {isReward && <Disagreements projectId={projectId} modelId={modelId} />}
        {model.source.kind === "run" && model.runId && (
          <FileTable projectId={projectId} runId={model.runId} />
        )}
      </div>
      <ExportModel projectId={projectId} model={model} open={exporting} onOpenChange={setExporting} />
      <AnswerForm projectId={projectId} model={model} open={answering} onOpenChange={setAnswering} />
      <EvaluateForm projectId={projectId} model={model} open={evaluating} onOpenChange={setEvaluating} />
    </div>
  );
}

/** Training from this model, on the newest version there is; the page names it and leads to the others. */
function TrainLink({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const datasets = useQuery(trpc.dataset.list.queryOptions({ projectId }));
  if (!datasets.data) return null;
  const [newest] = datasets.data
    .flatMap(({ newest }) => newest ?? [])
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const home = `/projects/${projectId}/datasets`;
  return (
    <Button asChild>
      <Link href={newest ? `${home}/versions/${newest.id}/train?model=${modelId}` : home}>
        {newest ? "Train" : "Freeze a version to train on"}
      </Link>
    </Button>
  );
}

function Measures({ model }: { model: Model }) {
  const { heldOut } = model;
  const accuracy = accuracyText(model);
  // Where training stood when they were taken is no measure.
  const entries = Object.entries(model.metrics)
    .filter(([name]) => name.startsWith("eval_"))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return null;
  return (
    <Section title={<FigureName id="heldOutMeasures" />}>
      <p className="mb-2 max-w-xl text-sm text-muted">
        {heldOut
          ? `${heldOut.scored} rows scored, ${heldOut.dropped} dropped. Means over the rows scored; the run's curves are TRL's means of batches.`
          : "Means of batches, as on the run's curves: this model is of a time before rows were counted."}
      </p>
      <dl className="grid max-w-xl grid-cols-[max-content_1fr] gap-x-6 gap-y-1 text-sm">
        {accuracy && (
          <>
            <dt className="text-muted">
              <FigureName id="accuracy">Right</FigureName>
            </dt>
            <dd className="tabular">{accuracy}</dd>
          </>
        )}
        {entries.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="font-mono text-xs text-muted">{name}</dt>
            <dd className="tabular">{value.toPrecision(5)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
