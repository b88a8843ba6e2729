"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { FigureInfo } from "@/app/components/figure";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { passText } from "../../../data/words";

/** Rows that models made: of which run, how many of them a person looked at, and what share of those passed. */
export function DataRunsBehind({ projectId, versionId }: { projectId: string; versionId: string }) {
  const trpc = useTRPC();
  const behind = useQuery(trpc.construction.behind.queryOptions({ projectId, versionId }));
  if (!behind.data?.length) return null;
  return (
    <Section title="Made by data runs">
      <Table label="Made by data runs">
        <thead>
          <tr>
            <Th>Run</Th>
            <Th numeric aside={<FigureInfo id="versionDataRuns" />}>
              Rows
            </Th>
            <Th numeric>Looked at</Th>
            <Th numeric aside={<FigureInfo id="dataRunPass" />}>
              Passed by people
            </Th>
          </tr>
        </thead>
        <tbody>
          {behind.data.map(({ runId, title, rows, reviewed, audit }) => (
            <Tr key={runId}>
              <Td>
                <Link href={`/projects/${projectId}/data/${runId}`} className="font-medium hover:underline">
                  {title}
                </Link>
              </Td>
              <Td numeric>{amount(rows)}</Td>
              <Td numeric>{amount(reviewed)}</Td>
              <Td numeric>{passText(audit)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
