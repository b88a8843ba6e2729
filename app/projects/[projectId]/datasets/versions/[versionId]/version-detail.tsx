"use client";
import { useQueries, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { Histogram } from "@/app/components/charts/histogram";
import { FigureInfo, FigureName } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Code } from "@/app/components/ui/scroll-box";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { DatasetManifest, Proportion } from "@/db/shape/dataset";
import { type Split, splits } from "@/db/shape/dataset-kinds";
import { leftOutLines } from "@/server/dataset/schema";
import type { FigureId } from "@/server/figure/schema";
import { coefficientText } from "@/server/statistics/estimate";
import { shareText } from "@/server/statistics/share";
import { kindNames } from "../../kinds";
import { DataRunsBehind } from "./data-runs";
import { ExportForm } from "./export-form";
import { Samples } from "./samples";

/** What is in a frozen version, how it was made, and what changed from the one before. */
export function VersionDetail({ projectId, versionId }: { projectId: string; versionId: string }) {
  const trpc = useTRPC();
  const [exporting, setExporting] = useState(false);
  const version = useQuery(trpc.dataset.version.queryOptions({ projectId, versionId }));
  const dataset = useQuery(
    trpc.dataset.get.queryOptions(
      { projectId, datasetId: version.data?.datasetId ?? "" },
      { enabled: version.data !== undefined },
    ),
  );
  if (!version.data) return <PageHeader title="Version">{version.error?.message}</PageHeader>;
  const { manifest, recipe, sha256, rows, createdAt } = version.data;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title={
          <>
            {dataset.data && (
              <Link href={`/projects/${projectId}/datasets/${dataset.data.id}`} className="hover:underline">
                {dataset.data.name}
              </Link>
            )}{" "}
            v{version.data.version}
          </>
        }
        actions={
          <>
            <Button onClick={() => setExporting(true)}>Export</Button>
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/datasets/versions/${versionId}/train`}>Train</Link>
            </Button>
          </>
        }
      >
        <p className="text-sm text-muted">
          {kindNames[manifest.kind]} · {amount(rows)} rows · frozen{" "}
          <time dateTime={createdAt.toISOString()} suppressHydrationWarning>
            {createdAt.toLocaleString()}
          </time>
        </p>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <p className="break-all font-mono text-xs text-muted">sha256:{sha256}</p>
        {recipe && <HeldOut manifest={manifest} split={recipe.split} />}
        <Measures manifest={manifest} />
        <CountedJudges projectId={projectId} manifest={manifest} />
        <LeftOut manifest={manifest} />
        <DataRunsBehind projectId={projectId} versionId={versionId} />
        <Change projectId={projectId} versionId={versionId} />
        <TrainedOnIt projectId={projectId} versionId={versionId} />
        <div className="grid gap-8 xl:grid-cols-2">
          <Lengths manifest={manifest} />
          <Wins manifest={manifest} />
        </div>
        <Section title="Samples">
          <Samples projectId={projectId} versionId={versionId} />
        </Section>
        <Section title="Recipe">
          {recipe ? (
            <Code>{JSON.stringify(recipe, null, 2)}</Code>
          ) : (
            <p role="alert" className="text-bad">
              Another release of Concord stored this version's recipe, and this one cannot read it. Its rows
              and hash stand; update Concord to see the recipe and to export the version.
            </p>
          )}
        </Section>
      </div>
      <ExportForm projectId={projectId} versionId={versionId} open={exporting} onOpenChange={setExporting} />
    </div>
  );
}

/** Says which splits were asked for and got nothing: prompts are drawn one by one, so few of them may all fall on one side. */
function HeldOut({
  manifest: { rows, prompts },
  split,
}: {
  manifest: DatasetManifest;
  split: Readonly<Record<Split, number>>;
}) {
  const empty = splits.filter((name) => split[name] > 0 && !rows[name]);
  if (empty.length === 0) return null;
  return (
    <p role="status" className="max-w-prose rounded-md bg-warn-wash px-3 py-2 text-sm text-warn">
      {`No row fell into ${empty.join(" and ")}: each of the ${amount(prompts)} prompts is drawn by itself, and there are few. `}
      {empty.includes("train")
        ? "Nothing can be trained on this version."
        : "A model trained on it is not measured on rows it has not seen there."}{" "}
      Freeze again with a larger share, another seed of the split, or more judgements.
    </p>
  );
}

function Measures({ manifest }: { manifest: DatasetManifest }) {
  const counts = (record: Record<string, number>) =>
    Object.entries(record)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${amount(count)}`)
      .join(", ") || "—";
  const { rows, questions = [] } = manifest;
  return (
    <dl className="grid max-w-4xl grid-cols-1 gap-x-6 gap-y-1 text-sm sm:grid-cols-[max-content_1fr]">
      <Measure name={<FigureName id="versionRows" />}>
        train {amount(rows.train ?? 0)}, validation {amount(rows.validation ?? 0)}, test{" "}
        {amount(rows.test ?? 0)}
      </Measure>
      <Measure name={<FigureName id="versionPrompts" />}>{amount(manifest.prompts)}</Measure>
      <Measure name={<FigureName id="versionGround" />}>
        {amount(manifest.annotations)} by {counted(manifest.raters, "annotator")}
      </Measure>
      {questions.length > 0 && (
        <Measure name="Question">{questions.map(({ label }) => label).join("; ")}</Measure>
      )}
      <Share id="versionAgreement" of="comparison" share={manifest.agreement} />
      {manifest.alpha && (
        <Measure name={<FigureName id="versionAlpha" />}>
          {coefficientText(manifest.alpha)}
          {manifest.alpha.estimate !== null && ` over ${counted(manifest.alpha.n, "prompt")}`}
        </Measure>
      )}
      <Share id="versionFirstShown" of="vote" share={manifest.firstShownWins} />
      {manifest.raterModel && <Measure name="Model of raters">{manifest.raterModel}</Measure>}
      {manifest.effectiveRows !== undefined && (
        <Measure name={<FigureName id="effectiveRows" />}>{amount(manifest.effectiveRows)}</Measure>
      )}
      {manifest.chosenLonger.of > 0 && <Share id="chosenLonger" of="row" share={manifest.chosenLonger} />}
      {manifest.positive.of > 0 && <Share id="labelledGood" of="row" share={manifest.positive} />}
      {(manifest.oppositeReplies?.of ?? 0) > 0 && (
        <Share id="oppositeReplies" of="reply" share={manifest.oppositeReplies} />
      )}
      {(manifest.oppositeTexts?.of ?? 0) > 0 && (
        <Share id="oppositeTexts" of="comparison" share={manifest.oppositeTexts} />
      )}
      <Measure name="Languages">{counts(manifest.languages)}</Measure>
      <Measure name="Domains">{counts(manifest.domains)}</Measure>
    </dl>
  );
}

function Measure({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted">{name}</dt>
      <dd className="tabular max-sm:mb-1">{children}</dd>
    </div>
  );
}

/** A share of things of which those of one prompt are not independent, so that its interval counts prompts. */
function Share({
  id,
  of,
  share = { of: 0, count: 0 },
}: {
  id: FigureId;
  of: string;
  share: Proportion | undefined;
}) {
  const things = share.of === 1 ? of : of === "reply" ? "replies" : `${of}s`;
  return (
    <Measure name={<FigureName id={id} />}>
      {share.of === 0 ? (
        "—"
      ) : (
        <>
          {shareText(share)} {things}
          {share.interval && (
            <span className="text-muted"> on {counted(share.interval.prompts, "prompt")}</span>
          )}
        </>
      )}
    </Measure>
  );
}

/** The judges whose judgements count, what they might when it was frozen, and whether they still may. */
function CountedJudges({
  projectId,
  manifest: { judges = [], despite },
}: {
  projectId: string;
  manifest: DatasetManifest;
}) {
  const trpc = useTRPC();
  const now = useQueries({
    queries: judges.map(({ judgeVersionId }) =>
      trpc.judge.card.queryOptions({ projectId, judgeVersionId }, { retry: false }),
    ),
  });
  if (judges.length === 0) return null;
  return (
    <Section title="Judges that count">
      <ul className="flex max-w-prose flex-col gap-1 text-sm">
        {judges.map(({ judgeVersionId, judgeId, name, role, lacks }, at) => {
          const standing = now[at]?.data?.standing;
          return (
            <li key={judgeVersionId} className="text-pretty">
              <Link
                href={`/projects/${projectId}/judges/${judgeId}?version=${judgeVersionId}`}
                className="text-accent hover:underline"
              >
                {name}
              </Link>
              {role === "label" ? " might label when this was frozen" : ` might not label: ${lacks}`}.
              {role === "label" && standing && standing.role !== "label" && (
                <span className="text-warn">
                  {" "}
                  It may no longer: its card or the project’s policy changed since.
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {despite && (
        <p dir="auto" className="max-w-prose text-sm">
          Why they count all the same: “{despite}”
        </p>
      )}
    </Section>
  );
}

/** Each rule of the recipe that left something out, and how much. */
function LeftOut({ manifest }: { manifest: DatasetManifest }) {
  const lines = leftOutLines(manifest.dropped);
  return (
    <Section title={<FigureName id="versionLeftOut" />}>
      {lines.length === 0 ? (
        <p className="text-sm text-muted">Nothing that the filters admit was left out.</p>
      ) : (
        <Table label="Left out, and why">
          <thead>
            <tr>
              <Th>Why</Th>
              <Th numeric>Left out</Th>
              <Th>Of what</Th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ of, why, count }) => (
              <Tr key={why}>
                <Td>{why}</Td>
                <Td numeric>{amount(count)}</Td>
                <Td>{of}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Change({ projectId, versionId }: { projectId: string; versionId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.dataset.diff.queryOptions({ projectId, versionId }));
  if (!data) return null;
  return (
    <p className="text-sm">
      Against{" "}
      <Link
        href={`/projects/${projectId}/datasets/versions/${data.previousId}`}
        className="text-accent hover:underline"
      >
        v{data.previousVersion}
      </Link>
      : <span className="text-good">+{amount(data.added)} rows</span>,{" "}
      <span className="text-bad">−{amount(data.removed)}</span>, {amount(data.changed)} with other votes,{" "}
      {amount(data.moved)} moved to another split. <FigureInfo id="versionChange" />
    </p>
  );
}

/** Where the rows went: an annotation leads forward to the models it touched. */
function TrainedOnIt({ projectId, versionId }: { projectId: string; versionId: string }) {
  const trpc = useTRPC();
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const trained = models.data?.filter((model) => model.versionId === versionId) ?? [];
  if (trained.length === 0) return null;
  return (
    <p className="text-sm">
      Trained on it:{" "}
      {trained.map(({ id, name }, i) => (
        <span key={id}>
          {i > 0 && ", "}
          <Link href={`/projects/${projectId}/models/${id}`} className="text-accent hover:underline">
            {name}
          </Link>
        </span>
      ))}
    </p>
  );
}

function Lengths({ manifest: { lengths } }: { manifest: DatasetManifest }) {
  const count = Math.max(lengths.chosen.length, lengths.rejected.length);
  const bins = Array.from({ length: count }, (_, i) => `<${amount(2 ** (i + 4))}`);
  const series = [
    { name: "chosen", fill: "fill-good", values: lengths.chosen },
    { name: "rejected", fill: "fill-bad", values: lengths.rejected },
  ].filter(({ values }) => values.length > 0);
  return (
    <Histogram
      title="Length of the replies"
      figure="replyLengths"
      unit="characters"
      bins={bins}
      series={series}
    />
  );
}

function Wins({ manifest: { wins } }: { manifest: DatasetManifest }) {
  const sources = Object.entries(wins).sort(([, a], [, b]) => b.count / b.of - a.count / a.of);
  if (sources.length === 0) return null;
  return (
    <Section title="Votes won, by source">
      <Table label="Votes won, by source">
        <thead>
          <tr>
            <Th>Source</Th>
            <Th numeric>Won</Th>
            <Th numeric>
              <FigureName id="votesWon">Share</FigureName>
            </Th>
          </tr>
        </thead>
        <tbody>
          {sources.map(([source, won]) => (
            <Tr key={source}>
              <Td>{source}</Td>
              <Td numeric>{amount(won.count)}</Td>
              <Td numeric>{shareText(won)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
