"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Interval } from "@/app/components/charts/interval";
import { FigureInfo, FigureName } from "@/app/components/figure";
import { useAddress } from "@/app/components/table/use-address";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Leaderboard } from "@/server/conclusion/schema";
import { rankWords } from "@/server/conclusion/words";
import { scaleOf } from "@/server/statistics/forest";
import { interval } from "@/server/statistics/share";
import { type LookAddress, lookAddress } from "./address";
import { Cautions } from "./cautions";
import { Control } from "./control";
import { DownloadButton } from "./download";
import { Fragility } from "./fragility";
import { ConclusionsHeader } from "./header";
import { Joint } from "./joint";
import { LookFilters } from "./look-filters";

type Group = Leaderboard["groups"][number];

const whole = (value: number | null) => (value === null ? "—" : amount(Math.round(value)));

/** Sources and models by the votes of people: who stands where, how sure that is, and what it rests on. */
export function LeaderboardPage({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const [look, { set }] = useAddress(lookAddress);
  const asked = useQuery({
    ...trpc.conclusion.leaderboard.queryOptions({ projectId, ...look }),
    placeholderData: keepPreviousData,
  });
  const board = asked.data;
  const { sourceUnknown = 0, sameSource = 0, repeated = 0 } = board?.leftOut ?? {};
  const leftOut = [
    sourceUnknown > 0 && `${amount(sourceUnknown)} without a source`,
    sameSource > 0 && `${amount(sameSource)} within one source`,
    repeated > 0 && `${amount(repeated)} judged again later`,
  ].filter((each) => each !== false);
  return (
    <>
      <ConclusionsHeader
        projectId={projectId}
        actions={
          board &&
          board.groups.length > 0 && (
            <>
              <DownloadButton projectId={projectId} look={look} file="leaderboard.csv">
                CSV
              </DownloadButton>
              <DownloadButton projectId={projectId} look={look} file="leaderboard.svg">
                Figure
              </DownloadButton>
            </>
          )
        }
      />
      {!board && (
        <p className="px-4 py-3 text-sm text-muted md:px-6">{asked.failureReason?.message ?? "Ranking…"}</p>
      )}
      {board && board.questions.length === 0 && (
        <Empty
          title="Nothing was compared yet"
          action={<NextStep href={`/projects/${projectId}/tasks`}>Look at the tasks</NextStep>}
        >
          The ranking follows from votes on responses of different sources. It is here as soon as somebody has
          judged.
        </Empty>
      )}
      {board?.question && (
        <div className="scroll-thin flex min-h-0 flex-1 flex-col gap-8 overflow-y-auto px-4 py-4 md:px-6">
          <div className="flex flex-col gap-2">
            <LookFilters board={board} look={look} onChange={set} />
            <p className="flex flex-wrap items-center gap-x-1 text-sm text-muted">
              {counted(board.votes, "vote")} of {counted(board.raters, "rater")} on{" "}
              {counted(board.prompts, "prompt")}
              {leftOut.length > 0 && `; left out: ${leftOut.join(", ")}`}
              <FigureInfo id="sourceVotes" />
            </p>
          </div>
          {board.groups.length === 0 &&
            (sourceUnknown + sameSource === 0 ? (
              <Empty title="No vote in this part">Choose another language or domain above.</Empty>
            ) : (
              <Empty
                title="No two sources were compared"
                action={<NextStep href={`/projects/${projectId}/import`}>Import responses</NextStep>}
              >
                Votes are here, but none compares responses of two known sources: the files they came from
                tell none, or one alone.
              </Empty>
            ))}
          {board.groups.length > 1 && (
            <p role="note" className="rounded-md bg-warn-wash px-3 py-2 text-sm">
              {board.groups.length} groups of sources never met one another, directly or by others. Each has a
              ranking of its own; nothing compares across.
            </p>
          )}
          {board.groups.map((group, i) => (
            <GroupSection
              key={group.standings.map(({ source }) => source).join()}
              group={group}
              title={board.groups.length > 1 ? `Ranking of group ${i + 1}` : "Ranking"}
            />
          ))}
          {board.groups.length > 0 && <Details projectId={projectId} look={look} board={board} />}
        </div>
      )}
    </>
  );
}

function NextStep({ href, children }: { href: string; children: string }) {
  return (
    <Button asChild variant="primary">
      <Link href={href}>{children}</Link>
    </Button>
  );
}

function GroupSection({ group, title }: { group: Group; title: string }) {
  const scale = scaleOf(group);
  return (
    <Section title={title}>
      <Table label={title}>
        <thead>
          <tr>
            <Th>
              <FigureName id="sourceRank" />
            </Th>
            <Th>Source</Th>
            <Th numeric>
              <FigureName id="sourceStrength">Points</FigureName>
            </Th>
            <Th>95 % interval</Th>
            <Th numeric>Won</Th>
            <Th numeric>Tied</Th>
            <Th numeric>Lost</Th>
          </tr>
        </thead>
        <tbody>
          {group.standings.map((each) => (
            <Tr key={each.source}>
              <Td className="tabular whitespace-nowrap">{rankWords(each)}</Td>
              <Td className="whitespace-nowrap">
                <bdi>{each.source}</bdi> {group.regularised && <Badge tone="warn">regularised</Badge>}
              </Td>
              <Td numeric>
                {whole(each.points)}{" "}
                <span className="text-muted">
                  {each.pointsLow === null
                    ? "no interval"
                    : `[${whole(each.pointsLow)}, ${whole(each.pointsHigh)}]`}
                </span>
              </Td>
              <Td>
                {each.points !== null && (
                  <Interval scale={scale} points={each.points} low={each.pointsLow} high={each.pointsHigh} />
                )}
              </Td>
              <Td numeric>{amount(each.won)}</Td>
              <Td numeric>{amount(each.tied)}</Td>
              <Td numeric>{amount(each.lost)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <Cautions of={group.cautions} />
      <p className="text-xs text-muted">
        {group.method}
        {group.tie !== null && `; ν = ${amount(group.tie)}`}
      </p>
      <h3 className="mt-2 text-sm font-medium">
        <FigureName id="winMatrix" />
      </h3>
      <Matrix group={group} title={title} />
    </Section>
  );
}

function Matrix({ group, title }: { group: Group; title: string }) {
  const { sources, winRate, games, low, high } = group.matrix;
  return (
    <Table label={`${title}: who beats whom`}>
      <thead>
        <tr>
          <Th>wins against</Th>
          {sources.map((source) => (
            <Th key={source} numeric>
              <bdi>{source}</bdi>
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sources.map((source, i) => (
          <Tr key={source}>
            <th
              scope="row"
              className="sticky start-0 whitespace-nowrap border-b bg-canvas px-3 py-1.5 text-start align-top font-normal group-last:border-b-0"
            >
              <bdi>{source}</bdi>
            </th>
            {sources.map((other, j) => {
              const rate = winRate[i][j];
              return (
                <Td key={other} numeric>
                  {rate === null ? (
                    <span className="text-muted">{i === j ? "" : "never met"}</span>
                  ) : (
                    <>
                      {interval(rate, { low: low[i][j], high: high[i][j] })}
                      <span className="block text-xs text-muted">of {amount(games[i][j])}</span>
                    </>
                  )}
                </Td>
              );
            })}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Details({ projectId, look, board }: { projectId: string; look: LookAddress; board: Leaderboard }) {
  const sources = board.groups.flatMap(({ standings }) => standings.map(({ source }) => source));
  return (
    <>
      <Control projectId={projectId} look={look} />
      <Fragility projectId={projectId} look={look} sources={sources} />
      {board.question && sources.length > 1 && (
        <Joint projectId={projectId} look={look} questionId={board.question.id} sources={sources} />
      )}
    </>
  );
}
