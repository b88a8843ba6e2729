import { and, eq, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { admitted, annotation, peoplesVotes, task } from "../../db/schema";
import { invalid } from "../errors";
import type { Question } from "../form/schema";
import { type Beside, besidePeople } from "../judge/beside";
import { type ComparedInTask, comparedIn, type JudgedTask, judgedTask } from "../judge/card-inputs";
import { getJudgeVersion } from "../judge/judge";
import type { JudgeVersion } from "../judge/schema";
import { questionOf } from "../judge/tasks";
import { anytimeBound } from "../statistics/joint/anytime";
import { clusteredJoint, effectiveCount, type Mean, type Predicted } from "../statistics/joint/clustered";
import { type Dealt, standsFor } from "../statistics/joint/draws";
import { FEWEST } from "../statistics/joint/ppi";
import { peoplesScore, probabilityOf, worth } from "../statistics/judge/compared";
import { judgedFor, peopleAlone } from "../statistics/width";
import { certificateOf } from "./certificate";
import { dealtTasks, type GivenOut, givenOut, NEVER_CHOSEN } from "./drawn";
import type { JointInput, JointWinRate } from "./schema";

/** Half-widths that a study may want. */
const HALF_WIDTHS = [0.1, 0.05, 0.03, 0.02, 0.01];

/** A pair of the two sources, seen from the first. */
interface Pair extends Predicted, Dealt {
  taskId: string;
  /** Whether all replies of the judge hold a verdict; without one ½ stands for it. */
  spoke: boolean;
  judgements: number;
  raters: readonly string[];
  language: string | null;
  domain: string | null;
}

/** Pairs of the two sources that a version of a judge was asked about, and what is told of them. */
interface Gathered {
  pairs: Pair[];
  /** US dollars for their tasks; null where a reply's cost is not known. */
  cost: number | null;
  leftOut: JointWinRate["leftOut"];
}

/**
 * The win rate of a source against another by people, by a version of a judge, and by both together: people's judgements
 * say how far the judge is off, its verdicts on pairs that nobody judged say the rest. It stands on what people judged
 * being a random draw of the pairs; where tasks were chosen by what was known of them, each counts by how likely the draws
 * were to come to it.
 */
export async function jointWinRate(
  db: Db,
  { projectId, ...look }: JointInput & { projectId: string },
): Promise<JointWinRate> {
  const version = await getJudgeVersion(db, { projectId, judgeVersionId: look.judgeVersionId });
  if (look.source === look.opponent) throw invalid("source and opponent are the same; name two.");
  const [{ question }, given] = await Promise.all([questionOf(db, version), givenOut(db, projectId)]);
  const { cost, leftOut, ...gathered } = await gather(db, {
    ...{ version, question, projectId, since: given.since },
    ...look,
  });
  const stands = given.since && standsFor(gathered.pairs);
  const pairs = gathered.pairs.map((pair, i) => (stands ? { ...pair, stands: stands[i] } : pair));
  const { people, predicted, joint, lambda, effectiveN, drift, pilot } = clusteredJoint(pairs);
  const spoke = pairs.filter((pair) => pair.spoke);
  const judged = pairs.filter(({ y }) => y !== null);
  const alone = spoke.length === pairs.length ? predicted : clusteredJoint(spoke).predicted;
  const judgements = judged.reduce((sum, pair) => sum + pair.judgements, 0);
  const raters = new Set(judged.flatMap((pair) => pair.raters)).size;
  const each = judged.length > 0 ? judgements / judged.length : 1;
  const needed = (rows: number | null) =>
    rows === null ? null : Math.max(0, Math.ceil((rows - judged.length) * each));
  const draw = await drawOf(db, { given, taskIds: pairs.map(({ taskId }) => taskId) });
  return {
    judge: { judgeVersionId: version.id, name: version.name, version: version.version },
    question: { id: question.id, label: question.label },
    ...{ source: look.source, opponent: look.opponent },
    weighted: stands && weighted(stands),
    pairs: { all: pairs.length, judged: judged.length, withoutVerdict: pairs.length - spoke.length },
    ...{ judgements, raters, cost, leftOut, lambda, effectiveN },
    people: shown(people),
    judgeAlone: shown(alone),
    joint: shown(joint),
    drift: shown(drift),
    anytime: anytimeOf(joint),
    certificate: given.since === null && draw.priorities < 2 ? await certified(db, spoke) : null,
    pilot: pilot && { ...pilot, each },
    ways: HALF_WIDTHS.map((halfWidth) => ({
      halfWidth,
      alone: pilot && needed(judgedFor(peopleAlone(pilot), halfWidth)),
      joint: pilot && needed(judgedFor(pilot, halfWidth)),
    })),
    cautions: [
      ...drawCautions(draw, { judged: judged.length, leftOut }),
      ...partCautions(pairs),
      ...driftCaution(drift),
      ...failureCaution(pairs.length, pairs.length - spoke.length),
      ...(raters === 1
        ? [
            "One rater gave all these judgements: the figures say how that rater judges, not how others would.",
          ]
        : []),
    ],
  };
}

/** How many judged pairs stand for others, and as how many equally likely ones they count. */
const weighted = (stands: Float64Array): JointWinRate["weighted"] => ({
  pairs: stands.filter((each) => each > 0).length,
  effective: effectiveCount(stands),
});

const shown = ({ estimate, low, high, n, clusters, reason }: Mean) => ({
  ...{ estimate, low, high, n, prompts: clusters },
  ...(reason && { reason }),
});

/** What holds the truth however often one looks, from as many prompts on as predictions are used. */
function anytimeOf({ estimate, se, clusters, degrees }: Mean): JointWinRate["anytime"] {
  if (estimate === null || se === null || clusters < FEWEST) return null;
  const half = anytimeBound(clusters, { degrees }) * se;
  return { low: Math.max(0, estimate - half), high: Math.min(1, estimate + half) };
}

/** A certificate for the verdicts, where draws of equal chances gave out all that people judged; else null. */
async function certified(db: Db, pairs: readonly Pair[]): Promise<JointWinRate["certificate"]> {
  const judged = pairs.filter(({ y }) => y !== null);
  const taskIds = [...new Set(judged.map(({ taskId }) => taskId))];
  const firsts = await db.execute<{ taskId: string; first: string; drawn: boolean }>(sql`
    select v.task_id as "taskId", min(v.id::text) as first, bool_and(${annotation.selectionProbability} is not null) as drawn
    from ${peoplesVotes} v join ${annotation} on ${annotation.id} = v.annotation_id
    where ${anyOf(sql`v.task_id`, taskIds)} group by v.task_id`);
  if (!firsts.every(({ drawn }) => drawn)) return null;
  const turn = new Map(firsts.map(({ taskId, first }) => [taskId, first]));
  const of = ({ taskId }: Pair) => turn.get(taskId) ?? "";
  return certificateOf(
    judged.toSorted((one, other) => (of(one) < of(other) ? -1 : 1)),
    pairs.filter(({ y }) => y === null),
  );
}

async function gather(
  db: Db,
  {
    version,
    question,
    since,
    projectId,
    ...look
  }: JointInput & {
    projectId: string;
    version: JudgeVersion;
    question: Question;
    since: Date | null;
  },
): Promise<Gathered> {
  const found: Gathered = { pairs: [], cost: 0, leftOut: { trained: 0, chosen: 0 } };
  for await (const page of besidePeople(db, { projectId, version, question })) {
    const some = page.filter((one) => ofTwo(one, look) && inPart(one, look));
    const taskIds = some.map(({ taskId }) => taskId);
    const dealt = since && (await dealtTasks(db, { since, projectId, taskIds }));
    for (const one of some) {
      const { usable, ...how } = dealt?.get(one.taskId) ?? NEVER_CHOSEN;
      const votes = usable ? one.votes.filter(({ raterId }) => usable.has(raterId)) : one.votes;
      const judged = judgedTask(version, question, { ...one, votes });
      const compared = (
        one.said.some(({ answer }) => answer) ? comparedIn(version, question, judged) : withoutVerdict(judged)
      ).flatMap((each) => seenFrom(each, look) ?? []);
      if (compared.length === 0) continue;
      if (one.exposure === "trained") {
        found.leftOut.trained += compared.length;
        continue;
      }
      found.leftOut.chosen += one.votes.length - votes.length;
      const spent = one.said.map(({ cost }) => cost);
      found.cost = spent.reduce(
        (sum, cost) => (sum === null || cost === null ? null : sum + cost),
        found.cost,
      );
      for (const { p, y, judgements, spoke, raters } of compared)
        found.pairs.push({
          ...{ cluster: one.promptId, f: p, y, judgements, spoke, raters },
          ...{ taskId: one.taskId, language: one.language, domain: one.domain },
          ...{ ...how, taken: y === null ? null : how.taken },
        });
    }
  }
  return found;
}

const ofTwo = ({ responses }: Beside, { source, opponent }: JointInput) =>
  [source, opponent].every((name) => responses.some((response) => response.source === name));

const inPart = (one: Beside, { language, domain }: JointInput) =>
  (!language || one.language === language) && (!domain || one.domain === domain);

/** What would have been compared where no reply holds a verdict: pairs do not leave the sample because the judge failed. */
const withoutVerdict = (task: JudgedTask): ComparedInTask[] =>
  task.responses.flatMap((b, j) =>
    task.responses.slice(0, j).map((a, i) => {
      const votes = task.votes.filter((vote) => vote.a === i && vote.b === j);
      return {
        ...{ task, prompt: task.promptId, a: a.id, b: b.id, lengthA: a.length, lengthB: b.length },
        ...{ verdicts: [], verdict: null },
        people: votes.map(({ outcome }) => outcome),
        raters: votes.map(({ raterId }) => raterId),
      };
    }),
  );

/** A comparison from the side of the first source; null where it compares others. */
function seenFrom(one: ComparedInTask, { source, opponent }: JointInput) {
  const sourceOf = (id: string) => one.task.responses.find((response) => response.id === id)?.source;
  const [a, b] = [sourceOf(one.a), sourceOf(one.b)];
  if (!((a === source && b === opponent) || (a === opponent && b === source))) return null;
  const turned = (value: number) => (a === source ? value : 1 - value);
  const said = one.verdict === null ? null : probabilityOf(one);
  const score = peoplesScore(one);
  return {
    p: said === null ? worth.tie : turned(said),
    spoke: said !== null,
    y: score === null ? null : turned(score),
    judgements: one.people.length,
    raters: one.raters,
  };
}

/** How the tasks came to be judged. */
interface Draw extends GivenOut {
  priorities: number;
  imported: number;
}

async function drawOf(db: Db, { given, taskIds }: { given: GivenOut; taskIds: string[] }): Promise<Draw> {
  const [[{ priorities }], [{ imported }]] = await Promise.all([
    db
      .select({ priorities: sql<number>`count(distinct ${task.priority})::int` })
      .from(task)
      .where(anyOf(task.id, taskIds)),
    db
      .select({ imported: sql<number>`count(*)::int` })
      .from(admitted)
      .where(and(anyOf(admitted.taskId, taskIds), eq(admitted.origin, "import"))),
  ]);
  return { ...given, priorities, imported };
}

/** What the reader has to know of which pairs people judged. */
function drawCautions(
  { selection, since, priorities, imported }: Draw,
  { judged, leftOut }: { judged: number; leftOut: JointWinRate["leftOut"] },
): string[] {
  const cautions: string[] = [];
  if (since !== null && leftOut.chosen > 0)
    cautions.push(
      `${leftOut.chosen} judgements given since ${since.toISOString().slice(0, 10)}, when tasks began to be given out by uncertainty or disagreement, are not used: votes on the same pairs brought them, or no draw on record did.`,
    );
  if (since === null && judged > 0 && selection === "in_order")
    cautions.push(
      "Tasks were given out in the order in which they were made, which nobody drew: the figures hold if that order has nothing to do with who wins. The project's settings can draw it at random.",
    );
  if (priorities > 1)
    cautions.push(
      "Tasks of these pairs have different priorities: those with a high one are judged first, so that what people judged is a random draw only if priorities have nothing to do with who wins.",
    );
  if (imported > 0)
    cautions.push(
      `${imported} of the judgements were imported: nobody here knows how their pairs were chosen.`,
    );
  return cautions;
}

/** Parts of the project that the judge saw and nobody judged: no judgement of others says how far it is off there. */
function partCautions(pairs: readonly Pair[]): string[] {
  if (!pairs.some(({ y }) => y !== null)) return [];
  return (["language", "domain"] as const).flatMap((part) => {
    const values = [...new Set(pairs.map((pair) => pair[part]))];
    const without = values.filter((value) => !pairs.some((pair) => pair[part] === value && pair.y !== null));
    return without.length === 0
      ? []
      : [
          `Nobody judged pairs of ${part} ${without.map((value) => value ?? "unknown").join(", ")}: what people say of others is taken for them. Choose a ${part} above, or have some judged.`,
        ];
  });
}

function driftCaution({ estimate, low, high }: Mean): string[] {
  return low === null || high === null || estimate === null || (low <= 0 && high >= 0)
    ? []
    : [
        `The judge sees other pairs where people judged than elsewhere: its win rate there is ${(100 * Math.abs(estimate)).toFixed(1)} points ${estimate > 0 ? "higher" : "lower"}. What people judged may be no random draw of the pairs; then no figure of people or of both together holds for all.`,
      ];
}

/** Above this share what the failures hide is said. */
const FAILURES = 0.02;

const failureCaution = (all: number, failed: number): string[] =>
  failed <= FAILURES * all
    ? []
    : [
        `The judge gave no verdict on ${failed} of ${all} pairs: its own figure leaves them out, the joint one takes ½ for its prediction there, which costs width and no validity.`,
      ];
