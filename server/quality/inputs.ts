import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  admitted,
  annotation,
  mark,
  markFact,
  peoplesVotes,
  preference,
  prompt,
  response,
  task,
} from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import type { QualityFilter } from "../../db/shape/quality";
import { type Answers, answerTo, isQuestionOf, kindOf, type Question, storedAnswers } from "../form/schema";
import { listForms, questionsAsked } from "../form/versions";
import { factsOf } from "../judgement/facts";
import { outcomeCodes } from "../statistics/agreement/pairs";
import { type Part, PartBuilder, valuesOf } from "./part";

/** Which project, and which of its votes. */
export interface Look {
  projectId: string;
  filter: QualityFilter;
}

interface Cast extends Record<string, unknown> {
  question_id: string;
  task_id: string;
  prompt_id: string;
  rater_id: string;
  at: number;
}
interface CastPair extends Cast {
  pair_id: string;
  response_a: string;
  response_b: string;
  outcome: keyof typeof outcomeCodes;
  strength: number;
  a_shown_first: boolean | null;
}
interface CastMark extends Cast {
  response_id: string | null;
  item: string;
  value: number;
}

/** The votes of a project that a filter admits, by what was asked, in the order of the form. */
export async function readParts(db: Db, look: Look): Promise<Part[]> {
  const [forms, pairs, marks] = await Promise.all([
    listForms(db, look),
    readPairs(db, look),
    readMarks(db, look),
  ]);
  const questions = questionsAsked(forms);
  const choices = new Map<string, Choice[]>();
  for (const question of questions)
    if (asksForSeveral(question)) choices.set(question.id, await readChoices(db, look, question));
  return gather(questions, { pairs, marks, choices });
}

const asksForSeveral = (question: Question): boolean =>
  kindOf(question.type)
    .scales(question)
    .some((scale) => scale.by === "options" && scale.multiple);

/** What was said, by the question that asked for it. */
interface Said {
  pairs: ReadonlyMap<string, readonly CastPair[]>;
  marks: ReadonlyMap<string, readonly CastMark[]>;
  choices: ReadonlyMap<string, readonly Choice[]>;
}

/** One judgement with its answers, wherever it counts. */
export interface Stated {
  taskId: string;
  promptId: string;
  responseIds: readonly string[];
  raterId: string;
  /** In canonical order. */
  answers: Answers;
  order: readonly number[];
  submittedAt: Date;
}

/** Judgements that state no votes, by what was asked: agreement among them is measured as it is among votes. */
export function partsOf(questions: readonly Question[], judgements: readonly Stated[]): Part[] {
  const pairs: CastPair[] = [];
  const marks: CastMark[] = [];
  const choices: Choice[] = [];
  for (const { taskId, promptId, responseIds, raterId, answers, order, submittedAt } of judgements) {
    const cast = { task_id: taskId, prompt_id: promptId, rater_id: raterId, at: submittedAt.getTime() };
    const facts = factsOf({ questions, answers, order, responseIds });
    for (const { questionId, responseA, responseB, aShownFirst, ...fact } of facts.preferences)
      pairs.push({
        ...cast,
        ...fact,
        question_id: questionId,
        pair_id: `${taskId} ${responseA} ${responseB}`,
        response_a: responseA,
        response_b: responseB,
        a_shown_first: aShownFirst,
      });
    for (const { questionId, responseId, ...fact } of facts.marks)
      marks.push({ ...cast, ...fact, question_id: questionId, response_id: responseId });
    for (const question of questions) {
      const answer = isQuestionOf("choice", question) && answerTo("choice", question, answers);
      if (answer)
        choices.push({ ...cast, question_id: question.id, responses: responseIds, chosen: answer.values });
    }
  }
  return gather(questions, {
    pairs: byQuestion(pairs),
    marks: byQuestion(marks),
    choices: byQuestion(choices),
  });
}

function gather(questions: readonly Question[], { pairs, marks, choices }: Said): Part[] {
  const parts: Part[] = [];
  for (const question of questions)
    for (const scale of kindOf(question.type).scales(question)) {
      const attribute = scale.by === "points" ? scale.attribute : null;
      const label = scale.by === "points" ? `${question.label} ${scale.label}` : question.label;
      const builder = new PartBuilder({ questionId: question.id, attribute, label, scale }, valuesOf(scale));
      if (scale.by === "pairs") addPairs(builder, pairs.get(question.id) ?? []);
      else if (scale.by === "points") addRatings(builder, marks.get(question.id) ?? [], scale.attribute);
      else if (scale.multiple) addChosen(builder, choices.get(question.id) ?? [], scale.options);
      else addOptions(builder, marks.get(question.id) ?? [], scale.options);
      const part = builder.finish();
      if (part.value.length > 0) parts.push(part);
    }
  return parts;
}

const itemOf = ({ task_id, prompt_id }: Cast, responses: readonly string[]) => ({
  taskId: task_id,
  promptId: prompt_id,
  responses,
});

function addPairs(builder: PartBuilder, rows: readonly CastPair[]): void {
  for (const row of rows)
    builder.add({
      key: row.pair_id,
      item: itemOf(row, [row.response_a, row.response_b]),
      raterId: row.rater_id,
      value: outcomeCodes[row.outcome],
      at: row.at,
      strength: row.outcome === "a" ? row.strength : row.outcome === "b" ? -row.strength : 0,
      aFirst: row.a_shown_first,
    });
}

/** What stands on no side of a pair. */
const unsided = { strength: 0, aFirst: null };

function addRatings(builder: PartBuilder, rows: readonly CastMark[], attribute: string): void {
  for (const row of rows)
    if (row.item === attribute)
      builder.add({
        key: `${row.task_id} ${row.response_id}`,
        item: itemOf(row, row.response_id ? [row.response_id] : []),
        raterId: row.rater_id,
        value: row.value,
        at: row.at,
        ...unsided,
      });
}

function addOptions(builder: PartBuilder, rows: readonly CastMark[], options: readonly string[]): void {
  for (const row of rows) {
    const value = options.indexOf(row.item);
    if (value >= 0)
      builder.add({
        key: `${row.task_id} ${row.response_id}`,
        item: itemOf(row, row.response_id ? [row.response_id] : []),
        raterId: row.rater_id,
        value,
        at: row.at,
        ...unsided,
      });
  }
}

interface Judged extends Cast {
  answers: StoredAnswers;
  responses: readonly string[];
}
interface Choice extends Cast {
  responses: readonly string[];
  /** For each response, or once for the task, what was chosen. */
  chosen: readonly (readonly string[])[];
}

/** What was not chosen says as much as what was: each option is a question of its own. */
function addChosen(builder: PartBuilder, rows: readonly Choice[], options: readonly string[]): void {
  for (const row of rows)
    for (const [place, chosen] of row.chosen.entries())
      for (const option of options)
        builder.add({
          key: `${row.task_id} ${row.chosen.length > 1 ? row.responses[place] : null} ${option}`,
          item: itemOf(row, row.chosen.length > 1 ? [row.responses[place]] : []),
          raterId: row.rater_id,
          value: Number(chosen.includes(option)),
          at: row.at,
          ...unsided,
        });
}

/** The condition of a filter on a judgement `n` of a task `t`. */
function admits({ language, domain, from, to }: QualityFilter): SQL {
  const parts = [
    ...(language ? [sql`t.language = ${language}`] : []),
    ...(domain ? [sql`t.domain = ${domain}`] : []),
    ...(from ? [sql`n.submitted_at >= ${from}::timestamptz`] : []),
    ...(to ? [sql`n.submitted_at <= ${to}::timestamptz`] : []),
  ];
  return parts.length > 0 ? sql`and ${sql.join(parts, sql` and `)}` : sql``;
}

/** The votes of one rater alone say nothing of agreement: all votes on what this rater judged are read. */
const judgedBy = ({ raterId }: QualityFilter, of: (raterId: string) => SQL): SQL =>
  raterId ? sql`and ${of(raterId)}` : sql``;

const at = sql`(extract(epoch from n.submitted_at) * 1000)::float8 as at`;
const written = (source: string | undefined, by: SQL) =>
  source === undefined
    ? sql``
    : sql`and exists (select from ${response} r where r.id in (${by}) and r.source = ${source})`;

async function readPairs(db: Db, { projectId, filter }: Look): Promise<Map<string, CastPair[]>> {
  const rows = await db.execute<CastPair>(sql`
    select v.question_id, v.pair_id, v.task_id, v.prompt_id, v.rater_id, v.response_a, v.response_b, v.outcome,
      v.strength, v.a_shown_first, ${at}
    from ${peoplesVotes} v join ${annotation} n on n.id = v.annotation_id join ${task} t on t.id = v.task_id
    where v.project_id = ${projectId} ${admits(filter)} ${written(filter.source, sql`v.response_a, v.response_b`)}
      ${judgedBy(filter, (raterId) => sql`v.pair_id in (select pair_id from ${peoplesVotes} own where own.rater_id = ${raterId})`)}
    order by v.id`);
  return byQuestion(rows);
}

async function readMarks(db: Db, { projectId, filter }: Look): Promise<Map<string, CastMark[]>> {
  const rows = await db.execute<CastMark>(sql`
    select m.question_id, m.task_id, m.prompt_id, m.rater_id, m.response_id, m.item, m.value, ${at}
    from ${mark} m join ${annotation} n on n.id = m.annotation_id join ${task} t on t.id = m.task_id
    where m.project_id = ${projectId} and m.rater_kind <> 'model' ${admits(filter)}
      ${written(filter.source, sql`m.response_id`)}
      ${judgedBy(filter, (raterId) => sql`m.task_id in (select task_id from ${mark} own where own.rater_id = ${raterId})`)}
    order by m.id`);
  return byQuestion(rows);
}

/** Who answered a question of several options, also with none of them: what was not chosen has no mark. */
async function readChoices(db: Db, { projectId, filter }: Look, question: Question): Promise<Choice[]> {
  if (!isQuestionOf("choice", question)) return [];
  const rows = await db.execute<Judged>(sql`
    select ${question.id} as question_id, n.task_id, t.prompt_id, n.rater_id, n.answers, t.response_ids as responses, ${at}
    from ${admitted} n join ${task} t on t.id = n.task_id
    where n.project_id = ${projectId} and n.rater_kind <> 'model' and not n.is_adjudication
      and jsonb_exists(n.answers, ${question.id}) ${admits(filter)}
      ${written(filter.source, sql`select unnest(t.response_ids)`)}
      ${judgedBy(filter, (raterId) => sql`n.task_id in (select task_id from ${admitted} own where own.rater_id = ${raterId})`)}
    order by n.id`);
  return [...rows].flatMap((row) => {
    const answer = answerTo("choice", question, storedAnswers(row.answers));
    return answer ? [{ ...row, chosen: answer.values }] : [];
  });
}

/** What is known of responses and of work, beside the votes. */
export interface Surroundings {
  responses: ReadonlyMap<string, { source: string | null; length: number }>;
  /** What adjudicators said, by part and key of the item. */
  adjudicated: ReadonlyMap<string, number>;
  judgements: readonly Judgement[];
}

/** A judgement that counts, and what there was to read. */
export interface Judgement extends Record<string, unknown> {
  rater_id: string;
  at: number;
  visible_ms: number | null;
  characters: number;
  language: string | null;
}

/** By which an adjudication is found from a vote on the same thing. */
export const adjudicationKey = (questionId: string, attribute: string | null, key: string): string =>
  `${questionId} ${attribute} ${key}`;

/** Lengths and sources of responses, adjudications, and the times of judgements. */
export async function readSurroundings(db: Db, { projectId, filter }: Look): Promise<Surroundings> {
  const { raterId } = filter;
  const [responses, pairs, marks, judgements] = await Promise.all([
    db.execute<{ id: string; source: string | null; length: number }>(sql`
      select id, source, length(content) as length from ${response} where project_id = ${projectId}`),
    db.execute<{ question_id: string; pair_id: string; outcome: keyof typeof outcomeCodes }>(sql`
      select p.question_id, p.pair_id, p.outcome from ${preference} p join ${admitted} n on n.id = p.annotation_id
      where p.project_id = ${projectId} and n.is_adjudication`),
    db.execute<{
      question_id: string;
      task_id: string;
      response_id: string | null;
      item: string;
      value: number;
    }>(sql`
      select f.question_id, f.task_id, f.response_id, f.item, f.value
      from ${markFact} f join ${admitted} n on n.id = f.annotation_id
      where f.project_id = ${projectId} and n.is_adjudication`),
    db.execute<Judgement>(sql`
      select n.rater_id, ${at}, w.visible_ms, t.language,
        (length(p.search_text) + coalesce((select sum(length(content)) from ${response} r where r.id = any(t.response_ids)), 0))::int
          as characters
      from ${admitted} n join ${annotation} w on w.id = n.id join ${task} t on t.id = n.task_id
        join ${prompt} p on p.id = t.prompt_id
      where n.project_id = ${projectId} and not n.is_adjudication and n.rater_kind <> 'model' ${admits(filter)}
        ${raterId ? sql`and n.rater_id = ${raterId}` : sql``}
      order by n.submitted_at, n.id`),
  ]);
  const adjudicated = new Map<string, number>();
  for (const { question_id, pair_id, outcome } of pairs)
    adjudicated.set(adjudicationKey(question_id, null, pair_id), outcomeCodes[outcome]);
  for (const { question_id, task_id, response_id, item, value } of marks)
    adjudicated.set(adjudicationKey(question_id, item, `${task_id} ${response_id}`), value);
  return {
    responses: new Map([...responses].map((row) => [row.id, row])),
    adjudicated,
    judgements: [...judgements],
  };
}

function byQuestion<Row extends Cast>(rows: Iterable<Row>): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.question_id);
    if (group) group.push(row);
    else groups.set(row.question_id, [row]);
  }
  return groups;
}
