import { and, eq, sql } from "drizzle-orm";
import { anyKey } from "../../db/any-of";
import type { Db } from "../../db/client";
import { assignment, prompt, response, task } from "../../db/schema";
import { storedJson } from "../../db/shape/written-json";
import type { Actor } from "../audit/audit";
import { searchTextOf } from "../content/content";
import { toCanonical } from "../form/answers";
import type { Answers } from "../form/schema";
import { groupBy } from "../group";
import { factsOf } from "../judgement/facts";
import { storing } from "../judgement/store";
import { insertTasks } from "../task/insert";
import { StudyForm } from "./adopt";
import type { KeyedRecord } from "./merge";
import { RaterRegister } from "./raters";
import type { ImportCounts, Judgement } from "./schema";
import { isForExperts, type SeatsEach } from "./seats";

interface WriterInput {
  projectId: string;
  runId: string;
  seats: SeatsEach;
}

interface Row {
  id: string;
  key: string;
  fresh: boolean;
}

/**
 * Writes records of one import in the transaction it is given, some thousands at a time. Rows of the large tables are
 * looked up by `lateral (… limit 1)`: joins would be planned for tables that are still empty.
 */
export class ImportWriter {
  readonly counts: ImportCounts = {
    prompts: { added: 0, known: 0 },
    responses: { added: 0, known: 0 },
    tasks: { added: 0, known: 0 },
    judgements: { added: 0, known: 0 },
    raters: 0,
    preferences: 0,
    revised: 0,
    questions: [],
  };
  private readonly raters: RaterRegister;

  private constructor(
    private readonly tx: Db,
    private readonly input: WriterInput,
    private readonly form: StudyForm,
  ) {
    this.raters = new RaterRegister(tx, input.projectId);
  }

  static async open(tx: Db, actor: Actor, input: WriterInput): Promise<ImportWriter> {
    return new ImportWriter(tx, input, await StudyForm.open(tx, actor, input.projectId));
  }

  /** Stores prompts, responses, tasks with their seats, and judgements; what the project has already stays as it is. */
  async write(records: readonly KeyedRecord[]): Promise<void> {
    const judgements = records.flatMap((record) => record.judgements);
    this.counts.questions.push(...(await this.form.adopt(judgements)));
    this.counts.raters += await this.raters.enrol(judgements.map((judgement) => judgement.rater));
    const promptIds = await this.writePrompts(records);
    const responseIds = await this.writeResponses(records, promptIds);
    const tasks = await this.writeTasks(records, promptIds, responseIds);
    await this.writeJudgements(records, responseIds, tasks);
  }

  private async writePrompts(records: readonly KeyedRecord[]): Promise<Map<string, string>> {
    const given = distinct(records, ({ promptKey }) => promptKey).map(
      ({ prompt: { metadata, ...about }, promptKey: key }) => ({
        ...about,
        key,
        metadata,
        searchText: searchTextOf(about.messages),
      }),
    );
    const rows = await this.tx.execute<Row & Record<string, unknown>>(sql`
      with given as (
        select * from json_to_recordset(${storedJson(given)}::text::json) as t (
          key text, messages json, tools json, language text, domain text, source text, "externalId" text,
          metadata json, "searchText" text)
      ), fresh as (
        insert into ${prompt} (project_id, key, messages, tools, language, domain, source, external_id, metadata,
          search_text, searchable, import_run_id)
        select ${this.input.projectId}::uuid, key, messages, tools, language, domain, source, "externalId", metadata,
          "searchText", false, ${this.input.runId}::uuid
        from given
        on conflict (project_id, key) do nothing
        returning id, key
      )
      select id, key, true as fresh from fresh
      union all
      select known.id, given.key, false
      from given cross join lateral (
        select id from ${prompt} where project_id = ${this.input.projectId}::uuid and key = given.key limit 1
      ) as known`);
    return this.count("prompts", rows);
  }

  private async writeResponses(
    records: readonly KeyedRecord[],
    promptIds: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> {
    const given = distinct(
      records.flatMap((record) =>
        record.responses.map((reply, index) => ({
          ...reply,
          promptId: idIn(promptIds, record.promptKey),
          key: record.responseKeys[index],
        })),
      ),
      ({ promptId, key }) => `${promptId} ${key}`,
    );
    if (given.length === 0) return new Map();
    const rows = await this.tx.execute<Row & Record<string, unknown>>(sql`
      with given as (
        select * from json_to_recordset(${storedJson(given)}::text::json) as t (
          "promptId" uuid, key text, content text, source text, "externalId" text, metadata json)
      ), fresh as (
        insert into ${response} (project_id, prompt_id, key, content, source, external_id, metadata, searchable,
          import_run_id)
        select ${this.input.projectId}::uuid, "promptId", key, content, source, "externalId", metadata, false,
          ${this.input.runId}::uuid
        from given
        on conflict (prompt_id, key) do nothing
        returning id, prompt_id, key
      )
      select id, prompt_id || ' ' || key as key, true as fresh from fresh
      union all
      select known.id, "promptId" || ' ' || given.key, false
      from given cross join lateral (
        select id from ${response} where prompt_id = "promptId" and key = given.key limit 1
      ) as known`);
    return this.count("responses", rows);
  }

  /** @returns what is known of each record's task, by task key */
  private async writeTasks(
    records: readonly KeyedRecord[],
    promptIds: ReadonlyMap<string, string>,
    responseIds: ReadonlyMap<string, string>,
  ): Promise<Map<string, StoredTask>> {
    const { projectId, runId, seats } = this.input;
    const { questions } = this.form;
    const judgements = groupBy(records, ({ taskKey }) => taskKey);
    const wanted = distinct(records, ({ taskKey }) => taskKey).flatMap((record) => {
      const promptId = idIn(promptIds, record.promptKey);
      const held =
        judgements.get(record.taskKey)?.reduce((sum, same) => sum + same.judgements.length, 0) ?? 0;
      const k = record.responses.length;
      const open = isForExperts(questions, k) ? (held > 0 ? seats.judged : seats.unjudged) : 0;
      if (held + open === 0) return [];
      return [
        {
          promptId,
          key: record.taskKey,
          responseIds: record.responseKeys.map((key) => idIn(responseIds, `${promptId} ${key}`)),
          overlap: held + open,
          openSeats: open,
          language: record.prompt.language,
          domain: record.prompt.domain,
          importRunId: runId,
        },
      ];
    });
    const fresh = await insertTasks(this.tx, { projectId, tasks: wanted });
    const known = wanted.filter(({ key }) => !fresh.has(key)).map(({ key }) => key);
    const rows = known.length
      ? await this.tx
          .select({ id: task.id, key: task.key, promptId: task.promptId, responseIds: task.responseIds })
          .from(task)
          .where(and(eq(task.projectId, projectId), anyKey(task.key, known)))
      : [];
    this.counts.tasks.added += fresh.size;
    this.counts.tasks.known += rows.length;
    return new Map([
      ...wanted.flatMap(({ key, promptId, responseIds: order }): [string, StoredTask][] => {
        const id = fresh.get(key);
        return id ? [[key, { id, promptId, responseIds: order, fresh: true }]] : [];
      }),
      ...rows.map(({ key, ...found }): [string, StoredTask] => [key, { ...found, fresh: false }]),
    ]);
  }

  private async writeJudgements(
    records: readonly KeyedRecord[],
    responseIds: ReadonlyMap<string, string>,
    tasks: ReadonlyMap<string, StoredTask>,
  ): Promise<void> {
    const { projectId } = this.input;
    const { formVersionId } = this.form;
    const given = records.flatMap((record) => {
      const home = tasks.get(record.taskKey);
      if (!home) return [];
      const shown = record.responseKeys.map((key) => idIn(responseIds, `${home.promptId} ${key}`));
      return record.judgements.map((judgement) => this.toRow(judgement, home, shown));
    });
    if (given.length === 0) return;
    const [written] = await this.tx.execute<{ annotations: number; preferences: number }>(
      storing({
        before: sql`listed as materialized (
          select * from json_to_recordset(${storedJson(given)}::text::json) as t (
            "taskId" uuid, "promptId" uuid, "raterId" uuid, answers json, "order" smallint[], at timestamptz,
            fresh boolean, preferences jsonb, marks jsonb)
        ), seats as (
          insert into ${assignment} (project_id, task_id, rater_id, status, priority, position, language, domain,
            "order", form_version_id)
          select ${projectId}::uuid, "taskId", "raterId", 'submitted', priority, position, language, domain, "order",
            ${formVersionId}::uuid
          from listed cross join lateral (
            select priority, position, language, domain from ${task} where id = "taskId" limit 1
          ) as home
          on conflict (task_id, rater_id) do nothing
          returning id, task_id, rater_id
        ), wider as (
          update ${task} set overlap = overlap + more.seats
          from (
            select task_id, count(*) as seats from seats join listed on "taskId" = task_id and "raterId" = rater_id
            where not fresh group by task_id
          ) as more
          where ${task.id} = more.task_id
        )`,
        given: sql`select uuid7() as id, ${projectId}::uuid as project_id, task_id, seats.id as assignment_id, rater_id,
            'import'::annotation_origin as origin, 1 as revision, answers, "order",
            ${formVersionId}::uuid as form_version_id, null::uuid as guideline_version_id,
            null::timestamptz as shown_at, null::timestamptz as first_decision_at, coalesce(at, now()) as submitted_at,
            null::int as visible_ms, null::jsonb as in_view, null::float8 as selection_probability, null::text as flag_reason, null::text as return_comment, null::text as idempotency_key, now() as created_at,
            "promptId" as prompt_id, preferences, marks
          from seats join listed on "taskId" = task_id and "raterId" = rater_id`,
        answer: sql`select (select count(*)::int from judged) as annotations,
          (select count(*)::int from preferred) as preferences`,
      }),
    );
    this.counts.judgements.added += written.annotations;
    this.counts.judgements.known += given.length - written.annotations;
    this.counts.preferences += written.preferences;
  }

  /** A judgement as the tables have it: answers under the form's ids and in the task's canonical order. */
  private toRow(
    { rater: by, questions: asked, answers, at }: Judgement,
    home: StoredTask,
    shown: readonly string[],
  ) {
    const placed = asked.map((question) => [question.id, this.form.placeOf(question)] as const);
    const renamed: Answers = Object.fromEntries(
      placed.flatMap(([id, question]) => (answers[id] ? [[question.id, answers[id]]] : [])),
    );
    const questions = placed.map(([, question]) => question);
    const order = shown.map((id) => home.responseIds.indexOf(id));
    const canonical: Answers = toCanonical(questions, renamed, order);
    return {
      taskId: home.id,
      promptId: home.promptId,
      raterId: this.raters.idOf(by),
      answers: canonical,
      order: home.responseIds.map((_, index) => index),
      at,
      fresh: home.fresh,
      ...factsOf({ questions, answers: canonical, order: null, responseIds: home.responseIds }),
    };
  }

  private count(kind: "prompts" | "responses", rows: readonly Row[]): Map<string, string> {
    for (const { fresh } of rows) this.counts[kind][fresh ? "added" : "known"]++;
    return new Map(rows.map(({ key, id }) => [key, id]));
  }
}

interface StoredTask {
  id: string;
  promptId: string;
  /** In the task's canonical order. */
  responseIds: readonly string[];
  fresh: boolean;
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].toReversed();
}

function idIn(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`${key} was not stored.`);
  return id;
}
