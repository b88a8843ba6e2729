import { and, eq, sql } from "drizzle-orm";
import { anyKey } from "../../db/any-of";
import type { Db } from "../../db/client";
import { type Inserting, insertingHeld } from "../../db/held";
import { assignment, project, prompt, response, task } from "../../db/schema";
import { storedJson } from "../../db/shape/written-json";
import { uuid7 } from "../../db/uuid7";
import type { Actor } from "../audit/audit";
import { searchTextOf } from "../content/content";
import { conflict } from "../errors";
import { toCanonical } from "../form/answers";
import type { Answers } from "../form/schema";
import { groupBy } from "../group";
import { factsOf } from "../judgement/facts";
import { type FirstJudgement, storeFirst, storing } from "../judgement/store";
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

/**
 * Writes records of one import in the transaction it is given, some thousands at a time. What rows refer
 * to is held: the project, which nothing of it outlives, and prompts, tasks and raters that are there already.
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
    private readonly inserting: Inserting,
  ) {
    this.raters = new RaterRegister(tx, input.projectId);
  }

  static async open(tx: Db, actor: Actor, input: WriterInput): Promise<ImportWriter> {
    const { projectId } = input;
    await tx.execute(sql`select from ${project} where ${project.id} = ${projectId} for key share`);
    const form = await StudyForm.open(tx, actor, projectId);
    return new ImportWriter(tx, input, form, await insertingHeld(tx));
  }

  /** Stores prompts, responses, tasks with their seats, and judgements; what the project has already stays as it is. */
  async write(records: readonly KeyedRecord[]): Promise<void> {
    const judgements = records.flatMap((record) => record.judgements);
    this.counts.questions.push(...(await this.form.adopt(judgements)));
    this.counts.raters += await this.raters.enrol(judgements.map((judgement) => judgement.rater));
    await this.inserting(async () => {
      const promptIds = await this.writePrompts(records);
      const responseIds = await this.writeResponses(records, promptIds);
      const tasks = await this.writeTasks(records, promptIds, responseIds);
      await this.writeJudgements(records, responseIds, tasks);
    });
  }

  private async writePrompts(records: readonly KeyedRecord[]): Promise<Map<string, string>> {
    const { projectId, runId } = this.input;
    const given = distinct(records, ({ promptKey }) => promptKey).map(
      ({ prompt: { metadata, ...about }, promptKey: key }) => ({
        ...about,
        id: uuid7(),
        key,
        metadata,
        searchText: searchTextOf(about.messages),
      }),
    );
    const { count: added } = await this.tx.execute(sql`
      insert into ${prompt} (id, project_id, key, messages, tools, language, domain, source, external_id, metadata,
        search_text, searchable, import_run_id)
      select id, ${projectId}::uuid, key, messages, tools, language, domain, source, "externalId", metadata,
        "searchText", false, ${runId}::uuid
      from json_to_recordset(${storedJson(given)}::text::json) as t (
        id uuid, key text, messages json, tools json, language text, domain text, source text, "externalId" text,
        metadata json, "searchText" text)
      on conflict (project_id, key) do nothing`);
    this.counts.prompts.added += added;
    this.counts.prompts.known += given.length - added;
    const stored =
      added < given.length
        ? await this.tx
            .select({ id: prompt.id, key: prompt.key })
            .from(prompt)
            .where(
              and(
                eq(prompt.projectId, projectId),
                anyKey(
                  prompt.key,
                  given.map(({ key }) => key),
                ),
              ),
            )
            .for("key share")
        : given;
    return new Map(stored.map(({ key, id }) => [key, id]));
  }

  private async writeResponses(
    records: readonly KeyedRecord[],
    promptIds: ReadonlyMap<string, string>,
  ): Promise<Map<string, string>> {
    const { projectId, runId } = this.input;
    const given = distinct(
      records.flatMap((record) =>
        record.responses.map((reply, index) => ({
          ...reply,
          id: uuid7(),
          promptId: idIn(promptIds, record.promptKey),
          key: record.responseKeys[index],
        })),
      ),
      placeOf,
    );
    if (given.length === 0) return new Map();
    const { count: added } = await this.tx.execute(sql`
      insert into ${response} (id, project_id, prompt_id, key, content, source, external_id, metadata, searchable,
        import_run_id)
      select id, ${projectId}::uuid, "promptId", key, content, source, "externalId", metadata, false, ${runId}::uuid
      from json_to_recordset(${storedJson(given)}::text::json) as t (
        id uuid, "promptId" uuid, key text, content text, source text, "externalId" text, metadata json)
      on conflict (prompt_id, key) do nothing`);
    this.counts.responses.added += added;
    this.counts.responses.known += given.length - added;
    // One by one: a prompt of the project may have any number of replies, and a join be planned for tables still empty.
    const stored =
      added < given.length
        ? await this.tx.execute<Reply & Record<string, unknown>>(sql`
            select known.id, given."promptId", given.key
            from json_to_recordset(${storedJson(given.map(({ promptId, key }) => ({ promptId, key })))}::text::json)
              as given ("promptId" uuid, key text)
            cross join lateral (
              select id from ${response} where prompt_id = given."promptId" and key = given.key limit 1
            ) as known`)
        : given;
    return new Map(stored.map((reply) => [placeOf(reply), reply.id]));
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
          responseIds: record.responseKeys.map((key) => idIn(responseIds, placeOf({ promptId, key }))),
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
          .for("key share")
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
    const first: FirstJudgement[] = [];
    const further: FirstJudgement[] = [];
    for (const record of records) {
      const home = tasks.get(record.taskKey);
      if (!home) continue;
      const shown = record.responseKeys.map((key) =>
        idIn(responseIds, placeOf({ promptId: home.promptId, key })),
      );
      for (const judgement of record.judgements)
        (home.fresh ? first : further).push(this.toRow(judgement, home, shown));
    }
    const begun = await storeFirst(this.tx, {
      projectId,
      formVersionId,
      origin: "import",
      judgements: first,
    });
    const written = further.length > 0 ? await this.writeFurther(further) : nothingWritten;
    const added = begun.annotations + written.annotations;
    this.counts.judgements.added += added;
    this.counts.judgements.known += first.length + further.length - added;
    this.counts.preferences += begun.preferences + written.preferences;
  }

  /** Judgements on tasks that the project had before: whoever has a seat there keeps it, and pairs may be known. */
  private async writeFurther(given: readonly FirstJudgement[]): Promise<Written> {
    const { projectId } = this.input;
    const { formVersionId } = this.form;
    const [written] = await this.tx.execute<Written & Record<string, unknown>>(
      storing({
        before: sql`listed as materialized (
          select * from json_to_recordset(${storedJson(given)}::text::json) as t (
            "taskId" uuid, "promptId" uuid, "raterId" uuid, answers json, "order" smallint[], at timestamptz,
            preferences jsonb, marks jsonb)
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
          from (select task_id, count(*) as seats from seats group by task_id) as more
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
    return written;
  }

  /** A judgement as the tables have it: answers under the form's ids and in the task's canonical order. */
  private toRow(
    { rater: by, questions: asked, answers, at }: Judgement,
    home: StoredTask,
    shown: readonly string[],
  ): FirstJudgement {
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
      ...factsOf({ questions, answers: canonical, order: null, responseIds: home.responseIds }),
    };
  }
}

interface Written {
  annotations: number;
  preferences: number;
}
const nothingWritten: Written = { annotations: 0, preferences: 0 };

interface StoredTask {
  id: string;
  promptId: string;
  /** In the task's canonical order. */
  responseIds: readonly string[];
  fresh: boolean;
}

interface Reply {
  id: string;
  promptId: string;
  key: string;
}

/** A response by its prompt and its key, which is one of the prompt's alone. */
const placeOf = ({ promptId, key }: Omit<Reply, "id">): string => `${promptId} ${key}`;

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.toReversed().map((item) => [keyOf(item), item])).values()].toReversed();
}

function idIn(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key);
  if (id === undefined)
    throw conflict("A prompt was deleted while it was being imported. Nothing was changed: import again.");
  return id;
}
