import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { judgeVerdict, judgeVersion, task } from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import type { Question } from "../form/schema";
import { groupBy } from "../group";
import { sidesDrawn } from "../statistics/agreement/pairs";
import { answersOf, besidePeople, outcomeScale } from "../statistics/judge/beside-people";
import { cardOf, offLabels, withRate } from "../statistics/judge/card";
import { type Compared, shareByPrompt } from "../statistics/judge/compared";
import { findingsOf } from "../statistics/judge/findings";
import { sameVerdicts, swayOf } from "../statistics/judge/sway";
import { besidePeople as besidePeoplesVotes } from "./beside";
import {
  type ComparedInTask,
  comparedIn,
  type JudgedTask,
  judgedTask,
  type ScaleAnswers,
  scalesOf,
  statedBy,
} from "./card-inputs";
import type { ReckonedCard } from "./card-schema";
import { getJudgeVersion } from "./judge";
import { storedAnswer } from "./record";
import type { JudgeVersion } from "./schema";
import { questionOf } from "./tasks";

/**
 * What is known of the worth of one version of a judge, from what it said and what people say of the same. Versions
 * never mix: the one before is shown beside it on the tasks of both alone.
 */
export async function reckonCard(
  db: Db,
  { projectId, version }: { projectId: string; version: JudgeVersion },
): Promise<ReckonedCard> {
  const { question, judged, compared, drawn } = await readVersion(db, { projectId, version });
  const failures = failuresOf(judged);
  const labels = offLabels(
    judged.map(({ promptId, said }) => ({
      prompt: promptId,
      masses: said.flatMap(({ mass }) => mass ?? []),
    })),
  );
  const paraphrased = await paraphrasedOf(db, version, question);
  const pairs = compared.length > 0 ? cardOf(compared, { failures, offLabels: labels, drawn }) : null;
  return {
    ...{ judgeVersionId: version.id, judgeId: version.judgeId, version: version.version },
    question: { id: question.id, label: question.label },
    tasks: judged.length,
    judged: judged.filter(({ isWhole }) => isWhole).length,
    failures,
    offLabels: labels,
    effort: effortOf(judged),
    pairs: pairs && {
      ...{ ...pairs, slices: slicesOf(compared, drawn) },
      findings: findingsOf(pairs, paraphrased?.flips ?? null),
    },
    paraphrased,
    scales: scalesOf(question, judged).map(scaleOf),
    before: await beforeOf(db, { projectId, version }, { compared, drawn }),
    members: await membersOf(db, { projectId, version }, { judged, compared, drawn }),
  };
}

/** All that a version said, beside people. */
export async function readVersion(
  db: Db,
  { projectId, version }: { projectId: string; version: JudgeVersion },
) {
  const { question } = await questionOf(db, version);
  const judged: JudgedTask[] = [];
  for await (const page of besidePeoplesVotes(db, { projectId, version, question }))
    judged.push(...page.map((task) => judgedTask(version, question, task)));
  const aFirst = judged.flatMap(({ votes }) =>
    votes.map(({ aFirst }) => (aFirst === null ? -1 : Number(aFirst))),
  );
  return {
    ...{ question, judged },
    compared: judged.flatMap((task) => comparedIn(version, question, task)),
    drawn: sidesDrawn(Int8Array.from(aFirst)),
  };
}

/** What it says in other words beside what it says in those of its rubric, of the same task in the same order. */
async function paraphrasedOf(
  db: Db,
  { id, rubric }: JudgeVersion,
  question: Question,
): Promise<ReckonedCard["paraphrased"]> {
  const rows = await db.execute<{
    prompt: string;
    wording: number;
    own: StoredAnswers[string];
    other: StoredAnswers[string];
  }>(sql`
    select t.prompt_id as prompt, p.wording, r.answer as own, p.answer as other
    from ${judgeVerdict} p
    join ${judgeVerdict} r on r.version_id = p.version_id and r.task_id = p.task_id and r."order" = p."order"
      and r.sample = p.sample and r.wording = 0 and r.failure is null
    join ${task} t on t.id = p.task_id
    where p.version_id = ${id} and p.wording > 0 and p.failure is null`);
  if (rows.length === 0) return null;
  const said = (answer: StoredAnswers[string]) => statedBy(question, storedAnswer(question, answer));
  const flips = [...rows].map(({ prompt, wording, own, other }) => ({
    ...{ prompt, wording, of: 1, count: Number(said(own) !== said(other)) },
  }));
  return {
    flips: shareByPrompt(flips),
    by: (rubric?.paraphrases ?? []).map((text, index) => ({
      text,
      flips: shareByPrompt(flips.filter(({ wording }) => wording === index + 1)),
    })),
  };
}

function failuresOf(judged: readonly JudgedTask[]) {
  const replies = judged.flatMap(({ said }) => said);
  const failed = replies.flatMap(({ failure }) => failure ?? []);
  const by = Object.fromEntries(
    [...groupBy(failed, (each) => each)].map(([name, own]) => [name, own.length]),
  );
  return withRate({ asked: replies.length, failed: failed.length, by });
}

function effortOf(judged: readonly JudgedTask[]): ReckonedCard["effort"] {
  const replies = judged.flatMap(({ said }) => said);
  const costs = replies.flatMap(({ cost }) => cost ?? []);
  const cost = costs.length > 0 ? costs.reduce((sum, each) => sum + each, 0) : null;
  const times = replies.flatMap(({ ms }) => ms ?? []).sort((one, other) => one - other);
  const at = (share: number) => (times.length === 0 ? null : times[Math.ceil(share * times.length) - 1]);
  return {
    cost,
    costPerTask: cost === null ? null : cost / judged.length,
    unpriced: replies.length - costs.length,
    median: at(0.5),
    ninth: at(0.9),
  };
}

/** Slices with fewer items say nothing of their own. */
const SLICE = 10;

function slicesOf(
  compared: readonly ComparedInTask[],
  drawn: boolean,
): NonNullable<ReckonedCard["pairs"]>["slices"] {
  const scale = outcomeScale(compared, { drawn });
  return (["language", "domain"] as const).flatMap((by) => {
    const groups = [...groupBy(compared, ({ task }) => task[by])].flatMap(([value, own]) =>
      value !== null && own.length >= SLICE ? [{ value, own }] : [],
    );
    return groups.map(({ value, own }) => {
      const beside = besidePeople(answersOf(own), scale);
      return {
        ...{ by, value, items: beside.items, kappa: beside.kappa },
        people: beside.shared.kappa.people,
        consistency: swayOf(own).consistency,
      };
    });
  });
}

function scaleOf({
  label,
  categories,
  isOrdered,
  answered,
  unseen,
  swapped,
  repeated,
}: ScaleAnswers): ReckonedCard["scales"][number] {
  const share = (pairs: ScaleAnswers["swapped"]) =>
    shareByPrompt(pairs.map(({ prompt, same }) => ({ prompt, count: Number(same), of: 1 })));
  const scale = { categories, weighting: isOrdered ? ("quadratic" as const) : ("identity" as const) };
  const all = besidePeople(answered, scale);
  const others = unseen.length < answered.length ? besidePeople(unseen, scale) : null;
  return {
    ...{ label, isOrdered },
    besidePeople: all,
    unseen: others,
    trainedOn: others ? all.items - others.items : 0,
    consistency: share(swapped),
    retest: share(repeated),
  };
}

/** The version that came before one of the same judge; undefined before the first. */
export async function versionBefore(
  db: Db,
  { projectId, judgeId, version }: { projectId: string; judgeId: string; version: number },
) {
  const [found] = await db
    .select({
      judgeVersionId: judgeVersion.id,
      version: judgeVersion.version,
      questionId: judgeVersion.questionId,
    })
    .from(judgeVersion)
    .where(
      and(
        eq(judgeVersion.projectId, projectId),
        eq(judgeVersion.judgeId, judgeId),
        lt(judgeVersion.version, version),
      ),
    )
    .orderBy(desc(judgeVersion.version))
    .limit(1);
  return found;
}

type Read = Awaited<ReturnType<typeof readVersion>>;

/** The version before on the comparisons of both: how often they say the same, and what each is worth there. */
async function beforeOf(
  db: Db,
  { projectId, version }: { projectId: string; version: JudgeVersion },
  now: Pick<Read, "compared" | "drawn">,
): Promise<ReckonedCard["before"]> {
  const found = await versionBefore(db, { ...version, projectId });
  // What was asked of another question, people answered otherwise too.
  if (found?.questionId !== version.questionId) return null;
  const { judgeVersionId } = found;
  const was = await readVersion(db, {
    projectId,
    version: await getJudgeVersion(db, { projectId, judgeVersionId }),
  });
  const { items, same, kappa, kappaOfOther } = besideOther(now, was);
  return items === 0 ? null : { version: found.version, items, same, kappa, kappaBefore: kappaOfOther };
}

/** Two versions on the comparisons that both judged. */
function besideOther({ compared, drawn }: Pick<Read, "compared" | "drawn">, other: Pick<Read, "compared">) {
  const keyOf = ({ task, a, b }: ComparedInTask) => `${task.taskId} ${a} ${b}`;
  const known = new Map(other.compared.map((one) => [keyOf(one), one]));
  const both = compared.flatMap((own) => {
    const theirs = known.get(keyOf(own));
    return theirs && theirs.verdict !== null && own.verdict !== null
      ? [{ own, theirs, one: own.verdict, other: theirs.verdict }]
      : [];
  });
  const scale = outcomeScale([...compared, ...other.compared], { drawn });
  const kappaOf = (rows: readonly Compared[]) => besidePeople(answersOf(rows), scale).kappa;
  return {
    items: both.length,
    same: sameVerdicts(both.map(({ own, one, other }) => ({ prompt: own.prompt, one, other }))),
    kappa: kappaOf(both.map(({ own }) => own)),
    kappaOfOther: kappaOf(both.map(({ theirs }) => theirs)),
  };
}

/** The members of a judge of judges beside the whole, on the tasks that it was asked about. */
async function membersOf(
  db: Db,
  { projectId, version }: { projectId: string; version: JudgeVersion },
  all: Pick<Read, "judged" | "compared" | "drawn">,
): Promise<ReckonedCard["members"]> {
  const tasks = new Set(all.judged.map(({ taskId }) => taskId));
  const deciders = version.assembly?.kind === "cascade" ? await decidersOf(db, version) : null;
  const found: ReckonedCard["members"] = [];
  for (const { id, judgeId, name, version: number } of version.members) {
    const read = await readVersion(db, {
      projectId,
      version: await getJudgeVersion(db, { projectId, judgeVersionId: id }),
    });
    const asked = read.judged.filter(({ taskId }) => tasks.has(taskId));
    const compared = read.compared.filter(({ task }) => tasks.has(task.taskId));
    const { items, same, kappa, kappaOfOther } = besideOther(all, { compared });
    const { costPerTask, unpriced } = effortOf(asked);
    found.push({
      ...{ judgeVersionId: id, judgeId, name, version: number, items, same },
      ...{ kappa: kappaOfOther, kappaOfAll: kappa, consistency: swayOf(compared).consistency },
      asked: asked.length,
      decided: deciders && (deciders.get(`${name} v${number}`) ?? 0),
      costPerTask: unpriced > 0 ? null : costPerTask,
    });
  }
  return found;
}

/** On how many tasks each member of a cascade decided, by its name. */
async function decidersOf(db: Db, { id }: JudgeVersion): Promise<Map<string, number>> {
  const rows = await db
    .select({ model: judgeVerdict.model, tasks: sql<number>`count(distinct ${judgeVerdict.taskId})::int` })
    .from(judgeVerdict)
    .where(and(eq(judgeVerdict.versionId, id), isNull(judgeVerdict.failure)))
    .groupBy(judgeVerdict.model);
  return new Map(rows.flatMap(({ model, tasks }) => (model === null ? [] : [[model, tasks] as const])));
}
