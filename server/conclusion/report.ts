import { and, count, eq, ne, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  admitted,
  annotation,
  guidelineVersion,
  isToJudge,
  peoplesVotes,
  project,
  task,
} from "../../db/schema";
import manifest from "../../package.json";
import { notFound } from "../errors";
import type { FigureId } from "../figure/schema";
import { askedFor, type Kept } from "../look/look";
import { votesByQuestion } from "../review/votes";
import { coefficientText } from "../statistics/estimate";
import { interval, shareWithInterval } from "../statistics/share";
import { fragilityBetween } from "./fragile";
import { leaderboardOf } from "./leaderboard";
import type { Block, Leaderboard, Look, Report, Stop } from "./schema";
import { stopsOf } from "./stop";
import { fragilityWords, rankWords } from "./words";

/** Methods that a report may rest on, with where they come from. */
const METHODS: Report["methods"] = [
  {
    name: "Strengths with ties",
    by: "server/statistics/ranking/ties.ts",
    reference:
      "R. R. Davidson, On extending the Bradley-Terry model to accommodate ties, JASA 65 (1970) 317–328",
  },
  {
    name: "Existence of strengths",
    by: "server/statistics/ranking/graph.ts",
    reference:
      "L. R. Ford, Solution of a ranking problem from binary comparisons, Amer. Math. Monthly 64 (1957) 28–33",
  },
  {
    name: "Clustered errors, by prompt and by rater",
    by: "server/statistics/ranking/errors.ts",
    reference:
      "A. C. Cameron, D. L. Miller, A practitioner's guide to cluster-robust inference, J. Human Resources 50 (2015) 317–372",
  },
  {
    name: "Interval of agreement",
    by: "server/statistics/agreement/raw-from-totals.ts",
    reference:
      "B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), ch. 11: jackknife by prompt, Fisher's z",
  },
  {
    name: "Agreement beyond chance",
    by: "server/statistics/agreement/krippendorff.ts",
    reference:
      "K. Krippendorff, Computing Krippendorff's Alpha-Reliability, University of Pennsylvania (2011)",
  },
  {
    name: "Intervals of shares",
    by: "server/statistics/wilson.ts",
    reference:
      "E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209–212",
  },
  {
    name: "Sequential test",
    by: "server/statistics/design/sequential.ts",
    reference:
      "H. Robbins, Statistical methods related to the law of the iterated logarithm, Ann. Math. Statist. 41 (1970); R. Johari et al., Always valid inference, Operations Research 70 (2022)",
  },
  {
    name: "Fragility",
    by: "server/statistics/design/fragility.ts",
    reference: "Dropping just a handful of preferences can change top LLM rankings, arXiv 2508.11847 (2025)",
  },
];

const text = (words: string): Block => ({ kind: "text", text: words });
const table = (figure: FigureId, caption: string, head: string[], rows: (string | number)[][]): Block => ({
  ...{ kind: "table", figure, caption, head },
  rows: rows.map((row) => row.map(String)),
});

/**
 * What a paper says of a study: its design, who judged by which guidelines, what was left out, how far raters agree, and
 * what follows, each number beside the entry of the catalogue that says what it is.
 */
export async function reportOf(
  db: Db,
  { projectId, ...look }: Look & { projectId: string },
): Promise<Report> {
  const leaderboard = await leaderboardOf(db, { ...look, projectId });
  const { question } = leaderboard;
  const of = { ...look, projectId, questionId: question?.id };
  const [[named], design, guided, judged, work, asked, kept, fragile, stops] = await Promise.all([
    db.select().from(project).where(eq(project.id, projectId)),
    designOf(db, projectId),
    guidelinesOf(db, projectId),
    judgementsOf(db, projectId),
    question ? workOf(db, { projectId, questionId: question.id }) : [],
    votesByQuestion(db, projectId),
    askedFor(db, { projectId, filter: { language: look.language, domain: look.domain } }),
    question ? fragilityBetween(db, of) : null,
    stopsOf(db, { projectId }),
  ]);
  if (!named) throw notFound("The project");
  const agreed = asked.find(({ questionId }) => questionId === question?.id);
  const part = [look.language, look.domain].filter(Boolean).join(", ");
  const sections: Report["sections"] = [
    {
      title: "Design",
      blocks: [
        ...(named.description ? [text(named.description)] : []),
        text(
          question
            ? `Raters compared responses under the question “${question.label}”${part && ` (only ${part})`}. Sources were not shown; on the desk the order of the responses was drawn anew for each rater and task.`
            : "No question was answered yet.",
        ),
        table("tasks", "Tasks by raters wanted", ["Raters a task", "Tasks", "Prompts"], design),
      ],
    },
    {
      title: "Guidelines",
      blocks: [
        guided.length > 0
          ? table(
              "studyJudgements",
              "Judgements that count, by version of the guidelines",
              ["Version", "In force from", "Judgements"],
              guided.map(({ version, at, judgements }) => [
                version === null ? "none" : version,
                at?.toISOString().slice(0, 10) ?? "—",
                judgements,
              ]),
            )
          : text("There were no guidelines."),
      ],
    },
    {
      title: "Raters",
      blocks: [
        text(
          work.length > 0
            ? `${work.length} raters gave the votes that count, ${Math.min(...work)} to ${Math.max(...work)} each (median ${middle(work)}).`
            : "Nobody's votes count yet.",
        ),
      ],
    },
    {
      title: "Judgements, and what was left out",
      blocks: [
        table(
          "studyJudgements",
          "What became of the judgements",
          ["", "Judgements"],
          judged.map(({ what, judgements }) => [what, judgements]),
        ),
        table(
          "sourceVotes",
          "Votes on the question",
          ["", "Votes"],
          [
            ["compare two sources", leaderboard.votes],
            ["left out: source of a response not known", leaderboard.leftOut.sourceUnknown],
            ["left out: two responses of one source", leaderboard.leftOut.sameSource],
            ["left out: the rater judged the same two responses later", leaderboard.leftOut.repeated],
          ],
        ),
      ],
    },
    { title: "Agreement", blocks: [...agreementBlocks(agreed), ...alphaBlocks(kept, question?.id)] },
    {
      title: "Ranking",
      blocks: leaderboard.groups.flatMap((group, i) => groupBlocks(group, i, leaderboard)),
    },
    ...(fragile ? [{ title: "What carries the order", blocks: [text(fragilityWords(fragile))] }] : []),
    ...(stops.length > 0 ? [{ title: "Stopping rules", blocks: stops.flatMap(stopBlocks) }] : []),
  ];
  return {
    title: named.name,
    at: new Date(),
    sections,
    methods: METHODS.map((method) => ({ ...method, by: `Concord ${manifest.version}, ${method.by}` })),
    leaderboard,
  };
}

const middle = (values: readonly number[]) => {
  const sorted = values.toSorted((one, other) => one - other);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
};

function agreementBlocks(asked: Awaited<ReturnType<typeof votesByQuestion>>[number] | undefined): Block[] {
  if (!asked) return [text("Nothing was compared yet.")];
  const { estimate, low, high, n, prompts, pairs, reason } = asked.agreement;
  const { won, decided } = asked.firstShown;
  return [
    table(
      "agreement",
      "Raw agreement of two raters",
      ["Agreement", "Comparisons of two votes", "Pairs", "Prompts"],
      [[estimate === null ? "—" : interval(estimate, { low, high }), n, pairs, prompts]],
    ),
    ...(reason ? [text(reason)] : []),
    table("firstShown", "Position", ["Shown first and won"], [[shareWithInterval(won, decided)]]),
  ];
}

/** Agreement beyond chance, as the quality page has it: a worker measures it, seconds after the last vote. */
function alphaBlocks({ report, measuredAt, isWaiting }: Kept, questionId: string | undefined): Block[] {
  const alpha = report?.parts.find((part) => part.questionId === questionId)?.measures.alpha;
  if (!alpha || !measuredAt)
    return isWaiting
      ? [text("Agreement beyond chance is being measured: make the report again in a moment.")]
      : [];
  return [
    table(
      "alpha",
      alpha.method,
      ["Krippendorff's α [95 %]", "Prompts", "Measured"],
      [[coefficientText(alpha), alpha.n, `${measuredAt.toISOString().slice(0, 16).replace("T", " ")} UTC`]],
    ),
    ...(isWaiting ? [text("Votes have come since; they are being counted.")] : []),
  ];
}

const number = (value: number | null, digits: number) => (value === null ? "—" : value.toFixed(digits));

function groupBlocks(group: Leaderboard["groups"][number], i: number, { groups }: Leaderboard): Block[] {
  const { standings, matrix, method, cautions, tie } = group;
  const which = groups.length > 1 ? `, group ${i + 1} of ${groups.length}: these never met the others` : "";
  return [
    table(
      "sourceStrength",
      `Strengths${which}`,
      ["Rank", "Source", "θ [95 %]", "Points [95 %]", "Won", "Lost", "Tied"],
      standings.map((each) => [
        rankWords(each),
        each.source,
        `${number(each.theta, 3)} [${number(each.low, 3)}, ${number(each.high, 3)}]`,
        `${number(each.points, 0)} [${number(each.pointsLow, 0)}, ${number(each.pointsHigh, 0)}]`,
        ...[each.won, each.lost, each.tied],
      ]),
    ),
    text([`Method: ${method}${tie === null ? "" : `, ν = ${tie.toFixed(3)}`}.`, ...cautions].join(" ")),
    { kind: "strengths", caption: `Points with 95 % intervals${which}`, group: i },
    table(
      "winMatrix",
      "How often the row beats the column, a tie half, of so many",
      ["", ...matrix.sources],
      matrix.sources.map((source, row) => [
        source,
        ...matrix.winRate[row].map((rate, column) =>
          rate === null
            ? "—"
            : `${interval(rate, { low: matrix.low[row][column], high: matrix.high[row][column] })} of ${matrix.games[row][column]}`,
        ),
      ]),
    ),
  ];
}

function stopBlocks({
  rule,
  says,
  cautions,
  winRate,
  low,
  high,
  prompts,
  judgements,
  earlier,
}: Stop): Block[] {
  return [
    table(
      "stopping",
      `${rule.source} against ${rule.opponent}: fixed ${rule.createdAt.toISOString().slice(0, 10)}, α = ${rule.alpha}, at most ${rule.budget} judgements`,
      ["Win rate [always valid]", "Prompts", "Judgements", "Rules before"],
      [[winRate === null ? "—" : interval(winRate, { low, high }), prompts, judgements, earlier.length]],
    ),
    text([says, ...cautions].join(" ")),
  ];
}

async function designOf(db: Db, projectId: string): Promise<number[][]> {
  const rows = await db
    .select({
      overlap: task.overlap,
      tasks: count(),
      prompts: sql<number>`count(distinct ${task.promptId})::int`,
    })
    .from(task)
    .where(and(eq(task.projectId, projectId), isToJudge))
    .groupBy(task.overlap)
    .orderBy(task.overlap);
  return rows.map(({ overlap, tasks, prompts }) => [overlap, tasks, prompts]);
}

function guidelinesOf(db: Db, projectId: string) {
  return db
    .select({ version: guidelineVersion.version, at: guidelineVersion.createdAt, judgements: count() })
    .from(admitted)
    .innerJoin(annotation, eq(annotation.id, admitted.id))
    .leftJoin(guidelineVersion, eq(guidelineVersion.id, annotation.guidelineVersionId))
    .where(
      and(
        eq(admitted.projectId, projectId),
        eq(admitted.isAdjudication, false),
        // A model reads its rubric.
        ne(admitted.raterKind, "model"),
      ),
    )
    .groupBy(guidelineVersion.version, guidelineVersion.createdAt)
    .orderBy(guidelineVersion.version);
}

/** What became of the judgements of a project: each is one of these. */
export async function judgementsOf(
  db: Db,
  projectId: string,
): Promise<{ what: string; judgements: number }[]> {
  const rows = await db.execute<{ what: string; judgements: number }>(sql`
    select case when ${annotation.apart} then 'of items with a known answer or of a norming, which are no votes'
        when a.is_adjudication then 'adjudications, which are no votes'
        when a.rater_kind = 'model' then 'of models, which count where they are asked for'
        when a.id is not null then 'count as votes'
        when ${annotation.current} then 'set aside: excluded, or consent was withdrawn'
        else 'undone, sent back or replaced by a later one' end as what, count(*)::int as judgements
    from ${annotation} left join ${admitted} a on a.id = ${annotation.id}
    where ${annotation.projectId} = ${projectId} group by 1 order by 2 desc, 1`);
  return [...rows];
}

/** How many votes each rater has. */
async function workOf(
  db: Db,
  { projectId, questionId }: { projectId: string; questionId: string },
): Promise<number[]> {
  const rows = await db.execute<{ votes: number }>(sql`select count(*)::int as votes from ${peoplesVotes} v
    where v.project_id = ${projectId} and v.question_id = ${questionId} group by v.rater_id`);
  return rows.map(({ votes }) => votes);
}
