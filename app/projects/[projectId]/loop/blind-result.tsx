import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { FigureInfo } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { useTRPC } from "@/app/trpc/client";
import { standing } from "./standing";

const REFRESH_MS = 5000;

/** How the comparison by people stands, as a sentence; and the way to the desk while it is not over. */
export function BlindResult({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const evaluations = useQuery(
    trpc.evaluation.list.queryOptions({ projectId, modelId }, { refetchInterval: REFRESH_MS }),
  );
  const evaluation = evaluations.data?.find(({ model }) => model.id === modelId);
  if (!evaluation) return null;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="max-w-prose">
        {standing(evaluation)} <FigureInfo id="winRate" />
        <FigureInfo id="toSettle" />
      </p>
      {evaluation.waiting > 0 && (
        <Button asChild variant="primary">
          <Link href={`/projects/${projectId}/desk`}>Judge {evaluation.waiting} blind pairs</Link>
        </Button>
      )}
    </div>
  );
}
