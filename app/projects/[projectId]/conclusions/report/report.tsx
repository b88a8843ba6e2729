"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Printer } from "lucide-react";
import { FigureInfo } from "@/app/components/figure";
import { useIsFigure } from "@/app/components/figure-names";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { cn } from "@/app/components/ui/cn";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import type { Block, Leaderboard } from "@/server/conclusion/schema";
import { strengthsSvg } from "@/server/statistics/forest";
import { lookAddress } from "../address";
import { DownloadButton } from "../download";
import { ConclusionsHeader } from "../header";
import { LookFilters } from "../look-filters";

/** The study on one page, as a paper tells it. Printed, it is the PDF. */
export function ReportPage({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [look, { set }] = useAddress(lookAddress);
  const { data, error } = useQuery({
    ...trpc.conclusion.report.queryOptions({ projectId, ...look }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <ConclusionsHeader
        projectId={projectId}
        actions={
          <>
            <DownloadButton projectId={projectId} look={look} file="report.md">
              Markdown
            </DownloadButton>
            <DownloadButton projectId={projectId} look={look} file="report.tex">
              LaTeX
            </DownloadButton>
            <Button onClick={() => window.print()}>
              <Printer aria-hidden="true" />
              Print or PDF
            </Button>
          </>
        }
      />
      {!data && <p className="px-4 py-3 text-sm text-muted md:px-6">{error?.message ?? "Writing…"}</p>}
      {data && (
        <article className="scroll-thin flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-4 py-4 md:px-6 print:block print:overflow-visible [&>*]:print:mb-4">
          <div className="print:hidden">
            <LookFilters board={data.leaderboard} look={look} onChange={set} />
          </div>
          <h2 className="hidden text-xl font-semibold print:block">{data.title}</h2>
          {data.sections.map(({ title, blocks }) => (
            <Section key={title} title={title}>
              {blocks.map((block) => (
                <BlockView
                  key={block.kind === "text" ? block.text : block.kind + block.caption}
                  block={block}
                  leaderboard={data.leaderboard}
                />
              ))}
            </Section>
          ))}
          <Section title="Methods">
            <ul className="flex list-disc flex-col gap-1 ps-5 text-sm">
              {data.methods.map(({ name, by, reference }) => (
                <li key={name}>
                  <strong className="font-medium">{name}</strong>: {reference}.{" "}
                  <span className="text-muted">{by}</span>
                </li>
              ))}
            </ul>
          </Section>
        </article>
      )}
    </>
  );
}

function BlockView({ block, leaderboard }: { block: Block; leaderboard: Leaderboard }) {
  const isFigure = useIsFigure();
  if (block.kind === "text") return <p className="max-w-prose text-sm">{block.text}</p>;
  if (block.kind === "strengths") {
    const svg = strengthsSvg([leaderboard.groups[block.group]], block.caption);
    return (
      // biome-ignore lint/performance/noImgElement: a picture that is made here, from no address
      <img
        alt={`${block.caption}; the numbers stand in the table above`}
        className="max-w-full rounded-md border"
        width={720}
        src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
      />
    );
  }
  return (
    <figure className="flex min-w-0 flex-col gap-1">
      <figcaption className="flex items-center gap-0.5 text-sm text-muted">
        {block.caption}
        {isFigure(block.figure) && <FigureInfo id={block.figure} />}
      </figcaption>
      <Table label={block.caption}>
        <thead>
          <tr>
            {block.head.map((name) => (
              <Th key={name}>{name}</Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row) => (
            <Tr key={row.join("\t")}>
              {row.map((cell, i) => (
                <Td
                  key={block.head[i]}
                  className={cn("tabular", i > 0 && "whitespace-nowrap print:whitespace-normal")}
                >
                  <bdi>{cell}</bdi>
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </figure>
  );
}
