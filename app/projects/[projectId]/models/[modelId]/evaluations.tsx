"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, shareWithInterval } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";

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
              <Th numeric>Win rate among decided, 95 % interval</Th>
              <Th numeric>Won</Th>
              <Th numeric>Lost</Th>
              <Th numeric>Same</Th>
              <Th numeric>Both bad</Th>
              <Th numeric>Still to judge</Th>
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
                  <Td numeric>{shareWithInterval(won, won + lost)}</Td>
                  <Td numeric>{amount(won)}</Td>
                  <Td numeric>{amount(lost)}</Td>
                  <Td numeric>{amount(evaluation.tied)}</Td>
                  <Td numeric>{amount(evaluation.bothBad)}</Td>
                  <Td numeric>{amount(evaluation.waiting)}</Td>
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
