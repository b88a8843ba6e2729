import { and, asc, desc, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import {
  norming,
  normingItem,
  normingRater,
  normingRemark,
  person,
  practice,
  prompt,
  rater,
  response,
  task,
} from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import { normingPasses } from "../../db/shape/norming";
import { noteSeen } from "../blindness/seen";
import { notFound } from "../errors";
import { type Question, storedAnswers } from "../form/schema";
import { listForms, questionsAsked } from "../form/versions";
import { groupBy } from "../group";
import { nearnessByTask } from "../quality/agreement";
import { partsOf, type Stated } from "../quality/inputs";
import { normingPhase, settleDue, standings } from "../seat/norming";
import { comparedParts } from "./compared";
import type { NormingItem, ShownNorming, Speaker } from "./schema";

type Pass = (typeof normingPasses)[number];

/** Who looks at a norming. */
export interface Reader {
  projectId: string;
  personId: string;
  /** Whether they check the work of others: they are told names, and see normings in which they take no part. */
  mayReview: boolean;
}

/** A norming to one who looks at it. */
type Row = typeof norming.$inferSelect & {
  phase: ShownNorming["phase"];
  /** Whether whoever looks is one of its raters. */
  takesPart: boolean;
};

/** Whether a pass may be looked at: never while it is judged, and the first not by those who judge the second. */
export function isOpenTo({ phase, againAt, takesPart }: Row, pass: Pass): boolean {
  if (phase === "ended") return pass === "before" || againAt !== null;
  return pass === "before" && (phase === "talk" || (phase === "after" && !takesPart));
}

/** The normings that somebody may see, newest first: all of them, or those in which they take part. */
async function normingsFor(db: Db, { projectId, personId, mayReview }: Reader): Promise<Row[]> {
  const mine = await db
    .select({ id: normingRater.normingId })
    .from(normingRater)
    .innerJoin(rater, eq(rater.id, normingRater.raterId))
    .where(and(eq(rater.projectId, projectId), eq(rater.personId, personId)));
  const own = new Set(mine.map(({ id }) => id));
  const rows = await db
    .select({ ...getTableColumns(norming), phase: normingPhase })
    .from(norming)
    .where(eq(norming.projectId, projectId))
    .orderBy(desc(norming.createdAt), desc(norming.id));
  return rows.flatMap((row) => {
    const takesPart = own.has(row.id);
    return takesPart || mayReview ? [{ ...row, takesPart }] : [];
  });
}

/**
 * One of them.
 * @throws NOT_FOUND for one of another project, and for others' normings
 */
export async function findNorming(db: Db, reader: Reader, normingId: string) {
  const found = (await normingsFor(db, reader)).find(({ id }) => id === normingId);
  if (!found) throw notFound("The norming");
  return found;
}

/**
 * A norming as somebody may see it. That they were shown others' answers is kept.
 * @param normingId absent: the newest
 * @returns null where there is none
 */
export async function showNorming(
  db: Db,
  { normingId, ...reader }: Reader & { normingId?: string },
): Promise<ShownNorming | null> {
  const { projectId, personId } = reader;
  await settleDue(db, projectId);
  const all = await normingsFor(db, reader);
  const row = normingId ? all.find(({ id }) => id === normingId) : all[0];
  if (!row) {
    if (normingId) throw notFound("The norming");
    return null;
  }
  const [raters, items, forms] = await Promise.all([
    standings(db, row.id),
    db
      .select({ taskId: normingItem.taskId, pass: normingItem.pass, task, prompt })
      .from(normingItem)
      .innerJoin(task, eq(task.id, normingItem.taskId))
      .innerJoin(prompt, eq(prompt.id, task.promptId))
      .where(eq(normingItem.normingId, row.id))
      .orderBy(asc(normingItem.position)),
    listForms(db, { projectId }),
  ]);
  const numbered = new Map(raters.map((one, index) => [one.raterId, { ...one, number: index + 1 }]));
  const speaks = (raterId: string): Speaker => {
    const one = numbered.get(raterId);
    return {
      number: one?.number ?? null,
      name: reader.mayReview ? (one?.name ?? null) : null,
      isMe: one?.personId === personId,
    };
  };
  const of = (pass: Pass) => items.filter((item) => item.pass === pass);
  const open = normingPasses.filter((pass) => isOpenTo(row, pass));
  const shown = items.filter(({ pass }) => open.includes(pass));
  const judged = await judgementsOn(db, shown);
  const questions = questionsAsked(forms);
  const givenIn = (pass: Pass) =>
    judged.filter(({ taskId }) => of(pass).some((item) => item.taskId === taskId));
  const detail = await detailOf(db, { items: shown, judged, questions, speaks, reader });
  const seenIn = (pass: Pass) =>
    open.includes(pass)
      ? detail
          .filter(({ taskId }) => of(pass).some((item) => item.taskId === taskId))
          .toSorted((one, other) => (one.agreement ?? 2) - (other.agreement ?? 2))
      : null;
  await noteSeen(db, { personId, shown: shown.map(({ taskId }) => ({ taskId })) });
  const { id, phase, holdsWork, createdAt: startedAt, openedAt, dueAt, again, endedAt, takesPart } = row;
  return {
    ...{ id, phase, holdsWork, startedAt, openedAt, dueAt, again, endedAt, takesPart },
    items: { before: of("before").length, after: of("after").length },
    raters: raters.map(({ raterId, before, after, isWaitedFor }) => ({
      by: speaks(raterId),
      done: { before, after },
      isWaitedFor,
    })),
    parts: comparedParts(questions, { before: givenIn("before"), after: givenIn("after") }),
    seen: { before: seenIn("before"), after: seenIn("after") },
    all: all.map((one) => ({ id: one.id, startedAt: one.createdAt })),
  };
}

interface ItemRow {
  taskId: string;
  task: typeof task.$inferSelect;
  prompt: typeof prompt.$inferSelect;
}

/** What raters answered to items, as it stands. */
async function judgementsOn(db: Db, items: readonly ItemRow[]): Promise<Stated[]> {
  const rows = await db.execute<{
    taskId: string;
    raterId: string;
    order: number[];
    answers: StoredAnswers;
    submittedAt: string;
  }>(sql`
    select task_id as "taskId", rater_id as "raterId", "order", answers::jsonb as answers,
      submitted_at as "submittedAt"
    from ${practice} given where ${anyOf(
      sql`task_id`,
      items.map(({ taskId }) => taskId),
    )} order by rater_id`);
  return rows.flatMap(({ taskId, raterId, order, answers, submittedAt }) => {
    const item = items.find((one) => one.taskId === taskId);
    if (!item) return [];
    const { promptId, responseIds } = item.task;
    return [
      {
        ...{ taskId, raterId, order, promptId, responseIds },
        answers: storedAnswers(answers),
        submittedAt: new Date(submittedAt),
      },
    ];
  });
}

async function detailOf(
  db: Db,
  {
    items,
    judged,
    questions,
    speaks,
    reader,
  }: {
    items: readonly ItemRow[];
    judged: readonly Stated[];
    questions: readonly Question[];
    speaks: (raterId: string) => Speaker;
    reader: Reader;
  },
): Promise<NormingItem[]> {
  const taskIds = items.map(({ taskId }) => taskId);
  const [responses, remarks] = await Promise.all([
    db
      .select({ id: response.id, content: response.content })
      .from(response)
      .where(
        inArray(
          response.id,
          items.flatMap((item) => item.task.responseIds),
        ),
      ),
    db
      .select({ remark: normingRemark, raterId: rater.id, name: person.name })
      .from(normingRemark)
      .innerJoin(person, eq(person.id, normingRemark.personId))
      .leftJoin(rater, and(eq(rater.personId, person.id), eq(rater.projectId, normingRemark.projectId)))
      .where(inArray(normingRemark.taskId, taskIds))
      .orderBy(asc(normingRemark.id)),
  ]);
  const contentOf = new Map(responses.map(({ id, content }) => [id, content]));
  const answersTo = groupBy(judged, ({ taskId }) => taskId);
  const remarksOn = groupBy(remarks, ({ remark }) => remark.taskId);
  const near = nearnessByTask(partsOf(questions, judged));
  return items.map(({ taskId, task: { responseIds }, prompt: { messages, language } }) => {
    const given = answersTo.get(taskId) ?? [];
    return {
      taskId,
      prompt: { messages, language },
      responses: responseIds.map((id) => ({ content: contentOf.get(id) ?? "" })),
      questions: [...questions],
      agreement: near.get(taskId) ?? null,
      answers: given.map(({ raterId, answers }) => ({ by: speaks(raterId), answers })),
      remarks: (remarksOn.get(taskId) ?? []).map(
        ({ remark: { id, text, personId, createdAt }, raterId, name }) => {
          const by = raterId ? speaks(raterId) : { number: null, name: null };
          return {
            id,
            text,
            at: createdAt,
            by: { ...by, name: reader.mayReview ? name : null, isMe: personId === reader.personId },
          };
        },
      ),
    };
  });
}
