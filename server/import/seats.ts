import { and, eq, sql } from "drizzle-orm";
import { anyKey } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, project, rater, task } from "../../db/schema";
import { notFound } from "../errors";
import { isAsked, type Question } from "../form/schema";
import { currentForm } from "../form/versions";
import type { KeyedRecord } from "./merge";
import type { ImportSeats } from "./schema";

/** How many experts judge a new task without judgements, and one that comes with them. */
export interface SeatsEach {
  unjudged: number;
  judged: number;
}

/**
 * What a comparison of short answers takes where the project has timed none: 35 to 40 s of reading, and the answer.
 * In seconds.
 */
const GUESSED_SECONDS = 40;
/** Timed judgements from which their median is the project's pace. */
const ENOUGH_TIMED = 10;
/** The newest that are looked at. */
const MOST_TIMED = 500;

/** Whether the form asks experts anything that they must answer about a task with `k` responses. */
export const isForExperts = (questions: readonly Question[], k: number): boolean =>
  questions.some((question) => question.required && isAsked(question, k, questions));

/** The seats that an import gives to each new task, as asked for or as the project has it. */
export async function seatsEach(
  db: Db,
  { projectId, seats }: { projectId: string; seats: number | undefined },
): Promise<SeatsEach & { overlap: number }> {
  const [home] = await db.select({ overlap: project.overlap }).from(project).where(eq(project.id, projectId));
  if (!home) throw notFound("The project");
  return { unjudged: seats ?? home.overlap, judged: seats ?? 0, overlap: home.overlap };
}

/** Counts, record by record, the tasks that an import adds for experts to judge. */
export class SeatForecast {
  private readonly seen = new Set<string>();
  private readonly tasks = { judged: 0, unjudged: 0 };

  private constructor(
    private readonly db: Db,
    private readonly projectId: string,
    private readonly questions: readonly Question[],
    private readonly each: SeatsEach & { overlap: number },
    /** Whether there are tasks that files may name again. */
    private readonly isBegun: boolean,
  ) {}

  static async open(
    db: Db,
    { projectId, seats }: { projectId: string; seats: number | undefined },
  ): Promise<SeatForecast> {
    const { questions } = await currentForm(db, projectId);
    const [begun] = await db.select({ id: task.id }).from(task).where(eq(task.projectId, projectId)).limit(1);
    const each = await seatsEach(db, { projectId, seats });
    return new SeatForecast(db, projectId, questions, each, begun !== undefined);
  }

  /** Takes records before they are written. */
  async add(records: readonly KeyedRecord[]): Promise<void> {
    const fresh = new Map<string, boolean>();
    for (const { taskKey, responses, judgements } of records) {
      if (this.seen.has(taskKey) || !isForExperts(this.questions, responses.length)) continue;
      fresh.set(taskKey, (fresh.get(taskKey) ?? false) || judgements.length > 0);
    }
    for (const key of fresh.keys()) this.seen.add(key);
    if (this.isBegun && fresh.size > 0)
      for (const key of await this.known([...fresh.keys()])) fresh.delete(key);
    for (const isJudged of fresh.values()) this.tasks[isJudged ? "judged" : "unjudged"]++;
  }

  async result(): Promise<ImportSeats> {
    const { tasks } = this;
    const { overlap, judged, unjudged } = this.each;
    const timed = await this.pace();
    const secondsEach = timed ?? GUESSED_SECONDS;
    const open = tasks.judged * judged + tasks.unjudged * unjudged;
    const known = { tasks, each: { judged, unjudged }, open, overlap, secondsEach };
    const secondsFrom = timed === null ? ("guess" as const) : ("project" as const);
    return { ...known, secondsFrom, says: sentence({ ...known, secondsFrom }) };
  }

  private async known(keys: readonly string[]): Promise<string[]> {
    const rows = await this.db
      .select({ key: task.key })
      .from(task)
      .where(and(eq(task.projectId, this.projectId), anyKey(task.key, keys)));
    return rows.map(({ key }) => key);
  }

  /** The median of what the project's people took for a judgement, in seconds; null where too few were timed. */
  private async pace(): Promise<number | null> {
    const [found] = await this.db.execute<{ seconds: number | null; timed: number }>(sql`
      select percentile_cont(0.5) within group (order by visible_ms) / 1000 as seconds, count(*)::int as timed
      from (
        select visible_ms from ${annotation} join ${rater} on ${rater.id} = ${annotation.raterId}
        where ${annotation.projectId} = ${this.projectId} and ${rater.kind} = 'person'
          and visible_ms is not null
        order by ${annotation.submittedAt} desc limit ${MOST_TIMED}
      ) as newest`);
    return found.timed >= ENOUGH_TIMED ? found.seconds : null;
  }
}

function sentence({
  tasks,
  each,
  open,
  overlap,
  secondsEach,
  secondsFrom,
}: Omit<ImportSeats, "says">): string {
  const pace =
    secondsFrom === "project"
      ? `at the ${Math.round(secondsEach)} s that a judgement takes here`
      : `if a judgement takes ${secondsEach} s, which is a guess`;
  const work = (judgements: number) =>
    `${count(judgements, "judgement")}, about ${duration(judgements * secondsEach)} ${pace}`;
  if (tasks.judged + tasks.unjudged === 0) return "No new task for experts: the desk stays as it is.";
  const asked = open === 0 ? "Experts are asked for nothing." : `Experts are asked for ${work(open)}.`;
  if (tasks.judged === 0 || each.judged > 0) return asked;
  return (
    `${asked} ${count(tasks.judged, "task")} ${tasks.judged === 1 ? "comes" : "come"} with judgements and ` +
    `${tasks.judged === 1 ? "opens" : "open"} no seat; import with "seats": ${overlap} to ask experts, too: ` +
    `${work((tasks.judged + tasks.unjudged) * overlap)}.`
  );
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function duration(seconds: number): string {
  const minutes = seconds / 60;
  return minutes < 90
    ? count(Math.max(1, Math.round(minutes)), "minute")
    : count(Math.round(minutes / 60), "hour");
}
