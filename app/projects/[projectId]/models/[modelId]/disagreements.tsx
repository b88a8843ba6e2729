"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { FigureName } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";

/** A review queue: where the reward model and the experts differ most, one of them is wrong. */
export function Disagreements({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const pairs = useQuery(trpc.evaluation.disagreements.queryOptions({ projectId, modelId }));
  return (
    <Section title="Where the model and the experts differ most">
      {pairs.data?.length === 0 ? (
        <p className="max-w-prose text-sm text-muted">
          Nothing here: the responses are not scored yet, or the model agrees with every judgement. “Score all
          responses” fills this queue.
        </p>
      ) : (
        <Table label="Disagreements, widest first">
          <thead>
            <tr>
              <Th>Prompt</Th>
              <Th>Experts prefer</Th>
              <Th>The model prefers</Th>
              <Th numeric>Votes</Th>
              <Th numeric>
                <FigureName id="rewardGap" />
              </Th>
            </tr>
          </thead>
          <tbody>
            {pairs.data?.map((pair) => (
              <Tr key={`${pair.taskId}${pair.other.id}`}>
                <Td dir="auto" className="min-w-48 max-w-72">
                  <Link
                    href={`/projects/${projectId}/preferences?task=${pair.taskId}`}
                    className="hover:underline"
                  >
                    {pair.prompt}
                  </Link>
                </Td>
                {[pair.preferred, pair.other].map((response) => (
                  <Td key={response.id} dir="auto" className="min-w-56 max-w-96">
                    {response.excerpt}{" "}
                    <span className="text-xs text-muted tabular">({response.reward.toFixed(2)})</span>
                  </Td>
                ))}
                <Td numeric>{pair.votes}</Td>
                <Td numeric>{pair.gap.toFixed(2)}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
