import Link from "next/link";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { amount, counted } from "@/app/components/units";
import type { ClusterNode, ClusterState } from "@/server/cluster/schema";

/** What the cluster answered last, and the button that asks again. */
export function State({
  state,
  problem,
  busy,
  onTest,
}: {
  state: ClusterState | null;
  problem?: string;
  busy: boolean;
  onTest: () => void;
}) {
  const wrong = problem ?? (state?.answers === false ? state.problem : undefined);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2" aria-live="polite">
        <Button busy={busy} onClick={onTest}>
          Test connection
        </Button>
        {wrong && (
          <p className="max-w-prose">
            <Badge tone="bad">no answer</Badge> {wrong}
          </p>
        )}
        {!wrong && state?.answers && (
          <p className="tabular-nums">
            <Badge tone="good">answers</Badge> Ray {state.rayVersion}, in {amount(state.milliseconds)} ms ·{" "}
            {counted(state.nodes.length, "machine")} ·{" "}
            {["CPU", "GPU"].map((name) => free(state.usage, state.nodes, name)).join(" · ")}
          </p>
        )}
        {!wrong && !state && <p className="text-muted">The cluster is asked…</p>}
      </div>
      {!wrong && state?.answers && (
        <>
          <Machines nodes={state.nodes} />
          <Jobs jobs={state.jobs} />
        </>
      )}
    </div>
  );
}

const totalOf = (nodes: readonly ClusterNode[], name: string) =>
  nodes.reduce((sum, { total }) => sum + (total[name] ?? 0), 0);

/** `3 of 4 CPU free` */
function free(
  usage: Record<string, { used: number; total: number }>,
  nodes: readonly ClusterNode[],
  name: string,
): string {
  const total = totalOf(nodes, name);
  return `${amount(total - (usage[name]?.used ?? 0))} of ${amount(total)} ${name} free`;
}

function Machines({ nodes }: { nodes: readonly ClusterNode[] }) {
  return (
    <Table label="Machines of the cluster">
      <thead>
        <tr>
          <Th>Machine</Th>
          <Th className="text-end">CPU</Th>
          <Th className="text-end">GPU</Th>
          <Th>Id</Th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ id, name, isHead, total }) => (
          <Tr key={id}>
            <Td className="font-medium">
              <span className="flex items-center gap-1">
                {name} {isHead && <Badge>head</Badge>}
              </span>
            </Td>
            <Td className="text-end tabular-nums">{amount(total.CPU ?? 0)}</Td>
            <Td className="text-end tabular-nums">{amount(total.GPU ?? 0)}</Td>
            <Td>
              <code>{id.slice(0, 12)}</code>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Jobs({ jobs }: { jobs: Extract<ClusterState, { answers: true }>["jobs"] }) {
  if (jobs.length === 0) return <p className="text-muted">None of our runs is there now.</p>;
  return (
    <Table label="Our jobs on the cluster">
      <thead>
        <tr>
          <Th>Run</Th>
          <Th>State</Th>
          <Th>Since</Th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(({ submissionId, status, runId, projectId, title, startedAt }) => (
          <Tr key={submissionId}>
            <Td className="font-medium">
              {runId && projectId ? (
                <Link href={`/projects/${projectId}/runs/${runId}`} className="hover:underline">
                  {title}
                </Link>
              ) : (
                <code>{submissionId}</code>
              )}
            </Td>
            <Td>
              <Badge tone={status === "RUNNING" ? "good" : "neutral"}>{status.toLowerCase()}</Badge>
            </Td>
            <Td>{startedAt ? <When at={startedAt} /> : "—"}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
