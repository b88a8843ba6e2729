"use client";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Gavel } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Checkbox } from "@/app/components/ui/field";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted, dollars, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { JudgeCard } from "@/server/judge/card-schema";
import { answeredBy, known, Role, Verdict } from "./words";

/** Loaded when the first one is opened. */
const AssemblyForm = dynamic(() => import("./assembly-form").then((form) => form.AssemblyForm));
const JudgeForm = dynamic(() => import("./judge-form").then((form) => form.JudgeForm));
const PolicyForm = dynamic(() => import("./policy-form").then((form) => form.PolicyForm));

/** The judges of a project: what each is worth, beside people, and what it costs. */
export function Judges({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [open, setOpen] = useState<"new" | "assembly" | "policy" | null>(null);
  const [isArchived, setArchived] = useState(false);
  const judges = useQuery(trpc.judge.list.queryOptions({ projectId, which: isArchived ? "all" : "in_use" }));
  const policy = useQuery(trpc.judge.policy.queryOptions({ projectId }));
  const out = new Set((judges.data ?? []).flatMap(({ id, archivedAt }) => (archivedAt ? [id] : [])));
  const newest = (judges.data ?? []).flatMap(({ versions }) => versions[0] ?? []);
  const cards = useQueries({
    queries: newest.map(({ id }) => trpc.judge.card.queryOptions({ projectId, judgeVersionId: id })),
  });
  const add = mayManage && (
    <Button variant="primary" onClick={() => setOpen("new")}>
      New judge
    </Button>
  );
  const archived = (
    // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
    <label className="flex items-center gap-2 text-sm text-muted">
      <Checkbox checked={isArchived} onCheckedChange={(on) => setArchived(on === true)} />
      Also those out of use
    </label>
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title="Judges"
        actions={
          newest.length > 0 && (
            <>
              {mayManage && newest.length > 1 && (
                <Button onClick={() => setOpen("assembly")}>New panel or cascade</Button>
              )}
              {mayManage && policy.data && <Button onClick={() => setOpen("policy")}>What judges may</Button>}
              {add}
            </>
          )
        }
      >
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
          {newest.length > 0 && (
            <p className="text-sm text-muted">
              {counted(newest.length, "judge")}. Figures are of the newest version of each.
            </p>
          )}
          {archived}
        </div>
      </PageHeader>
      {judges.error && (
        <p role="alert" className="px-4 text-sm text-bad md:px-6">
          {judges.error.message}
        </p>
      )}
      {judges.data && newest.length === 0 ? (
        <Empty icon={<Gavel />} title="No model judges here yet" action={add}>
          A judge is a model that answers a question of the form, as raters do, and takes nobody’s seat. Let
          it judge what people have judged, and its card says whether it is worth anything before anybody uses
          a word of it.
        </Empty>
      ) : (
        <Table label="Judges">
          <thead>
            <tr>
              <Th>Judge</Th>
              <Th>Answered by</Th>
              <Th>It may</Th>
              <Th>What its card says</Th>
              <Th numeric aside={<FigureInfo id="judgeKappa" />}>
                κ with people
              </Th>
              <Th numeric>κ of two people</Th>
              <Th numeric aside={<FigureInfo id="judgeConsistency" />}>
                Same when swapped
              </Th>
              <Th numeric aside={<FigureInfo id="judgeEffort" />}>
                Cost a task
              </Th>
              <Th numeric aside={<FigureInfo id="judgeItems" />}>
                Judged
              </Th>
            </tr>
          </thead>
          <tbody>
            {newest.map((version, at) => {
              const card = cards[at]?.data;
              const beside = card?.pairs?.besidePeople ?? card?.scales[0]?.besidePeople;
              const consistency = card?.pairs?.sway.consistency ?? card?.scales[0]?.consistency;
              return (
                <Tr key={version.id}>
                  <Td>
                    <Link
                      href={`/projects/${projectId}/judges/${version.judgeId}`}
                      className="font-medium hover:underline"
                    >
                      {version.name}
                    </Link>{" "}
                    <span className="text-muted">v{version.version}</span>{" "}
                    {out.has(version.judgeId) && <Badge tone="warn">out of use</Badge>}
                  </Td>
                  <Td className="text-muted">{answeredBy(version)}</Td>
                  <Td className="whitespace-nowrap">{card && <Role standing={card.standing} />}</Td>
                  <Td className="min-w-64">{card && <Verdict card={card} />}</Td>
                  <Td numeric>{beside ? known(beside.kappa) : "—"}</Td>
                  <Td numeric>{beside ? known(beside.shared.kappa.people) : "—"}</Td>
                  <Td numeric>
                    {consistency && consistency.estimate !== null ? percent(consistency.estimate, 1) : "—"}
                  </Td>
                  <Td numeric>{card ? costOf(card.effort) : "—"}</Td>
                  <Td numeric>{card ? amount(card.judged) : "—"}</Td>
                </Tr>
              );
            })}
          </tbody>
        </Table>
      )}
      {open === "policy" && policy.data && (
        <PolicyForm
          projectId={projectId}
          policy={policy.data}
          versions={(judges.data ?? []).flatMap(({ archivedAt, versions }) => (archivedAt ? [] : versions))}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "assembly" && (
        <AssemblyForm
          projectId={projectId}
          onClose={() => setOpen(null)}
          onMade={({ judgeId }) => router.push(`/projects/${projectId}/judges/${judgeId}`)}
        />
      )}
      {open === "new" && (
        <JudgeForm
          projectId={projectId}
          onClose={() => setOpen(null)}
          onMade={({ judgeId }) => router.push(`/projects/${projectId}/judges/${judgeId}`)}
        />
      )}
    </div>
  );
}

const costOf = ({ costPerTask, unpriced }: JudgeCard["effort"]) =>
  costPerTask === null ? "—" : `${unpriced > 0 ? "≥ " : ""}${dollars(costPerTask)}`;
