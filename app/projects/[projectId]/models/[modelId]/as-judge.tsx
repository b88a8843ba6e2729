"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Button } from "@/app/components/ui/button";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { kindOf } from "@/server/form/schema";
import type { Model } from "@/server/model/schema";
import { givesRewards } from "@/server/model/words";

/**
 * A model that was trained on comparisons judges by its rewards, at no cost: one click makes it a judge, or leads to the
 * one that it is already. Nothing for a model without rewards, and in a project whose form compares nothing.
 */
export function AsJudge({ projectId, model }: { projectId: string; model: Model }) {
  const trpc = useTRPC();
  const router = useRouter();
  const toast = useToast();
  const hasRewards = givesRewards(model);
  const judges = useQuery(trpc.judge.list.queryOptions({ projectId }, { enabled: hasRewards }));
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }, { enabled: hasRewards }));
  const trainedOn = useQuery(
    trpc.dataset.version.queryOptions(
      { projectId, versionId: model.versionId ?? "" },
      { enabled: hasRewards && model.versionId !== null, retry: false },
    ),
  );
  const create = useMutation(
    trpc.judge.create.mutationOptions({
      onSuccess: ({ judgeId }) => router.push(`/projects/${projectId}/judges/${judgeId}`),
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  const questions = (forms.data?.[0]?.questions ?? []).filter(({ type }) => kindOf(type).judging?.byScores);
  const learnt = trainedOn.data?.manifest.questions?.map(({ id }) => id) ?? [];
  const question = questions.find(({ id }) => learnt.includes(id)) ?? questions[0];
  if (!hasRewards || !judges.data || !question) return null;
  const made = judges.data.find(({ versions: [newest] }) => newest?.model?.id === model.id);
  if (made)
    return (
      <Button asChild>
        <Link href={`/projects/${projectId}/judges/${made.id}`}>Its card as a judge</Link>
      </Button>
    );
  return (
    <Button
      busy={create.isPending}
      disabled={model.versionId !== null && trainedOn.isPending}
      onClick={() =>
        create.mutate({
          ...{ projectId, name: model.name.slice(0, 100), modelId: model.id, questionId: question.id },
          verdictBy: "reward",
        })
      }
    >
      Make it a judge
    </Button>
  );
}
