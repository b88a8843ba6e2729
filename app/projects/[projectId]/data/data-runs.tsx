"use client";
import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import { isOver, RunBadge } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { DataRunRow, MethodEntry } from "@/server/construction/schema";
import { needsOf, passText, waitingOf } from "./words";

/** Loaded when a method is chosen. */
const DataForm = dynamic(() => import("./data-form").then((form) => form.DataForm));

/** While a run makes candidates, the page asks so often how far it is. */
const ASK_MS = 5000;

/** The data runs of a project, and the ways in which another one can be made. */
export function DataRuns({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const [method, setMethod] = useState<MethodEntry | null>(null);
  const runs = useQuery(
    trpc.construction.list.queryOptions(
      { projectId },
      { staleTime: 0, refetchInterval: ({ state }) => (state.data?.every(isOver) ? false : ASK_MS) },
    ),
  );
  const methods = useQuery(trpc.construction.methods.queryOptions({ projectId }));
  const error = runs.error ?? methods.error;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title="Data runs">
        <p className="text-sm text-muted">
          Training data made by models, filtered, and looked at by people before anything is trained on it.
        </p>
      </PageHeader>
      {error && (
        <p role="alert" className="px-4 text-sm text-bad md:px-6">
          {error.message}
        </p>
      )}
      {runs.data?.length === 0 && (
        <Empty icon={<FlaskConical />} title="No data was made here yet">
          {mayManage
            ? "Choose a method below, name the model that writes, and try ten rows: they show what it makes, what filters drop, and what it costs."
            : "A manager makes candidates; you then accept, edit or reject them here."}
        </Empty>
      )}
      {runs.data && runs.data.length > 0 && <Runs projectId={projectId} runs={runs.data} />}
      {mayManage && (
        <div className="px-4 pt-8 md:px-6">
          <Section title="Methods">
            <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
              {methods.data?.map((one) => (
                <li key={one.id} className="flex flex-col gap-2 rounded-lg border bg-surface p-3 text-sm">
                  <div className="flex flex-wrap items-center gap-2">
                    <h3 className="font-semibold">{one.title}</h3>
                    <Badge>{one.makes === "pairs" ? "pairs" : "demonstrations"}</Badge>
                  </div>
                  <p>{one.says}</p>
                  <p className="text-muted">{one.use}</p>
                  <p className="text-xs text-muted">Needs {needsOf(one)}.</p>
                  <div className="mt-auto flex flex-wrap items-center justify-between gap-2 pt-1">
                    <span className="text-xs text-muted">{one.source}</span>
                    <Button onClick={() => setMethod(one)} aria-label={`Use ${one.title}`}>
                      Use
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          </Section>
        </div>
      )}
      {method && <DataForm projectId={projectId} method={method} onClose={() => setMethod(null)} />}
    </div>
  );
}

function Runs({ projectId, runs }: { projectId: string; runs: readonly DataRunRow[] }) {
  return (
    <Table label="Data runs">
      <thead>
        <tr>
          <Th>Run</Th>
          <Th>State</Th>
          <Th numeric aside={<FigureInfo id="dataRunKept" />}>
            Kept
          </Th>
          <Th numeric>To look at</Th>
          <Th numeric aside={<FigureInfo id="dataRunPass" />}>
            Passed by people
          </Th>
          <Th numeric aside={<FigureInfo id="dataRunUsed" />}>
            Used
          </Th>
          <Th>Started</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map(({ runId, title, status, kept, dropped, audit, used, createdAt }) => (
          <Tr key={runId}>
            <Td className="min-w-40">
              <Link href={`/projects/${projectId}/data/${runId}`} className="font-medium hover:underline">
                {title}
              </Link>
            </Td>
            <Td>
              <RunBadge status={status} />
            </Td>
            <Td numeric>
              {amount(kept)} <span className="text-muted">of {amount(kept + dropped)}</span>
            </Td>
            <Td numeric>{amount(waitingOf(audit))}</Td>
            <Td numeric>{passText(audit)}</Td>
            <Td numeric>{counted(used, "row")}</Td>
            <Td className="whitespace-nowrap text-muted">
              <When at={createdAt} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
