import { sql } from "drizzle-orm";
import { boolean, doublePrecision, pgView, text, uuid } from "drizzle-orm/pg-core";
import { annotationOrigin, preferenceOutcome } from "../schema/annotation";
import { instant, jsonWithDocuments } from "../schema/columns";
import { raterKind } from "../schema/people";
import type { StoredAnswers } from "../shape/form";

/**
 * What counts, decided here and nowhere else. A judgement is admitted while it is the current revision of its seat
 * (not undone, not replaced), nobody excluded it or sent it back, its rater's consent stands, and it is not set apart:
 * where the answer was known it measures its rater, in a norming it is practice. A withdrawn consent so takes the rater's work out of every number at once, and a consent given again brings it back.
 *
 * An adjudication is admitted and marked as such. It decides a task where a dataset's recipe says so; it is never a
 * vote: whoever adjudicates has seen the votes, so that its agreement with them says nothing.
 */
export const admitted = pgView("admitted", {
  id: uuid().notNull(),
  projectId: uuid().notNull(),
  taskId: uuid().notNull(),
  raterId: uuid().notNull(),
  raterKind: raterKind().notNull(),
  origin: annotationOrigin().notNull(),
  isAdjudication: boolean().notNull(),
  answers: jsonWithDocuments().$type<StoredAnswers>().notNull(),
  formVersionId: uuid().notNull(),
  submittedAt: instant().notNull(),
  flagReason: text(),
}).as(sql`
  select n.id, n.project_id, n.task_id, n.rater_id, r.kind as rater_kind, n.origin,
    n.origin = 'adjudication' as is_adjudication, n.answers, n.form_version_id, n.submitted_at, n.flag_reason
  from annotation n join rater r on r.id = n.rater_id
  where n.current and n.excluded_at is null and not n.apart and r.consent_withdrawn_at is null`);

/**
 * One vote a row: a pairwise fact of an admitted judgement that is no adjudication. Everything that counts preferences
 * reads this: agreement, win rates, disagreements, selection, the table of preferences. It counts people, by
 * `peoplesVotes`, unless somebody asked for models too.
 *
 * Says what `admitted` says from the other side: an anti-join to the few judgements that are set aside, which an
 * index holds, takes three quarters of the time that a join to all judgements takes (agreement of 105,000 votes).
 * What is set apart states no facts (judgement/submit), so that there is nothing of it to leave out here.
 */
export const vote = pgView("vote", {
  id: uuid().notNull(),
  projectId: uuid().notNull(),
  annotationId: uuid().notNull(),
  taskId: uuid().notNull(),
  promptId: uuid().notNull(),
  pairId: uuid().notNull(),
  raterId: uuid().notNull(),
  raterKind: raterKind().notNull(),
  questionId: text().notNull(),
  responseA: uuid().notNull(),
  responseB: uuid().notNull(),
  outcome: preferenceOutcome().notNull(),
  strength: doublePrecision().notNull(),
  aShownFirst: boolean(),
}).as(sql`
  select p.id, p.project_id, p.annotation_id, p.task_id, p.prompt_id, p.pair_id, p.rater_id,
    r.kind as rater_kind, p.question_id, p.response_a, p.response_b, p.outcome, p.strength, p.a_shown_first
  from preference p join rater r on r.id = p.rater_id and r.consent_withdrawn_at is null
  where not exists (
    select from annotation n where n.id = p.annotation_id and n.project_id = p.project_id
      and (not n.current or n.excluded_at is not null or n.origin = 'adjudication'))`);

/**
 * One answered scale or chosen option a row, of judgements that count as votes: what `vote` is for answers that are not
 * pairwise. `response_id` is null where the task as a whole was judged.
 */
export const mark = pgView("mark", {
  id: uuid().notNull(),
  projectId: uuid().notNull(),
  annotationId: uuid().notNull(),
  taskId: uuid().notNull(),
  promptId: uuid().notNull(),
  raterId: uuid().notNull(),
  raterKind: raterKind().notNull(),
  questionId: text().notNull(),
  responseId: uuid(),
  item: text().notNull(),
  value: doublePrecision().notNull(),
}).as(sql`
  select f.id, f.project_id, f.annotation_id, f.task_id, f.prompt_id, f.rater_id, r.kind as rater_kind, f.question_id,
    f.response_id, f.item, f.value
  from mark_fact f join rater r on r.id = f.rater_id and r.consent_withdrawn_at is null
  where not exists (
    select from annotation n where n.id = f.annotation_id and n.project_id = f.project_id
      and (not n.current or n.excluded_at is not null or n.origin = 'adjudication'))`);

/** The votes of people, as a relation to read `from`: what a number counts that nobody asked to count models too. */
export const peoplesVotes = sql`(select * from ${vote} where rater_kind <> 'model')`;
