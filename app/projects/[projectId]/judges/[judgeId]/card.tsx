"use client";
import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import Link from "next/link";
import { Forest } from "@/app/components/charts/forest";
import { ReliabilityPlot } from "@/app/components/charts/reliability";
import { Figure, FigureName } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import { languageName } from "@/app/components/ui/language";
import { Section } from "@/app/components/ui/section";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { When } from "@/app/components/ui/when";
import { amount, counted, dollars, duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { CardEstimate, CardShare, JudgeCard } from "@/server/judge/card-schema";
import type { ListedVersion } from "@/server/judge/schema";
import { coefficientText } from "@/server/statistics/estimate";
import { shareText } from "@/server/statistics/share";
import { known, memberName, Role, roles, weights } from "../words";

/** A card that more replies have come since is reckoned anew so often. */
const RECKON_MS = 10_000;

type Pairs = NonNullable<JudgeCard["pairs"]>;
type Beside = Pairs["besidePeople"];

const shareOf = (share: CardShare) => shareText({ count: share.count, of: share.of, interval: share }) ?? "—";

/** What is known of the worth of one version, figure by figure. */
export function Card({ projectId, version }: { projectId: string; version: ListedVersion }) {
  const trpc = useTRPC();
  const card = useQuery(
    trpc.judge.card.queryOptions(
      { projectId, judgeVersionId: version.id },
      {
        // While replies come it lags behind them. Those in other words are counted by the card alone.
        refetchInterval: ({ state: { data } }) =>
          data &&
          (data.failures.asked !== version.asked ||
            data.failures.failed !== version.failed ||
            (version.rubric?.paraphrases ?? []).length > 0)
            ? RECKON_MS
            : false,
      },
    ),
  );
  if (!card.data)
    return (
      <p role={card.error ? "alert" : "status"} className="text-sm text-muted">
        {card.error?.message ?? "Its card is being reckoned."}
      </p>
    );
  const { pairs, scales, before } = card.data;
  const seesOrder = version.verdictBy !== "reward";
  return (
    <div className="flex flex-col gap-10">
      <May standing={card.data.standing} />
      {pairs && <Findings findings={pairs.findings} />}
      <Section title={card.data.question.label}>
        <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
          {pairs && <BesidePeople beside={pairs.besidePeople} />}
          {pairs?.unseen && <Unseen unseen={pairs.unseen} trainedOn={pairs.trainedOn} />}
          {pairs && <Own pairs={pairs} seesOrder={seesOrder} />}
          <Work card={card.data} />
        </dl>
      </Section>
      {scales.map(({ label, besidePeople, unseen, trainedOn, consistency, retest }) => (
        <Section key={label} title={label || "The choice"}>
          <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
            <BesidePeople beside={besidePeople} />
            {unseen && <Unseen unseen={unseen} trainedOn={trainedOn} />}
            {consistency.of > 0 && (
              <Figure id="judgeConsistency" value={shareOf(consistency)} note="of ratings in both orders" />
            )}
            {retest.of > 0 && (
              <Figure id="judgeRetest" value={shareOf(retest)} note="of ratings of the same request" />
            )}
          </dl>
        </Section>
      ))}
      {pairs && (
        <div className="grid items-start gap-x-10 gap-y-8 xl:grid-cols-2">
          <Leanings pairs={pairs} seesOrder={seesOrder} />
          {pairs.reliability.bins.length > 0 && (
            <ReliabilityPlot
              title="Whether people bear out how sure it is"
              figure="judgeCalibration"
              bins={pairs.reliability.bins}
            />
          )}
        </div>
      )}
      {card.data.paraphrased && <InOtherWords paraphrased={card.data.paraphrased} />}
      {card.data.members.length > 0 && (
        <Members projectId={projectId} card={card.data} isCascade={version.assembly?.kind === "cascade"} />
      )}
      {pairs && pairs.slices.length > 0 && <Slices slices={pairs.slices} />}
      {before && (
        <Section title={<FigureName id="judgeBefore" />}>
          <p className="max-w-prose text-sm">
            On the {counted(before.items, "comparison")} that version {before.version} judged too, they say
            the same in {shareOf(before.same)}. κ with people is {coefficientText(before.kappa)} now, and was{" "}
            {coefficientText(before.kappaBefore)}.
          </p>
        </Section>
      )}
    </div>
  );
}

/** What it may by the project's policy, and what each step asks. */
function May({ standing }: { standing: JudgeCard["standing"] }) {
  const { role, steps, lost } = standing;
  return (
    <Section title="What it may">
      <p className="flex max-w-prose flex-wrap items-baseline gap-x-2 gap-y-1 text-sm">
        <Role standing={standing} />
        <span className="min-w-0 flex-1 basis-64 text-pretty">
          {roles[role].means}
          {lost && (
            <>
              {" "}
              Until <When at={lost.at} /> it was more: {roles[lost.role].word}. Versions frozen before keep
              what it said.
            </>
          )}
        </span>
      </p>
      {steps.map((step) => {
        const open = step.requirements.filter(({ met }) => !met).length;
        return (
          <details key={step.role} className="max-w-prose text-sm" open={open > 0 && step.role === "label"}>
            <summary className="cursor-pointer">
              {step.role === "label" ? "To label" : "To pre-sort"}:{" "}
              {open === 0 ? "all is met" : `${open} of ${step.requirements.length} not met`}
            </summary>
            <ul className="flex flex-col gap-1 pt-1 ps-4">
              {step.requirements.map(({ text, met }) => (
                <li key={text} className="flex gap-2">
                  {met ? (
                    <Check aria-label="met" className="mt-0.5 size-4 shrink-0 text-good" />
                  ) : (
                    <X aria-label="not met" className="mt-0.5 size-4 shrink-0 text-bad" />
                  )}
                  <span className="min-w-0 text-pretty">{text}</span>
                </li>
              ))}
            </ul>
          </details>
        );
      })}
    </Section>
  );
}

/** Its worth where it does not only remember. */
function Unseen({ unseen, trainedOn }: { unseen: Beside; trainedOn: number }) {
  return (
    <Figure
      id="judgeKappa"
      name="κ on what it was not trained on"
      value={known(unseen.kappa)}
      note={
        unseen.items === 0
          ? `It was trained on all ${counted(trainedOn, "item")} that people judged too: have it judge others.`
          : `On ${counted(unseen.items, "item")}, without the ${amount(trainedOn)} of prompts that it was trained on. ${why(unseen.kappa)}`
      }
    />
  );
}

function Findings({ findings }: { findings: Pairs["findings"] }) {
  return (
    <Section title="What its card says">
      {findings.length === 0 ? (
        <p className="text-sm text-muted">Nothing out of the ordinary.</p>
      ) : (
        <ul className="flex max-w-prose flex-col gap-2">
          {findings.map(({ weight, text }) => (
            <li key={text} className="flex flex-wrap items-baseline gap-x-2">
              <Badge tone={weights[weight].tone}>{weights[weight].word}</Badge>
              <span className="min-w-0 flex-1 basis-64 text-pretty">{text}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const why = ({ reason, estimate, n }: CardEstimate) =>
  reason ?? (estimate === null ? "" : `From ${counted(n, "prompt")}.`);

function BesidePeople({ beside: { items, kappa, ac, shared } }: { beside: Beside }) {
  return (
    <>
      <Figure
        id="judgeKappa"
        name="κ with people"
        value={known(kappa)}
        note={`On ${counted(items, "item")} that people judged too. ${why(kappa)}`}
      />
      <Figure
        id="judgeKappa"
        name="The ceiling: κ of two people"
        value={known(shared.kappa.people)}
        note={
          shared.items === 0
            ? "No item was judged by two people: nothing says what a person would reach."
            : `On the ${counted(shared.items, "item")} of two people or more, where the judge has ${known(shared.kappa.judge)}: ${known(shared.kappa.gap)} beside them.`
        }
      />
      <Figure id="judgeAc" value={known(ac)} note={`Two people: ${known(shared.ac.people)}. ${why(ac)}`} />
    </>
  );
}

function Own({ pairs: { sway, cycles, reliability }, seesOrder }: { pairs: Pairs; seesOrder: boolean }) {
  const { consistency, consistencyByChance, retest } = sway;
  return (
    <>
      <Figure
        id="judgeConsistency"
        value={shareOf(consistency)}
        note={
          !seesOrder
            ? "Its verdict does not depend on the order: it scores each response by itself."
            : consistency.of === 0
              ? "It judged nothing in both orders."
              : `By chance alone it would be ${(100 * (consistencyByChance ?? 0)).toFixed(0)} %.`
        }
      />
      <Figure
        id="judgeCalibration"
        name="Calibration error"
        value={reliability.error === null ? "—" : reliability.error.toFixed(3)}
        note={
          reliability.byChance === null
            ? `On ${counted(reliability.items, "comparison")}.`
            : `A calibrated judge would show ${reliability.byChance.toFixed(3)} on these ${counted(reliability.items, "comparison")} by chance.`
        }
      />
      {cycles.of > 0 && (
        <Figure id="judgeCycles" value={shareOf(cycles)} note="of triples; coins would give 25 %" />
      )}
      {retest.of > 0 && (
        <Figure id="judgeRetest" value={shareOf(retest)} note="of answers to the same request" />
      )}
    </>
  );
}

const failureWords: Readonly<Record<string, string>> = {
  refused: "declined",
  filtered: "withheld",
  unparsed: "unreadable",
  truncated: "cut",
  contradictory: "contradictory",
  error: "no reply",
};

function Work({ card: { failures, offLabels, effort, tasks, judged } }: { card: JudgeCard }) {
  const least = effort.unpriced > 0 ? "at least " : "";
  const seconds = (ms: number) => (ms < 10_000 ? `${amount(ms / 1000)} s` : duration(ms / 1000));
  return (
    <>
      <Figure
        id="judgeItems"
        value={counted(judged, "task")}
        note={`of ${amount(tasks)} that it was asked about`}
      />
      <Figure
        id="judgeFailures"
        value={
          shareText({
            count: failures.failed,
            of: failures.asked,
            ...(failures.rate && { interval: failures.rate }),
          }) ?? "—"
        }
        note={
          Object.entries(failures.by)
            .map(([reason, count]) => `${amount(count)} ${failureWords[reason] ?? reason}`)
            .join(", ") || "Each reply holds a verdict."
        }
      />
      {offLabels.of > 0 && (
        <Figure
          id="judgeOffLabels"
          value={shareOf(offLabels)}
          note="of replies whose labels held less than half of the probability"
        />
      )}
      <Figure
        id="judgeEffort"
        value={
          effort.costPerTask === null ? "cost not known" : `${least}${dollars(effort.costPerTask)} a task`
        }
        note={[
          effort.cost !== null && `${least}${dollars(effort.cost)} in all`,
          effort.cost !== null &&
            effort.unpriced > 0 &&
            `of ${amount(effort.unpriced)} replies nobody knows the cost`,
          effort.median !== null && `a reply takes ${seconds(effort.median)}`,
          effort.ninth !== null && `nine in ten less than ${seconds(effort.ninth)}`,
        ]
          .filter(Boolean)
          .join("; ")}
      />
    </>
  );
}

const points = (
  { estimate, low, high }: { estimate: number | null; low: number | null; high: number | null },
  none: number,
) => {
  const away = (value: number | null) => (value === null ? null : 100 * (value - none));
  return { points: away(estimate), pointsLow: away(low), pointsHigh: away(high) };
};

function Leanings({ pairs: { sway, reliability }, seesOrder }: { pairs: Pairs; seesOrder: boolean }) {
  return (
    <Section title="Leanings">
      <Forest
        label="Leanings, in percentage points"
        rows={[
          ...(seesOrder
            ? [
                {
                  figure: "judgeFirst" as const,
                  name: "First shown wins",
                  reads: "Above 0 it leans to what stands first, below 0 to what stands second.",
                  ...points(sway.first, 0.5),
                },
              ]
            : []),
          {
            figure: "judgeLonger",
            name: "Longer wins, beside people",
            reads: "Above 0 the longer is worth more to it than to people.",
            ...points(sway.longerThanPeople, 0),
          },
          {
            figure: "judgeCalibration",
            name: "Overconfidence",
            reads: "Above 0 it is surer than people bear out.",
            ...points(reliability.overconfidence, 0),
          },
        ]}
      />
      {sway.longer.of > 0 && (
        <p className="text-xs text-muted tabular">
          Of its verdicts for one of two responses, the longer has {shareOf(sway.longer)}.
        </p>
      )}
    </Section>
  );
}

/** How much of its verdict hangs on the words of its rubric. */
function InOtherWords({
  paraphrased: { flips, by },
}: {
  paraphrased: NonNullable<JudgeCard["paraphrased"]>;
}) {
  return (
    <Section title={<FigureName id="judgeParaphrase" />}>
      <p className="text-sm">{shareOf(flips)} replies.</p>
      <ul className="flex max-w-prose flex-col gap-2 text-sm">
        {by.map(({ text, flips: own }) => (
          <li key={text} className="flex flex-wrap gap-x-3">
            <span className="tabular">{shareOf(own)}</span>
            <span dir="auto" className="line-clamp-2 min-w-0 flex-1 basis-64 text-muted" title={text}>
              {text}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Each member of a panel or cascade beside the whole, and what a cascade saves. */
function Members({
  projectId,
  card: { members, tasks, effort },
  isCascade,
}: {
  projectId: string;
  card: JudgeCard;
  isCascade: boolean;
}) {
  return (
    <Section title={<FigureName id="judgeMembers" />}>
      <Table label="Members" className="w-auto">
        <thead>
          <tr>
            <Th>Member</Th>
            <Th numeric>Comparisons of both</Th>
            <Th numeric>κ with people</Th>
            <Th numeric>κ of the whole there</Th>
            <Th numeric>Say the same</Th>
            <Th numeric>Same when swapped</Th>
            <Th numeric>Cost a task</Th>
            <Th numeric>Asked</Th>
            {isCascade && <Th numeric>Decided</Th>}
          </tr>
        </thead>
        <tbody>
          {members.map((one) => (
            <Tr key={one.judgeVersionId}>
              <Td>
                <Link
                  href={`/projects/${projectId}/judges/${one.judgeId}?version=${one.judgeVersionId}`}
                  className="font-medium hover:underline"
                >
                  {memberName(one)}
                </Link>
              </Td>
              <Td numeric>{amount(one.items)}</Td>
              <Td numeric>{known(one.kappa)}</Td>
              <Td numeric>{known(one.kappaOfAll)}</Td>
              <Td numeric>{shareOf(one.same)}</Td>
              <Td numeric>{shareOf(one.consistency)}</Td>
              <Td numeric>{one.costPerTask === null ? "—" : dollars(one.costPerTask)}</Td>
              <Td numeric>{amount(one.asked)}</Td>
              {isCascade && <Td numeric>{amount(one.decided ?? 0)}</Td>}
            </Tr>
          ))}
        </tbody>
      </Table>
      {isCascade && <p className="max-w-prose text-sm">{savedText({ members, tasks, effort })}</p>}
    </Section>
  );
}

/** What the early members of a cascade save. */
function savedText({ members, tasks, effort }: Pick<JudgeCard, "members" | "tasks" | "effort">): string {
  const last = members[members.length - 1];
  const decided = last.decided ?? 0;
  const early = `Of ${counted(tasks, "task")}, ${memberName(last)} decided ${amount(decided)}: ${amount(tasks - decided)} did not need it.`;
  const alone = last.costPerTask === null ? null : last.costPerTask * tasks;
  if (alone === null || alone === 0 || effort.cost === null || effort.unpriced > 0) return early;
  const saved = alone - effort.cost;
  return `${early} All of them by ${memberName(last)} would cost about ${dollars(alone)}; the cascade cost ${dollars(effort.cost)}, ${dollars(Math.abs(saved))} ${saved < 0 ? "more" : "less"}.`;
}

function Slices({ slices }: { slices: Pairs["slices"] }) {
  return (
    <Section title="By language and domain">
      <Table label="By language and domain" className="w-auto">
        <thead>
          <tr>
            <Th>Language or domain</Th>
            <Th numeric>Comparisons</Th>
            <Th numeric>κ with people</Th>
            <Th numeric>κ of two people</Th>
            <Th numeric>Same when swapped</Th>
          </tr>
        </thead>
        <tbody>
          {slices.map(({ by, value, items, kappa, people, consistency }) => (
            <Tr key={`${by} ${value}`}>
              <Td>{by === "language" ? languageName(value) : value}</Td>
              <Td numeric>{amount(items)}</Td>
              <Td numeric>{known(kappa)}</Td>
              <Td numeric>{known(people)}</Td>
              <Td numeric>{shareOf(consistency)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
