"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { amount, counted, percent } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Stop } from "@/server/conclusion/schema";
import { interval } from "@/server/statistics/share";
import { Cautions } from "../cautions";
import { RuleDialog } from "./rule-dialog";

const STATES: Record<Stop["verdict"], { word: string; tone: "good" | "neutral" | "warn" }> = {
  better: { word: "decided", tone: "good" },
  worse: { word: "decided", tone: "good" },
  same: { word: "decided", tone: "good" },
  open: { word: "not yet", tone: "neutral" },
  hopeless: { word: "not within the budget", tone: "warn" },
  spent: { word: "budget spent", tone: "warn" },
};

/** During a study: whether a comparison may end, by a rule that was fixed before. */
export function Stopping({
  projectId,
  mayManage,
  questionId,
  sources,
}: {
  projectId: string;
  mayManage: boolean;
  questionId: string | null;
  sources: readonly string[];
}) {
  const trpc = useTRPC();
  const [fixing, setFixing] = useState(false);
  const { data, error } = useQuery(trpc.conclusion.stops.queryOptions({ projectId }));
  return (
    <Section title={<FigureName id="stopping">Stop: whether it may end</FigureName>}>
      {!data && <p className="text-sm text-muted">{error?.message ?? "Looking…"}</p>}
      {data?.length === 0 && (
        <p className="max-w-prose text-sm text-muted">
          No rule is fixed. Looking again and again at an ordinary interval finds differences that are none in
          every third study; a rule that is fixed before may be looked at after every vote.
          {sources.length < 2 &&
            " A rule compares two sources: import responses of two, each with its source, and fix it here."}
        </p>
      )}
      {data?.map((stop) => (
        <Comparison key={stop.rule.id} stop={stop} />
      ))}
      {mayManage && sources.length > 1 && (
        <div>
          <Button onClick={() => setFixing(true)}>Fix a stopping rule</Button>
        </div>
      )}
      {fixing && (
        <RuleDialog
          projectId={projectId}
          questionId={questionId}
          sources={sources}
          onClose={() => setFixing(false)}
        />
      )}
    </Section>
  );
}

function Comparison({ stop }: { stop: Stop }) {
  const { rule, earlier, verdict, says, cautions, winRate, low, high, prompts, begun, judgements } = stop;
  const { word, tone } = STATES[verdict];
  return (
    <article className="flex flex-col gap-2 rounded-md border p-3">
      <h3 className="flex flex-wrap items-center gap-2 text-sm font-medium">
        <bdi>{rule.source}</bdi> against <bdi>{rule.opponent}</bdi> <Badge tone={tone}>{word}</Badge>
      </h3>
      <p className="text-sm">{says}</p>
      <p className="text-sm text-muted tabular">
        {winRate === null
          ? "No win rate yet"
          : `Win rate ${interval(winRate, { low, high })}, valid whenever one looks`}
        ; {counted(prompts, "prompt")} known, {amount(begun)} begun; {amount(judgements)} of{" "}
        {amount(rule.budget)} judgements.
      </p>
      {stop.sequence.length > 1 && <Sequence stop={stop} />}
      <Cautions of={cautions} />
      <p className="text-xs text-muted">
        Fixed on {rule.createdAt.toLocaleDateString("en", { dateStyle: "medium" })}
        {rule.createdBy && ` by ${rule.createdBy}`}: error {percent(rule.alpha, 1)}
        {rule.smallest !== null && `, no difference within ${percent(rule.smallest, 1)} of one half`}.{" "}
        {rule.reason}
      </p>
      {earlier.length > 0 && (
        <details className="text-xs text-muted">
          <summary>{counted(earlier.length, "earlier rule")}</summary>
          <ul className="mt-1 flex flex-col gap-1">
            {earlier.map((each) => (
              <li key={each.createdAt.toISOString()}>
                {each.createdAt.toLocaleDateString("en", { dateStyle: "medium" })}
                {each.createdBy && ` by ${each.createdBy}`}: error {percent(each.alpha, 1)},{" "}
                {amount(each.budget)} judgements, fixed with {counted(each.promptsBefore, "prompt")} known.{" "}
                {each.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </article>
  );
}

/** The confidence sequence as it grew: a band that narrows, and one half that it leaves or does not. */
function Sequence({ stop: { sequence, prompts } }: { stop: Stop }) {
  const [width, height] = [320, 96];
  const x = (at: number) => (width * at) / prompts;
  const y = (share: number) => height * (1 - share);
  const line = (of: (point: Stop["sequence"][number]) => number) =>
    sequence.map((point) => `${x(point.prompts)},${y(of(point))}`);
  const band = [...line(({ low }) => low), ...line(({ high }) => high).reverse()].join(" ");
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="w-full max-w-md rounded-sm border"
      role="img"
      aria-label={`How the win rate and its interval grew over ${prompts} prompts; the line in the middle is one half`}
    >
      <polygon points={band} className="fill-accent-wash" />
      <line x1={0} x2={width} y1={y(0.5)} y2={y(0.5)} className="stroke-line-strong" strokeDasharray="4 3" />
      <polyline
        points={line(({ winRate }) => winRate).join(" ")}
        className="fill-none stroke-accent"
        strokeWidth={1.5}
      />
    </svg>
  );
}
