"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { FigureName } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Evaluation } from "@/server/evaluation/schema";
import { interval } from "@/server/statistics/share";

/** "61.5 % [48.0, 73.4] on 50 prompts", from the side that is shown; raters of one prompt are not independent. */
function rateOf({ estimate, low, high, prompts, reason }: Evaluation["winRate"], ours: boolean): string {
  if (estimate === null) return "—";
  const share = ours ? estimate : 1 - estimate;
  if (low === null || high === null) return `${percent(share, 1)}, no interval: ${reason}`;
  const bounds = ours ? { low, high } : { low: 1 - high, high: 1 - low };
  return `${interval(share, bounds)} on ${counted(prompts, "prompt")}`;
}

/** What the models had seen of the prompts. */
function promptsOf({ prompts, unanswered }: Evaluation): string {
  const parts: [number, string][] = [
    [prompts.heldOut, "held out"],
    [prompts.new, "in no version"],
    [prompts.trained, "seen in training"],
    [prompts.unknown, "not known"],
    [unanswered, "too long to answer"],
  ];
  return parts.flatMap(([count, what]) => (count > 0 ? [`${amount(count)} ${what}`] : [])).join(", ");
}

/** What was counted without people, by its reason, from the side that is shown. */
function settledOf({ withoutPeople: { won, lost, tied } }: Evaluation, ours: boolean): string {
  const parts: [number, string][] = [
    [ours ? lost : won, "lost by an empty reply"],
    [ours ? won : lost, "won over an empty one"],
    [tied, "equal, a tie"],
  ];
  return (
    parts.flatMap(([count, what]) => (count > 0 ? [`${amount(count)} ${what}`] : [])).join(", ") || "none"
  );
}

/** What the experts said, blind, of this model's replies against another's. */
export function Evaluations({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const evaluations = useQuery(
    trpc.evaluation.list.queryOptions({ projectId, modelId }, { refetchInterval: 15_000 }),
  );
  return (
    <Section title="Blind evaluations by the experts">
      {evaluations.data?.length === 0 ? (
        <p className="max-w-prose text-sm text-muted">
          None yet. An evaluation lets this model and another answer the same prompts; the experts compare the
          replies at their desk without knowing whose they are.
        </p>
      ) : (
        <Table label="Blind evaluations">
          <thead>
            <tr>
              <Th>Against</Th>
              <Th numeric>
                <FigureName id="winRate">Win rate, a tie is half, 95 % interval</FigureName>
              </Th>
              <Th numeric>
                <FigureName id="evaluation">Won</FigureName>
              </Th>
              <Th numeric>Lost</Th>
              <Th numeric>Same</Th>
              <Th numeric>Both bad</Th>
              <Th>Of these without people</Th>
              <Th numeric>Still to judge</Th>
              <Th numeric>
                <FigureName id="toSettle" />
              </Th>
              <Th>Prompts</Th>
              <Th>Begun</Th>
            </tr>
          </thead>
          <tbody>
            {evaluations.data?.map((evaluation) => {
              const ours = evaluation.model.id === modelId;
              const [won, lost] = ours
                ? [evaluation.won, evaluation.lost]
                : [evaluation.lost, evaluation.won];
              const other = ours ? evaluation.opponent : evaluation.model;
              return (
                <Tr key={evaluation.id}>
                  <Td>
                    <Link
                      href={`/projects/${projectId}/models/${other.id}`}
                      className="font-medium hover:underline"
                    >
                      {other.name}
                    </Link>
                  </Td>
                  <Td numeric>{rateOf(evaluation.winRate, ours)}</Td>
                  <Td numeric>{amount(won)}</Td>
                  <Td numeric>{amount(lost)}</Td>
                  <Td numeric>{amount(evaluation.tied)}</Td>
                  <Td numeric>{amount(evaluation.bothBad)}</Td>
                  <Td className="text-muted">{settledOf(evaluation, ours)}</Td>
                  <Td numeric>{amount(evaluation.waiting)}</Td>
                  <Td numeric>{evaluation.toSettle === null ? "—" : amount(evaluation.toSettle)}</Td>
                  <Td className="text-muted">{promptsOf(evaluation)}</Td>
                  <Td className="whitespace-nowrap text-muted">
                    <time dateTime={evaluation.createdAt.toISOString()} suppressHydrationWarning>
                      {evaluation.createdAt.toLocaleString()}
                    </time>
                  </Td>
                </Tr>
              );
            })}
          </tbody>
        </Table>
      )}
    </Section>
  );
}
