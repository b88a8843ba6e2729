import type { Db } from "../../db/client";
import { type Assembly, judgeSamplingSchema } from "../../db/shape/judge";
import { writeJson } from "../../db/shape/written-json";
import type { Actor } from "../audit/audit";
import { invalid } from "../errors";
import { kindOf } from "../form/schema";
import { calibrationSlope, type Sure, type Threshold, thresholdFor } from "../statistics/judge/cascade";
import { peoplesScore } from "../statistics/judge/compared";
import { shareText } from "../statistics/share";
import { readVersion } from "./card";
import type { ComparedInTask } from "./card-inputs";
import { addFirst, addNext, type Decided, getJudge, getJudgeVersion } from "./judge";
import { decidedBy } from "./members";
import { WORDING } from "./request";
import type {
  Assembled,
  AssemblyPlan,
  AssemblyPlanInput,
  JudgeVersion,
  NewAssembly,
  RevisedAssembly,
} from "./schema";
import { questionOf } from "./tasks";

/**
 * Makes a judge that is a panel or a cascade of versions of other judges.
 * @throws BAD_REQUEST where they cannot judge together, and where nothing shows that the early verdicts of a cascade agree
 *   with people as wanted
 */
export async function createAssembly(
  db: Db,
  actor: Actor,
  { projectId, name, ...of }: NewAssembly & { projectId: string },
) {
  return addFirst(db, actor, { projectId, name }, (tx) => decide(tx, { projectId, ...of }));
}

/** Makes the next version of a judge as a panel or a cascade. */
export async function reviseAssembly(
  db: Db,
  actor: Actor,
  { projectId, judgeId, ...of }: RevisedAssembly & { projectId: string },
) {
  return addNext(db, actor, { projectId, judgeId }, (tx) => decide(tx, { projectId, ...of }));
}

async function decide(
  tx: Db,
  { projectId, assembled, settles }: Pick<NewAssembly, "assembled" | "settles"> & { projectId: string },
): Promise<Decided> {
  const { problem, members, versions } = await lookAt(tx, { projectId, assembled, settles });
  if (problem) throw invalid(problem);
  const slopes = members.map(({ slope }) => slope ?? 1);
  const ids = assembled.members;
  const assembly: Assembly =
    assembled.kind === "panel"
      ? { kind: "panel", members: ids, combines: assembled.combines, slopes }
      : {
          ...{ kind: "cascade", members: ids, wanted: assembled.wanted, slopes },
          thresholds: members.flatMap(({ settles: { threshold = null } = {} }) => threshold ?? []),
        };
  const ordered = versions.find(seesOrder);
  const [{ questionId, formVersionId }] = versions;
  return {
    ...{ endpointId: null, modelId: null, assembly, questionId, formVersionId, rubric: null, settles },
    ...{ sampling: judgeSamplingSchema.parse({}), orders: ordered?.orders ?? "both", wording: WORDING },
    ...{ verdictBy: ordered ? "members" : "reward", family: null },
  };
}

const seesOrder = ({ verdictBy }: JudgeVersion) => verdictBy !== "reward";
const nameOf = ({ name, version }: Pick<JudgeVersion, "name" | "version">) => `${name} v${version}`;

/** What people's votes on record say of judges that are to judge together, before that judge is made. */
export async function planAssembly(
  db: Db,
  of: AssemblyPlanInput & { projectId: string },
): Promise<AssemblyPlan> {
  const { problem, members } = await lookAt(db, of);
  return {
    problem,
    members: members.map(({ version: { id, name, version }, settles, ...about }) => ({
      ...{ judgeVersionId: id, name, version, settles: settles ?? null, ...about },
    })),
  };
}

interface Looked {
  version: JudgeVersion;
  items: number;
  slope: number | null;
  settles?: Threshold;
}

async function lookAt(
  db: Db,
  { projectId, assembled, settles }: AssemblyPlanInput & { projectId: string },
): Promise<{ problem: string | null; members: Looked[]; versions: JudgeVersion[] }> {
  const versions: JudgeVersion[] = [];
  for (const judgeVersionId of assembled.members)
    versions.push(await getJudgeVersion(db, { projectId, judgeVersionId }));
  const problem = await unfit(db, { projectId, assembled, versions });
  if (problem) return { problem, versions, members: [] };
  const members: Looked[] = [];
  /** What an earlier member settles never comes to a later one. */
  const early = new Set<string>();
  for (const [place, version] of versions.entries()) {
    const { question, compared } = await readVersion(db, { projectId, version });
    const beside = compared.filter(
      (one) => one.people.length > 0 && !one.isTrainedOn && one.task.responses.length === 2,
    );
    const slope = calibrationSlope(beside.flatMap(repliesOf));
    const looked: Looked = { version, items: beside.length, slope };
    members.push(looked);
    if (assembled.kind === "panel" || place === versions.length - 1) continue;
    const reached = beside.flatMap((one) =>
      early.has(one.task.taskId)
        ? []
        : [{ taskId: one.task.taskId, ...surenessOf(one, { question, settles }, slope ?? 1) }],
    );
    looked.settles = thresholdFor(reached, assembled.wanted);
    const { threshold } = looked.settles;
    if (threshold === null)
      return { problem: unreached(version, looked.settles, assembled.wanted), versions, members };
    for (const { taskId, sure } of reached) if (sure >= threshold) early.add(taskId);
  }
  return { problem: null, members, versions };
}

const repliesOf = (one: ComparedInTask) => {
  const people = peoplesScore(one);
  return one.verdicts.flatMap(({ p }) =>
    p === null || people === null ? [] : [{ item: one.task.taskId, p, people }],
  );
};

/** How sure a member is of what a cascade would say by it, and how far people agree; of a tie it is not sure at all. */
function surenessOf(one: ComparedInTask, of: Parameters<typeof decidedBy>[0], slope: number): Sure {
  const people = peoplesScore(one) ?? 0.5;
  const decided = one.task.isWhole ? decidedBy(of, one.task.said, slope) : null;
  return {
    prompt: one.prompt,
    sure: decided?.sure ?? 0,
    right: decided?.isFirst ? people : 1 - people,
  };
}

const percent = (share: number) => `${Math.round(1000 * share) / 10} %`;

function unreached(version: JudgeVersion, { settled, of, right }: Threshold, wanted: number): string {
  const name = nameOf(version);
  if (of === 0)
    return `Nothing shows how far ${name} agrees with people when it is sure: let it judge what people have judged first.`;
  if (settled === 0) return `${name} is sure of nothing that people judged: a cascade cannot begin with it.`;
  const found = shareText({ count: right.count, of: right.of, interval: right });
  return `No set of the surest verdicts of ${name} is sure to agree with people in ${percent(wanted)} of votes: its surest ${settled} of ${of} do in ${found}. Ask for less, judge more of what people have judged, or begin with another judge.`;
}

/** Why judges cannot judge together; null: they can. */
async function unfit(
  db: Db,
  {
    projectId,
    assembled,
    versions,
  }: { projectId: string; assembled: Assembled; versions: readonly JudgeVersion[] },
): Promise<string | null> {
  const questions = [];
  for (const version of versions) {
    if (version.assembly) return `${nameOf(version)} is made of other judges itself: name these.`;
    const { archivedAt } = await getJudge(db, { projectId, judgeId: version.judgeId });
    if (archivedAt) return `${nameOf(version)} is out of use.`;
    if (version.rubric && version.wording !== WORDING)
      return `${nameOf(version)} was asked in the words of an earlier release: make a new version of it.`;
    questions.push((await questionOf(db, version)).question);
  }
  const [question] = questions;
  const other = questions.findIndex((each) => writeJson(each) !== writeJson(question));
  if (other >= 0)
    return `${nameOf(versions[0])} and ${nameOf(versions[other])} answer different questions, or versions of one: members answer the same.`;
  const ordered = versions.filter(seesOrder);
  const one = ordered.find(({ orders }) => orders !== ordered[0].orders);
  if (one)
    return `${nameOf(one)} and ${nameOf(ordered[0])} are asked in different orders, one in both and one in a single one: members are asked alike.`;
  const goesByP = assembled.kind === "cascade" || assembled.combines === "mean";
  return goesByP && !kindOf(question.type).judging?.byScores
    ? `${question.label}: ${assembled.kind === "cascade" ? "a cascade goes" : "a mean is taken"} by how probable it is that one of two responses is better, and this question asks for something else.`
    : null;
}
