import { eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import {
  annotation,
  type annotationOrigin,
  assignment,
  markFact,
  pair,
  preference,
  task,
} from "../../db/schema";
import type { InView } from "../../db/shape/judgement";
import { storedJson } from "../../db/shape/written-json";
import { uuid7 } from "../../db/uuid7";
import { conflict } from "../errors";
import type { Answers } from "../form/schema";
import type { Facts } from "./facts";
import { counted, voters } from "./pairs";

/** The one place where an annotation and its facts are written, for one judgement at a desk or thousands of a file. */

/** Writes what each row of `given` states: the rows of `preference` and `mark_fact`, and how the pairs stand. */
export const statingFacts = sql`stated as materialized (
    select project_id, id as annotation_id, task_id, prompt_id, rater_id, origin, submitted_at, "questionId" as question_id,
      "responseA" as response_a, "responseB" as response_b, outcome, strength, "aShownFirst" as a_shown_first
    from given cross join lateral jsonb_to_recordset(preferences) as fact ("questionId" text, "responseA" uuid,
      "responseB" uuid, outcome preference_outcome, strength float8, "aShownFirst" boolean)
  ), voter as (${voters(sql`select rater_id from given`)}), paired as (
    insert into ${pair} as known (project_id, task_id, question_id, response_a, response_b, a, b, tie, both_bad)
    select project_id, task_id, question_id, response_a, response_b, ${counted(sql`voter.id is not null and origin <> 'adjudication'`)}
    from stated left join voter on voter.id = rater_id
    group by 1, 2, 3, 4, 5 order by 2, 3, 4, 5
    on conflict (task_id, question_id, response_a, response_b) do update set a = known.a + excluded.a,
      b = known.b + excluded.b, tie = known.tie + excluded.tie, both_bad = known.both_bad + excluded.both_bad
    returning id, task_id, question_id, response_a, response_b
  ), preferred as (
    insert into ${preference} (project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, question_id,
      response_a, response_b, outcome, strength, a_shown_first, submitted_at)
    select project_id, annotation_id, task_id, prompt_id, paired.id, rater_id, question_id, response_a, response_b,
      outcome, strength, a_shown_first, submitted_at
    from stated join paired using (task_id, question_id, response_a, response_b)
    returning 1
  ), marked as (
    insert into ${markFact} (project_id, annotation_id, task_id, prompt_id, rater_id, question_id, response_id, item,
      value)
    select project_id, id, task_id, prompt_id, rater_id, "questionId", "responseId", item, value
    from given cross join lateral jsonb_to_recordset(marks) as fact ("questionId" text, "responseId" uuid, item text,
      value float8)
    returning 1
  )`;

/**
 * @param before earlier parts of the statement, such as the seats that the judgements take
 * @param given what to write, one row a judgement: the columns of `annotation` that do not default, `prompt_id`, and
 *   `preferences` and `marks` as JSON lists
 * @param answer what the statement answers with; it may read `given`, `judged`, `preferred` and `marked`
 */
export const storing = ({ before, given, answer }: { before: SQL; given: SQL; answer: SQL }): SQL => sql`
  with ${before}, given as materialized (${given}), judged as (
    insert into ${annotation} (id, project_id, task_id, assignment_id, rater_id, origin, revision, answers, "order",
      form_version_id, guideline_version_id, shown_at, first_decision_at, submitted_at, visible_ms,
      in_view, selection_probability, flag_reason, return_comment, idempotency_key, created_at)
    select id, project_id, task_id, assignment_id, rater_id, origin, revision, answers, "order", form_version_id,
      guideline_version_id, shown_at, first_decision_at, submitted_at, visible_ms, in_view, selection_probability,
      flag_reason, return_comment, idempotency_key, created_at
    from given
    returning id, revision, created_at
  ), ${statingFacts} ${answer}`;

const $ = sql.placeholder;

export interface Stored {
  id: string;
  revision: number;
  createdAt: Date;
}

/** A time by the browser's clock, as the server's has it. */
const onTime = (time: string) =>
  sql`(${$(time)}::timestamptz + coalesce(now() - ${$("sentAt")}::timestamptz, interval '0'))`;

/** A time that a browser told of, if it did, between the lease and what came after. */
const between = (time: string, after: SQL) => sql`case when ${$(time)}::timestamptz is not null
  then greatest(least(${onTime(time)}, ${after}), ${$("leasedAt")}::timestamptz) end`;

const onSeat = statement<{ id: string; revision: number; createdAt: string }>(
  storing({
    before: sql`seat as (
      update ${assignment} set status = 'submitted', leased_until = null, return_comment = null
      where id = ${$("assignmentId")} and rater_id = ${$("raterId")} and status = ${$("from")}::assignment_status
        and not exists (select from ${annotation}
          where rater_id = ${$("raterId")} and idempotency_key = ${$("idempotencyKey")})
      returning id, project_id, task_id, rater_id
    )`,
    given: sql`select uuid7() as id, project_id, task_id, seat.id as assignment_id, rater_id,
        ${$("origin")}::annotation_origin as origin, earlier.revision + 1 as revision,
        ${$("answers")}::text::json as answers, ${$("order")}::smallint[] as "order",
        ${$("formVersionId")}::uuid as form_version_id, ${$("guidelineVersionId")}::uuid as guideline_version_id,
        ${between("shownAt", sql`coalesce(decided.at, known.at)`)} as shown_at, decided.at as first_decision_at,
        known.at as submitted_at, ${$("visibleMs")}::int as visible_ms,
        ${$("inView")}::text::jsonb as in_view,
        ${$("selectionProbability")}::float8 as selection_probability, ${$("flagReason")}::text as flag_reason,
        ${$("returnComment")}::text as return_comment, ${$("idempotencyKey")} as idempotency_key, now() as created_at, ${$("promptId")}::uuid as prompt_id,
        ${$("preferences")}::text::jsonb as preferences, ${$("marks")}::text::jsonb as marks
      from seat
      cross join lateral (
        select coalesce(max(revision), 0) as revision, max(submitted_at) as at from ${annotation}
        where assignment_id = seat.id) earlier
      cross join lateral (
        select greatest(least(${onTime("submittedAt")}, now()), ${$("leasedAt")}::timestamptz, earlier.at) as at) known
      cross join lateral (select ${between("firstDecisionAt", sql`known.at`)} as at) decided`,
    answer: sql`select id, revision, created_at as "createdAt" from judged`,
  }),
);

/** When something happened, as a rater's browser says. */
interface Times {
  shownAt?: string;
  firstDecisionAt?: string;
  submittedAt?: string;
  sentAt?: string;
  visibleMs?: number;
}

/**
 * Writes a judgement on a seat and the seat's new status. Times are the browser's, whose clock may be wrong: they are
 * moved by what it was off when the request left, if it says when that was. Then they are moved no further than it
 * takes to be true: shown ≤ decided ≤ submitted, none before the lease or after now, and no submission before the
 * revision that it replaces.
 * @returns null when the seat is the rater's no longer, or the key is known; then nothing was written
 */
export async function storeOnSeat(
  db: Db,
  given: Times & {
    assignmentId: string;
    raterId: string;
    /** The status that the seat must still have. */
    from: (typeof assignment.$inferSelect)["status"];
    promptId: string;
    origin: (typeof annotationOrigin.enumValues)[number];
    answers: Answers;
    facts: Facts;
    order: readonly number[];
    /** When the rater was first given what the screen showed. */
    leasedAt: string | null;
    selectionProbability: number | null;
    formVersionId: string;
    guidelineVersionId: string | null;
    flagReason?: string;
    returnComment: string | null;
    idempotencyKey: string;
    /** In canonical order. */
    inView?: InView;
  },
): Promise<Stored | null> {
  const { assignmentId, raterId, from, promptId, origin, formVersionId, guidelineVersionId, idempotencyKey } =
    given;
  const [created] = await onSeat(db, {
    assignmentId,
    raterId,
    from,
    promptId,
    origin,
    formVersionId,
    guidelineVersionId,
    idempotencyKey,
    answers: storedJson(given.answers),
    preferences: JSON.stringify(given.facts.preferences),
    marks: JSON.stringify(given.facts.marks),
    order: `{${given.order.join(",")}}`,
    shownAt: given.shownAt ?? null,
    firstDecisionAt: given.firstDecisionAt ?? null,
    submittedAt: given.submittedAt ?? null,
    sentAt: given.sentAt ?? null,
    leasedAt: given.leasedAt,
    selectionProbability: given.selectionProbability,
    returnComment: given.returnComment,
    visibleMs: given.visibleMs ?? null,
    inView: given.inView ? JSON.stringify(given.inView) : null,
    flagReason: given.flagReason ?? null,
  });
  return created ? { ...created, createdAt: new Date(created.createdAt) } : null;
}

/** Sets a judgement apart from all that count. In the transaction that stores it. */
export async function setApart(tx: Db, annotationId: string): Promise<void> {
  await tx.update(annotation).set({ apart: true }).where(eq(annotation.id, annotationId));
}

/** A judgement that is stored as it is: of a model, a demo rater or an adjudicator. */
export interface Settled {
  taskId: string;
  promptId: string;
  raterId: string;
  /** Null for whoever takes no seat: models and adjudicators. */
  assignmentId: string | null;
  origin: (typeof annotationOrigin.enumValues)[number];
  revision?: number;
  answers: Answers;
  facts: Facts;
  order: readonly number[];
  formVersionId: string;
  guidelineVersionId?: string | null;
  shownAt?: Date;
  firstDecisionAt?: Date;
  submittedAt: Date;
  visibleMs?: number;
  createdAt?: Date;
}

/** Whether an index would not have a row. */
function isRefusedBy(index: string, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("constraint_name" in error && error.constraint_name === index) || isRefusedBy(index, error.cause);
}

/**
 * Stores judgements that nobody waits for, any number in one statement.
 * @returns their ids, in the order given
 * @throws CONFLICT when a rater counts on one of the tasks already: whoever judges again retires the earlier one first
 */
export async function storeJudgements(
  tx: Db,
  { projectId, judgements }: { projectId: string; judgements: readonly Settled[] },
): Promise<string[]> {
  if (judgements.length === 0) return [];
  const given = judgements.map(({ facts, ...judgement }, place) => ({ ...judgement, ...facts, place }));
  const writing = tx.execute<{ id: string }>(
    storing({
      before: sql`listed as (
        select * from json_to_recordset(${storedJson(given)}::text::json) as t (
          place int, "taskId" uuid, "promptId" uuid, "raterId" uuid, "assignmentId" uuid, origin annotation_origin,
          revision int, answers json, "order" smallint[], "formVersionId" uuid, "guidelineVersionId" uuid,
          "shownAt" timestamptz, "firstDecisionAt" timestamptz, "submittedAt" timestamptz, "visibleMs" int,
          "createdAt" timestamptz, preferences jsonb, marks jsonb)
      )`,
      given: sql`select uuid7() as id, ${projectId}::uuid as project_id, "taskId" as task_id,
          "assignmentId" as assignment_id, "raterId" as rater_id, origin, coalesce(revision, 1) as revision, answers,
          "order", "formVersionId" as form_version_id, "guidelineVersionId" as guideline_version_id,
          "shownAt" as shown_at, "firstDecisionAt" as first_decision_at, "submittedAt" as submitted_at,
          "visibleMs" as visible_ms, null::jsonb as in_view, null::float8 as selection_probability,
          null::text as flag_reason, null::text as return_comment, null::text as idempotency_key, coalesce("createdAt", now()) as created_at, "promptId" as prompt_id, preferences, marks, place
        from listed`,
      answer: sql`select id from given order by place`,
    }),
  );
  try {
    return (await writing).map(({ id }) => id);
  } catch (error) {
    if (!isRefusedBy("annotation_task_rater", error)) throw error;
    throw conflict("One of these raters has judged one of these tasks already. Nothing was stored.");
  }
}

/** A judgement on a task that the same transaction made, with the seat that it takes. */
export interface FirstJudgement extends Facts {
  taskId: string;
  promptId: string;
  raterId: string;
  /** In canonical order, as `order` names it. */
  answers: Answers;
  order: readonly number[];
  /** Absent: now. */
  at?: Date;
}

/**
 * Stores judgements with their seats on tasks that the same transaction made. Nobody else has seen these, so that no
 * seat is taken and no pair is known: rows go into their tables side by side, with the ids that they have here, in a
 * third of the time that it takes to have each statement tell the next what it made. Of a rater who is given twice on
 * a task the first judgement counts.
 * @returns how many judgements and preferences were stored
 */
export async function storeFirst(
  tx: Db,
  {
    projectId,
    formVersionId,
    origin,
    judgements,
  }: {
    projectId: string;
    formVersionId: string;
    origin: (typeof annotationOrigin.enumValues)[number];
    judgements: readonly FirstJudgement[];
  },
): Promise<{ annotations: number; preferences: number }> {
  const first = [
    ...new Map(judgements.toReversed().map((one) => [`${one.taskId} ${one.raterId}`, one])).values(),
  ].toReversed();
  if (first.length === 0) return { annotations: 0, preferences: 0 };
  const raterIds = [...new Set(first.map(({ raterId }) => raterId))];
  const counting = await tx.execute<{ id: string }>(
    voters(sql`select unnest(${`{${raterIds.join(",")}}`}::uuid[])`),
  );
  const voterIds = new Set(counting.map(({ id }) => id));
  const pairs = new Map<string, NewPair>();
  const preferences: object[] = [];
  const marks: object[] = [];
  const annotations = first.map(({ preferences: compared, marks: marked, ...judgement }) => {
    const { taskId, promptId, raterId, at } = judgement;
    const annotation = { ...judgement, id: uuid7(), seatId: uuid7() };
    const stated = { annotationId: annotation.id, taskId, promptId, raterId, at };
    for (const { aShownFirst, outcome, strength, ...about } of compared) {
      const key = `${taskId} ${about.questionId} ${about.responseA} ${about.responseB}`;
      const known = pairs.get(key) ?? { id: uuid7(), taskId, ...about, a: 0, b: 0, tie: 0, both_bad: 0 };
      pairs.set(key, known);
      if (voterIds.has(raterId) && origin !== "adjudication") known[outcome]++;
      preferences.push({
        ...stated,
        id: uuid7(),
        pairId: known.id,
        ...about,
        outcome,
        strength,
        aShownFirst,
      });
    }
    for (const mark of marked) marks.push({ ...stated, id: uuid7(), ...mark });
    return annotation;
  });
  const rows = (given: readonly object[], columns: SQL) =>
    sql`json_to_recordset(${storedJson(given)}::text::json) as t (${columns})`;
  await tx.execute(sql`
    with listed as materialized (
      select * from ${rows(
        annotations,
        sql`id uuid, "seatId" uuid, "taskId" uuid, "raterId" uuid, answers json, "order" smallint[], at timestamptz`,
      )}
    ), seats as (
      insert into ${assignment} (id, project_id, task_id, rater_id, status, priority, position, language, domain,
        "order", form_version_id)
      select "seatId", ${projectId}::uuid, "taskId", "raterId", 'submitted', priority, position, language, domain,
        "order", ${formVersionId}::uuid
      from listed cross join lateral (
        select priority, position, language, domain from ${task} where id = "taskId" limit 1
      ) as home
    )
    insert into ${annotation} (id, project_id, task_id, assignment_id, rater_id, origin, answers, "order",
      form_version_id, submitted_at)
    select id, ${projectId}::uuid, "taskId", "seatId", "raterId", ${origin}::annotation_origin, answers, "order",
      ${formVersionId}::uuid, coalesce(at, now())
    from listed`);
  if (preferences.length > 0)
    await tx.execute(sql`
      with paired as (
        insert into ${pair} (id, project_id, task_id, question_id, response_a, response_b, a, b, tie, both_bad)
        select id, ${projectId}::uuid, "taskId", "questionId", "responseA", "responseB", a, b, tie, both_bad
        from ${rows(
          [...pairs.values()],
          sql`id uuid, "taskId" uuid, "questionId" text, "responseA" uuid, "responseB" uuid, a int, b int, tie int,
            both_bad int`,
        )}
      )
      insert into ${preference} (id, project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, question_id,
        response_a, response_b, outcome, strength, a_shown_first, submitted_at)
      select id, ${projectId}::uuid, "annotationId", "taskId", "promptId", "pairId", "raterId", "questionId",
        "responseA", "responseB", outcome, strength, "aShownFirst", coalesce(at, now())
      from ${rows(
        preferences,
        sql`id uuid, "annotationId" uuid, "taskId" uuid, "promptId" uuid, "pairId" uuid, "raterId" uuid,
          "questionId" text, "responseA" uuid, "responseB" uuid, outcome preference_outcome, strength float8,
          "aShownFirst" boolean, at timestamptz`,
      )}`);
  if (marks.length > 0)
    await tx.execute(sql`
      insert into ${markFact} (id, project_id, annotation_id, task_id, prompt_id, rater_id, question_id, response_id,
        item, value)
      select id, ${projectId}::uuid, "annotationId", "taskId", "promptId", "raterId", "questionId", "responseId", item,
        value
      from ${rows(
        marks,
        sql`id uuid, "annotationId" uuid, "taskId" uuid, "promptId" uuid, "raterId" uuid, "questionId" text,
          "responseId" uuid, item text, value float8`,
      )}`);
  return { annotations: annotations.length, preferences: preferences.length };
}

/** Two responses compared under a question, and how often each outcome counts. */
interface NewPair {
  id: string;
  taskId: string;
  questionId: string;
  responseA: string;
  responseB: string;
  a: number;
  b: number;
  tie: number;
  both_bad: number;
}
