"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import type { AddressReader } from "@/app/components/table/address";
import { useAddress } from "@/app/components/table/use-address";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Empty } from "@/app/components/ui/empty";
import { Select } from "@/app/components/ui/field";
import { When } from "@/app/components/ui/when";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Assembly } from "@/db/shape/judge";
import type { JudgeVersion } from "@/server/judge/schema";
import { answeredBy, memberName } from "../words";
import { Card } from "./card";
import { Verdicts } from "./verdicts";

/** Loaded when the first one is opened. */
const AssemblyForm = dynamic(() => import("../assembly-form").then((form) => form.AssemblyForm));
const JudgeForm = dynamic(() => import("../judge-form").then((form) => form.JudgeForm));
const StartJudging = dynamic(() => import("./start-judging").then((form) => form.StartJudging));
const SuccessorForm = dynamic(() => import("./successor").then((form) => form.SuccessorForm));

/** While a run may be going on, the page asks so often how far it is. */
const ASK_MS = 5000;

const judgeAddress = (address: AddressReader) => ({ version: address.id("version") });

/** One judge: what a version of it is worth, how it is asked, what it said last, and what can be done with it. */
export function JudgePage({
  projectId,
  judgeId,
  mayManage,
}: {
  projectId: string;
  judgeId: string;
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [address, { visit }] = useAddress(judgeAddress);
  const [open, setOpen] = useState<"revise" | "run" | "try" | "words" | "succeed" | "archive" | null>(null);
  // What a run has been told since shows when one comes back from it, and while one stays.
  const fresh = { staleTime: 0, refetchInterval: ASK_MS };
  const judge = useQuery(trpc.judge.get.queryOptions({ projectId, judgeId }, fresh));
  const archive = useMutation(
    trpc.judge.archive.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.judge.list.queryKey({ projectId }) });
        router.push(`/projects/${projectId}/judges`);
      },
    }),
  );
  if (!judge.data) return <PageHeader title="Judge">{judge.error?.message}</PageHeader>;
  const { name, versions, archivedAt } = judge.data;
  const version = versions.find(({ id }) => id === address.version) ?? versions[0];
  if (!version) return <PageHeader title={name} />;
  const isUsed = mayManage && archivedAt === null;
  const start = (
    <>
      <Button onClick={() => setOpen("try")}>Try on ten</Button>
      <Button variant="primary" onClick={() => setOpen("run")}>
        Judge tasks
      </Button>
    </>
  );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={name}
        actions={
          isUsed && (
            <>
              <Button onClick={() => setOpen("revise")}>Edit as a new version</Button>
              {version.asked > 0 && (version.rubric?.paraphrases ?? []).length > 0 && (
                <Button onClick={() => setOpen("words")}>Ask in other words</Button>
              )}
              {version.asked > 0 && !version.assembly && (
                <Button onClick={() => setOpen("succeed")}>Ask a successor</Button>
              )}
              {start}
              <Button variant="ghost" onClick={() => setOpen("archive")}>
                Take out of use
              </Button>
            </>
          )
        }
      >
        <div className="flex flex-wrap items-center gap-2 text-sm text-muted">
          {versions.length > 1 ? (
            <Select
              aria-label="Version"
              className="w-auto"
              value={version.id}
              onChange={({ target }) => visit({ version: target.value })}
            >
              {versions.map((one) => (
                <option key={one.id} value={one.id}>
                  version {one.version}
                </option>
              ))}
            </Select>
          ) : (
            <span>version {version.version}</span>
          )}
          <span>
            {answeredBy(version)}, made <When at={version.createdAt} />
          </span>
          {archivedAt && <Badge tone="warn">out of use</Badge>}
        </div>
      </PageHeader>
      <div className="flex flex-col gap-10 px-4 md:px-6">
        {version.asked === 0 ? (
          <Empty title="It has judged nothing yet" action={isUsed && start}>
            What it is worth shows on tasks that people have judged: 100 to 200 of them, of all languages and
            domains, and some by two people.
          </Empty>
        ) : (
          <Card projectId={projectId} version={version} />
        )}
        <HowAsked version={version} />
        <Verdicts projectId={projectId} judgeVersionId={version.id} asked={version.asked} />
      </div>
      {open === "revise" && version.assembly && (
        <AssemblyForm
          projectId={projectId}
          from={version}
          onClose={() => setOpen(null)}
          onMade={({ judgeVersionId }) => visit({ version: judgeVersionId })}
        />
      )}
      {open === "revise" && !version.assembly && (
        <JudgeForm
          projectId={projectId}
          from={version}
          onClose={() => setOpen(null)}
          onMade={({ judgeVersionId }) => visit({ version: judgeVersionId })}
        />
      )}
      {(open === "run" || open === "try" || open === "words") && (
        <StartJudging
          projectId={projectId}
          version={version}
          isTry={open === "try"}
          words={open === "words" ? "paraphrases" : "rubric"}
          onClose={() => setOpen(null)}
        />
      )}
      {open === "succeed" && (
        <SuccessorForm projectId={projectId} version={version} onClose={() => setOpen(null)} />
      )}
      <Dialog
        open={open === "archive"}
        onOpenChange={() => setOpen(null)}
        title={`Take ${name} out of use?`}
        description="It judges no further tasks. What it judged stays, and so do its cards."
        footer={
          <>
            <Button onClick={() => setOpen(null)}>Cancel</Button>
            <Button
              variant="danger"
              busy={archive.isPending}
              onClick={() => archive.mutate({ projectId, judgeId })}
            >
              Take out of use
            </Button>
          </>
        }
      />
    </div>
  );
}

/** How the members of a judge of judges come to one verdict, member by member. */
function membersAsked({ members }: JudgeVersion, assembly: Assembly): [string, string][] {
  const kin = (family: string | null) =>
    family ? `; sits out where a response is of its kin: ${family}` : "";
  const rule: [string, string] =
    assembly.kind === "panel"
      ? [
          "Panel",
          `${assembly.combines === "majority" ? "what most members say" : "the mean of their calibrated probabilities decides"}; more than half must give a verdict`,
        ]
      : [
          "Cascade",
          `a verdict stands where it is surely right in ${amount(100 * assembly.wanted)} % of people’s votes; else the next is asked`,
        ];
  return [
    rule,
    ...members.map((member, place): [string, string] => [
      memberName(member),
      `probabilities × ${amount(assembly.slopes[place])} on the logit scale${
        assembly.kind === "cascade" && place < assembly.thresholds.length
          ? `; settles from a sureness of ${amount(assembly.thresholds[place])} on`
          : ""
      }${kin(member.family)}`,
    ]),
  ];
}

/** All that decides what a version says, as it was set. */
function HowAsked({ version }: { version: JudgeVersion }) {
  const { rubric, sampling, orders, settles, verdictBy, family } = version;
  const same: [string, string][] = [
    ["Orders", orders === "both" ? "both" : "one, drawn for each task"],
    ["Where orders differ", settles === "strict" ? "a tie" : "the mean probability decides"],
  ];
  const facts: [string, string][] = version.assembly
    ? [...membersAsked(version, version.assembly), ...same]
    : [
        ["Verdict", verdictBy],
        ...same,
        ["Samples", `${sampling.samples} at temperature ${sampling.temperature}, seed ${sampling.seed}`],
        ["Longest reply", `${sampling.maxTokens} tokens`],
        ["Does not judge", family ? `responses of its own kin: ${family}` : "—"],
      ];
  return (
    <details className="max-w-3xl">
      <summary className="cursor-pointer text-sm font-semibold">How it is asked</summary>
      <div className="flex flex-col gap-3 pt-2 text-sm">
        {rubric && (
          <p dir="auto" className="whitespace-pre-wrap rounded-md bg-sunken p-3">
            {rubric.criteria}
          </p>
        )}
        {(rubric?.paraphrases ?? []).map((text, index) => (
          <div key={text}>
            <p className="text-muted">In other words, {index + 1}</p>
            <p dir="auto" className="whitespace-pre-wrap rounded-md bg-sunken p-3">
              {text}
            </p>
          </div>
        ))}
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </details>
  );
}
