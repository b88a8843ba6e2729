import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { and, eq, ne, sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { z } from "zod";
import type { Db } from "@/db/client";
import {
  annotation,
  assignment,
  datasetRow,
  preference,
  prompt,
  rater,
  response,
  run,
  task,
} from "@/db/schema";
import { type DatasetRow, recipeSchema } from "@/db/shape/dataset";
import type { DatasetKind } from "@/db/shape/dataset-kinds";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { system } from "@/server/audit/audit";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { exportSpecSchema } from "@/server/dataset/schema";
import { env } from "@/server/env";
import { answerProblems } from "@/server/form/answers";
import { type Question, storedAnswers } from "@/server/form/schema";
import { currentForm } from "@/server/form/versions";
import { importFiles } from "@/server/import/import";
import { RaterRegister } from "@/server/import/raters";
import { readImport } from "@/server/import/read";
import {
  type ImportRecord,
  importResultSchema,
  importSpecSchema,
  problemSchema,
} from "@/server/import/schema";
import { fileInMemory, fileOnDisk } from "@/server/import/source/file";
import { Surveyor } from "@/server/import/survey";
import { ImportWriter } from "@/server/import/write";
import { recountPairs } from "@/server/judgement/pairs";
import { runFiles } from "@/server/run/file";
import { importUpload } from "@/workers/run/handlers/import";
import { runWorker } from "@/workers/run/worker";
import { readAll } from "../unit/import-helpers";
import { lockWaits, testDatabase } from "./database";
import { newKey, prefer, type Study, study } from "./study";

const data = await mkdtemp(join(tmpdir(), "concord-import-"));
vi.hoisted(() => {
  process.env.CONCORD_DATA ??= "";
});
process.env.CONCORD_DATA = data;
afterAll(() => rm(data, { recursive: true, force: true }));

const database = await testDatabase();
const { db } = database;
const store = storeFromEnvironment(env());

type Spec = Partial<z.input<typeof importSpecSchema>>;

async function upload(projectId: string, name: string, content: string | Readable) {
  const bytes = typeof content === "string" ? Readable.from([Buffer.from(content)]) : content;
  const { sha256 } = await keepUpload(db, store, {
    projectId,
    personId: null,
    bytes,
    mediaType: "application/octet-stream",
  });
  return { name, sha256 };
}

/** Uploads, starts and waits for the worker, as the page does. */
async function importNow({ projectId, manager }: Study, files: Record<string, string>, spec: Spec = {}) {
  const uploads = await Promise.all(
    Object.entries(files).map(([name, content]) => upload(projectId, name, content)),
  );
  const { id } = await manager.caller.import.start({ projectId, files: uploads, ...spec });
  const shutdown = new AbortController();
  const worker = runWorker(
    {
      id: randomUUID(),
      name: "test",
      ...database,
      store,
      folder: data,
      capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 8e9, options: {} },
      handlers: { import: importUpload },
      lanes: [["import"]],
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
  const ended = await vi.waitFor(
    async () => {
      const [found] = await db.select().from(run).where(eq(run.id, id));
      expect(["succeeded", "failed"]).toContain(found.status);
      return found;
    },
    { timeout: 60_000, interval: 50 },
  );
  shutdown.abort();
  await worker;
  const named = await runFiles(db, id);
  const contents = await Promise.all(
    named.map(async ({ name, sha256 }) => [name, await text(await store.open(sha256))] as const),
  );
  const result = importResultSchema.safeParse(ended.result);
  return { run: ended, result: result.success ? result.data : null, files: Object.fromEntries(contents) };
}

/** How much a project holds. */
async function holdings(projectId: string) {
  const tables = { prompt, response, task, assignment, annotation, preference };
  const counted = Object.entries(tables).map(
    async ([name, table]) => [name, await db.$count(table, eq(table.projectId, projectId))] as const,
  );
  const raters = await db.$count(rater, and(eq(rater.projectId, projectId), ne(rater.kind, "person")));
  return { ...Object.fromEntries(await Promise.all(counted)), rater: raters };
}

const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const pair = (prompt: string, more: object = {}) => ({
  prompt,
  chosen: `Yes ${prompt}`,
  rejected: `No ${prompt}`,
  ...more,
});

/** Two replies to one instruction, three annotators, as PandaLM gives them. */
const judged = (idx: number, verdicts: number[]) => ({
  idx,
  cmp_key: "alpha_beta",
  instruction: `Task ${idx}`,
  input: "",
  response1: `First ${idx}`,
  response2: `Second ${idx}`,
  ...Object.fromEntries(verdicts.map((verdict, index) => [`annotator${index + 1}`, verdict])),
});

describe("an import", () => {
  it("brings prompts, responses, tasks with open seats; raters can claim them at once", async () => {
    const home = await study(database, { tasks: 0, overlap: 2 });
    const rows = ["a", "b"].map((text) => ({
      prompt: text,
      responses: { m1: `one ${text}`, m2: `two ${text}` },
      language: "en",
      domain: "law",
    }));
    const { result } = await importNow(home, { "rows.jsonl": jsonl(...rows) });
    expect(result?.counts).toMatchObject({
      prompts: { added: 2 },
      responses: { added: 4 },
      tasks: { added: 2 },
      questions: [],
    });
    expect(await holdings(home.projectId)).toMatchObject({ task: 2, assignment: 4, annotation: 0 });
    const { caller } = await home.join();
    const claimed = await caller.annotation.claim({ projectId: home.projectId, hold: 2 });
    expect(claimed.tasks).toHaveLength(2);
    await caller.annotation.submit({
      assignmentId: claimed.tasks[0].assignmentId,
      answers: prefer("a"),
      idempotencyKey: newKey(),
    });
  });

  it("brings existing judgements with their raters, valid by the desk's own rules", async () => {
    const home = await study(database, { tasks: 0 });
    const rows = [judged(1, [1, 1, 2]), judged(2, [0, 2, 2])];
    const { result } = await importNow(home, { "testset.json": JSON.stringify(rows) });
    expect(result?.counts).toMatchObject({
      judgements: { added: 6 },
      raters: 3,
      preferences: 6,
      questions: ["Which response is better?"],
    });

    const { questions } = await currentForm(db, home.projectId);
    expect(questions.find(({ id }) => id === "better")).toMatchObject({
      type: "preference",
      points: 2,
      required: false,
    });
    const rowsNow = await db
      .select({
        answers: annotation.answers,
        name: rater.name,
        kind: rater.kind,
        origin: annotation.origin,
        seat: assignment.status,
        overlap: task.overlap,
      })
      .from(annotation)
      .innerJoin(rater, eq(rater.id, annotation.raterId))
      .innerJoin(assignment, eq(assignment.id, annotation.assignmentId))
      .innerJoin(task, eq(task.id, annotation.taskId))
      .where(eq(annotation.projectId, home.projectId));
    const asked = (id: string) => questions.filter((question: Question) => question.id === id);
    for (const row of rowsNow) {
      expect(row).toMatchObject({ kind: "imported", origin: "import", seat: "submitted", overlap: 3 });
      expect(answerProblems(Object.keys(row.answers).flatMap(asked), 2, storedAnswers(row.answers))).toEqual(
        [],
      );
    }
    const outcomes = await db
      .select({ rater: rater.externalId, outcome: preference.outcome, winner: response.content })
      .from(preference)
      .innerJoin(rater, eq(rater.id, preference.raterId))
      .leftJoin(
        response,
        sql`${response.id} = case ${preference.outcome} when 'a' then ${preference.responseA} when 'b' then ${preference.responseB} end`,
      )
      .where(eq(preference.projectId, home.projectId))
      .orderBy(rater.externalId, response.content);
    expect(outcomes).toEqual([
      { rater: "annotator1", outcome: "a", winner: "First 1" },
      { rater: "annotator1", outcome: "tie", winner: null },
      { rater: "annotator2", outcome: "a", winner: "First 1" },
      { rater: "annotator2", outcome: "b", winner: "Second 2" },
      { rater: "annotator3", outcome: "b", winner: "Second 1" },
      { rater: "annotator3", outcome: "b", winner: "Second 2" },
    ]);
    expect(await db.transaction((tx) => recountPairs(tx, sql`true`)), "pairs counted otherwise").toBe(0);
  });

  it("merges judgements of the same pair, also where a file lists the responses the other way round", async () => {
    const home = await study(database, { tasks: 0 });
    const vote = (annotator: string, swap: boolean) => ({
      instruction: "Q",
      [swap ? "output_2" : "output_1"]: "good",
      [swap ? "output_1" : "output_2"]: "bad",
      annotator,
      preference: swap ? 2 : 1,
    });
    await importNow(home, { "one.jsonl": jsonl(vote("j1", false)) });
    const { result } = await importNow(home, { "two.jsonl": jsonl(vote("j2", true), vote("j1", true)) });
    expect(result?.counts).toMatchObject({
      tasks: { added: 0, known: 1 },
      judgements: { added: 1, known: 1 },
    });
    const found = await db
      .select({ winner: response.content, overlap: task.overlap })
      .from(preference)
      .innerJoin(task, eq(task.id, preference.taskId))
      .innerJoin(
        response,
        sql`${response.id} = case ${preference.outcome} when 'a' then ${preference.responseA} else ${preference.responseB} end`,
      )
      .where(eq(preference.projectId, home.projectId));
    expect(found).toEqual([
      { winner: "good", overlap: 2 },
      { winner: "good", overlap: 2 },
    ]);
    expect(await db.transaction((tx) => recountPairs(tx, sql`true`)), "pairs counted otherwise").toBe(0);
  });

  it("of the same file adds nothing the second time", async () => {
    const home = await study(database, { tasks: 0 });
    const files = {
      "pairs.jsonl": jsonl(pair("a"), pair("b")),
      "more.jsonl": jsonl({ prompt: "c", completion: "d" }),
    };
    await importNow(home, files);
    const before = await holdings(home.projectId);
    expect(before).toEqual({
      prompt: 3,
      response: 4,
      task: 3,
      assignment: 3,
      annotation: 3,
      preference: 2,
      rater: 1,
    });
    const { result } = await importNow(home, files);
    expect(await holdings(home.projectId)).toEqual(before);
    expect(result?.counts).toMatchObject({
      prompts: { added: 0, known: 3 },
      tasks: { added: 0 },
      judgements: { added: 0, known: 3 },
    });
  });

  it("refers to nothing that is not there, and holds what was there before", async () => {
    const home = await study(database, { tasks: 0, overlap: 2 });
    const { projectId } = home;
    const vote = (annotator: string, instruction: string, output_2: string) => {
      return { instruction, output_1: "good", output_2, annotator, preference: 1 };
    };
    await importNow(home, { "first.jsonl": jsonl(vote("j1", "Q", "bad")) });
    // A reply more to a known prompt, a judgement more of a known task, and something new.
    const more = jsonl(vote("j1", "Q", "worse"), vote("j2", "Q", "bad"), vote("j1", "New", "bad"));
    await db.transaction(async (tx) => {
      const writer = await ImportWriter.open(tx, system, {
        projectId,
        runId: randomUUID(),
        seats: { judged: 1, unjudged: 2 },
      });
      const { options } = importSpecSchema.parse({ files: [{ name: "more.jsonl", sha256: "0".repeat(64) }] });
      for await (const { records } of readImport([fileInMemory("more.jsonl", more)], options))
        await writer.write(records);
      expect(writer.counts).toMatchObject({ prompts: { added: 1, known: 1 }, tasks: { added: 2, known: 1 } });
      for (const table of ["prompt", "rater", "task", "project"]) {
        const deletes = database.sql.begin(async (other) => {
          await other`set local lock_timeout = '200ms'`;
          const key = table === "project" ? "id" : "project_id";
          await other`delete from ${other(table)} where ${other(key)} = ${projectId}`;
        });
        await expect(deletes, table).rejects.toMatchObject({ code: "55P03" });
      }
    });
    const references = await db.execute<{ name: string; missing: string }>(sql`
      select conname as name, format(
        'select count(*)::int as missing from %s child where child.%I is not null and not exists (select from %s parent where parent.id = child.%I)',
        conrelid::regclass, attname, confrelid::regclass, attname) as missing
      from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
      where contype = 'f' and conrelid::regclass::text = any(${"{prompt,response,task,assignment,annotation,pair,preference,mark_fact}"}::text[])`);
    expect(references.length).toBeGreaterThan(20);
    for (const { name, missing } of references) {
      const [count] = await db.execute<{ missing: number }>(sql.raw(missing));
      expect(count, name).toEqual({ missing: 0 });
    }
  });

  it("and the deletion of a prompt that it judges wait for each other: nothing is judged and gone", async () => {
    const home = await study(database, { tasks: 0, overlap: 2 });
    const { projectId, manager } = home;
    const vote = (instruction: string) =>
      jsonl({ instruction, output_1: "good", output_2: "bad", annotator: "j1", preference: 1 });
    await importNow(home, { "a.jsonl": vote("A"), "b.jsonl": vote("B") }, { options: { judgements: false } });
    const { items } = await manager.caller.content.prompts({ projectId });
    const [judged, gone] = items.map(({ id, excerpt }) => ({ promptIds: [id], vote: vote(excerpt) }));
    const judge = async (tx: Db, file: string) => {
      const seats = { judged: 1, unjudged: 2 };
      const writer = await ImportWriter.open(tx, system, { projectId, runId: randomUUID(), seats });
      await writer.write((await readAll([fileInMemory("votes.jsonl", file)])).records);
    };
    const oneWaits = () => expect.poll(() => lockWaits(db), { timeout: 60_000, interval: 20 }).toBe(1);

    // An import holds the prompt and has not judged it yet.
    const deleting = await db.transaction(async (tx) => {
      await tx.execute(sql`select from prompt where id = ${judged.promptIds[0]} for key share`);
      const ended = manager.caller.content.deletePrompts({ projectId, ...judged }).then(String, String);
      await oneWaits();
      await judge(tx, judged.vote);
      return { ended };
    });
    expect(await deleting.ended).toMatch(/1 of these prompts have judgements/);
    expect(await holdings(projectId)).toMatchObject({ prompt: 2, annotation: 1 });

    // A deletion holds the prompt, and the import has seen it.
    const importing = await db.transaction(async (tx) => {
      await tx.execute(sql`select from prompt where id = ${gone.promptIds[0]} for update`);
      const ended = db.transaction((other) => judge(other, gone.vote)).then(String, String);
      await oneWaits();
      await tx.delete(prompt).where(eq(prompt.id, gone.promptIds[0]));
      return { ended };
    });
    expect(await importing.ended).toMatch(/A prompt was deleted while it was being imported/);
    expect(await holdings(projectId)).toMatchObject({ prompt: 1, annotation: 1 });
  });

  it("enrols more raters at once than a statement takes parameters, each once", async () => {
    const { projectId } = await study(database, { tasks: 0 });
    const judges = Array.from({ length: 17_000 }, (_, i) => ({
      id: `worker "${i}", {}`,
      kind: "person" as const,
    }));
    const enrolled = await db.transaction(async (tx) => {
      const raters = new RaterRegister(tx, projectId);
      const added = await raters.enrol(judges);
      const ids = new Set(judges.map((judge) => raters.idOf(judge)));
      return {
        added,
        ids: ids.size,
        again: await new RaterRegister(tx, projectId).enrol(judges.slice(0, 3)),
      };
    });
    expect(enrolled).toEqual({ added: judges.length, ids: judges.length, again: 0 });
  });

  it("says in a dry run what would happen, and changes nothing", async () => {
    const home = await study(database, { tasks: 0 });
    const files = { "a.jsonl": jsonl(pair("a"), pair("b", { chosen: "" }), pair("c\u2028")) };
    const { result, files: made } = await importNow(home, files, { dryRun: true });
    expect(result).toMatchObject({
      survey: {
        rows: 3,
        records: 2,
        errors: 1,
        rejectedRows: 1,
        problems: { "empty-reply": 1, "line-separator": 3 },
      },
    });
    expect(result?.counts).toBeUndefined();
    const listed = made["problems.jsonl"]
      .trim()
      .split("\n")
      .map((line) => problemSchema.parse(JSON.parse(line)));
    expect(listed).toContainEqual(
      expect.objectContaining({ file: "a.jsonl", line: 2, field: "response 1", code: "empty-reply" }),
    );
    expect(await holdings(home.projectId)).toMatchObject({
      prompt: 0,
      response: 0,
      task: 0,
      annotation: 0,
      rater: 0,
    });
  });

  it("with a bad row is refused whole, or leaves that row out and gives it back", async () => {
    const home = await study(database, { tasks: 0 });
    const good = Array.from({ length: 2500 }, (_, index) => pair(`q${index}`));
    const bad = pair("bad", { rejected: 5 });
    const files = { "a.jsonl": jsonl(...good, bad) };
    const refused = await importNow(home, files);
    expect(refused.run).toMatchObject({ status: "failed" });
    expect(refused.run.error).toMatch(
      /a\.jsonl, line 2501, rejected: rejected is a number.*nothing was changed|nothing was changed.*a\.jsonl, line 2501/,
    );
    expect(refused.files["rejected.jsonl"]).toBe(jsonl(bad));
    expect(await holdings(home.projectId)).toMatchObject({ prompt: 0, task: 0, annotation: 0, rater: 0 });

    const skipped = await importNow(home, files, { badRows: "skip" });
    expect(skipped.result?.counts?.prompts.added).toBe(2500);
    const corrected = skipped.files["rejected.jsonl"].replace("5", '"Fixed"');
    expect((await importNow(home, { "corrected.jsonl": corrected })).result?.counts?.prompts.added).toBe(1);
  });

  it("that is cancelled half-way changes nothing", async () => {
    const home = await study(database, { tasks: 0 });
    const cancel = new AbortController();
    const sources = [
      fileInMemory(
        "a.jsonl",
        jsonl(...Array.from({ length: 5000 }, (_, index) => pair(`q${index} ${"x".repeat(500)}`))),
      ),
    ];
    const { files: _, ...spec } = importSpecSchema.parse({ files: [{ name: "a", sha256: "0".repeat(64) }] });
    const paths = { problems: join(data, "p"), rejected: join(data, "r") };
    const surveyor = await Surveyor.open(sources, spec.options, paths);
    const slow: typeof sources = sources.map((source) => ({
      ...source,
      async *read(start, end) {
        for await (const bytes of source.read(start, end))
          for (let at = 0; at < bytes.length; at += 100_000) {
            yield bytes.subarray(at, at + 100_000);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
      },
    }));
    const importing = importFiles(db, system, {
      projectId: home.projectId,
      runId: randomUUID(),
      spec,
      sources: slow,
      surveyor,
      onProgress: (rows) => rows > 3000 && cancel.abort(),
      signal: cancel.signal,
    });
    await expect(importing).rejects.toThrow(/abort/i);
    await surveyor.close();
    expect(await holdings(home.projectId)).toMatchObject({ prompt: 0, response: 0, task: 0 });
  });

  it("is previewed with shapes, columns and reasons", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const files = [
      await upload(projectId, "pairs.csv", "prompt,chosen,rejected\na,b,c\n"),
      await upload(projectId, "other.csv", "x,y\n1,2\n"),
    ];
    expect(await manager.caller.import.preview({ projectId, files })).toMatchObject([
      {
        name: "pairs.csv",
        format: "CSV",
        shape: { id: "preference" },
        columns: ["prompt", "chosen", "rejected"],
        rows: [{ prompt: "a", chosen: "b", rejected: "c" }],
      },
      { name: "other.csv", shape: null, columns: ["x", "y"], problems: [{ code: "unrecognised-shape" }] },
    ]);
    const missing = [{ name: "gone.jsonl", sha256: "f".repeat(64) }];
    await expect(manager.caller.import.start({ projectId, files: missing })).rejects.toThrow(
      "The upload of gone.jsonl",
    );
  });
});

const shared = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
describe.skipIf(!existsSync(shared))("old studies", () => {
  it("PandaLM: 705 pairs, three annotators and two judge models", async () => {
    const home = await study(database, { tasks: 0 });
    const names = ["testset.json", "gpt-3.5-turbo.json", "pandalm-7b.json"];
    const sources = await Promise.all(names.map((name) => fileOnDisk(`${shared}pandalm/${name}`, name)));
    const { files: _, ...spec } = importSpecSchema.parse({ files: [{ name: "a", sha256: "0".repeat(64) }] });
    const surveyor = await Surveyor.open(sources, spec.options, {
      problems: join(data, "p2"),
      rejected: join(data, "r2"),
    });
    await importFiles(db, system, {
      projectId: home.projectId,
      runId: randomUUID(),
      spec,
      sources,
      surveyor,
      onProgress: () => {},
      signal: new AbortController().signal,
    });
    await surveyor.close();
    expect(await holdings(home.projectId)).toMatchObject({
      task: 705,
      annotation: 3 * 705 + 705 + 684,
      rater: 5,
    });
    const byHumans = await db
      .select({ taskId: annotation.taskId, outcome: preference.outcome })
      .from(annotation)
      .innerJoin(preference, eq(preference.annotationId, annotation.id))
      .innerJoin(rater, eq(rater.id, annotation.raterId))
      .where(and(eq(annotation.projectId, home.projectId), eq(rater.kind, "imported")));
    const votes = new Map<string, string[]>();
    for (const { taskId, outcome } of byHumans) votes.set(taskId, [...(votes.get(taskId) ?? []), outcome]);
    const unanimous = [...votes.values()].filter((cast) => new Set(cast).size === 1).length;
    // REFERENCE_STATS.json: all_three_agree.
    expect(unanimous / votes.size).toBeCloseTo(0.883688, 6);
  });
});

/** A version of everything in the project, as a recipe makes it that nobody changed. */
async function freeze({ projectId, manager }: Study, kind: DatasetKind) {
  const { id: datasetId } = await manager.caller.dataset.create({ projectId, name: kind, kind });
  const [{ id: runId }] = await db
    .insert(run)
    .values({ projectId, kind: "freeze", title: "f", spec: {} })
    .returning();
  const { id: versionId } = await freezeVersion(db, {
    projectId,
    datasetId,
    recipe: recipeSchema.parse({}),
    runId,
    actor: system,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  const rows = await db.select().from(datasetRow).where(eq(datasetRow.versionId, versionId));
  return { versionId, frozen: rows.map(({ row }) => row) };
}

it.each([
  ["kto.csv", "prompt,completion,label\np1,a,True\np2,b,False\n"],
  [
    "kto.jsonl",
    jsonl(
      ...[true, false].map((label, index) => ({
        messages: [
          { role: "user", content: `p${index + 1}` },
          { role: "assistant", content: "ab"[index] },
        ],
        label,
      })),
    ),
  ],
])("labels of single replies, as in %s, are frozen as unpaired rows", async (name, content) => {
  const home = await study(database, { tasks: 0 });
  await importNow(home, { [name]: content });
  const { frozen } = await freeze(home, "unpaired");
  const said = frozen.map((row) => [
    row.prompt[0].content,
    "completion" in row && row.completion[0].content,
    "label" in row && row.label,
  ]);
  expect(said.toSorted()).toEqual([
    ["p1", "a", true],
    ["p2", "b", false],
  ]);
});

describe("our own exports", () => {
  const tools = [{ type: "function", function: { name: "clock", parameters: {} } }];
  const turns = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "שלום 🌍\nWhat\u2028time?" },
  ];
  const rows = Array.from({ length: 30 }, (_, index) => ({
    prompt: [
      ...turns,
      { role: "assistant", content: "Why?" },
      { role: "user", content: `Because ${index}.` },
    ],
    completions: [
      // A reply of several turns is shown as one text, and leaves as the turns it came as.
      [
        { role: "assistant", content: `best ${index}` },
        { role: "user", content: "And then?" },
        { role: "assistant", content: "Lunch." },
      ],
      ...["middle", "worst"].map((text) => [{ role: "assistant", content: `${text} ${index}` }]),
    ],
    ranks: [1, 2, 3],
    tools,
  }));
  const pairs = rows.map(({ prompt, completions }) => ({
    prompt,
    chosen: completions[0],
    rejected: completions[2],
    margin: 0.67,
    tools: JSON.stringify(tools),
  }));
  const written = rows.map(({ prompt, completions }) => ({ messages: [...prompt, ...completions[0]] }));
  const contents = { preference: pairs, unpaired: pairs, ranked: rows, sft: written } as const;

  it.each(["preference", "unpaired", "ranked", "sft"] as const)(
    "%s rows come back unchanged",
    async (kind) => {
      const home = await study(database, { tasks: 0 });
      await importNow(home, { "rows.jsonl": jsonl(...contents[kind]) });
      const { projectId } = home;
      const { versionId, frozen } = await freeze(home, kind);
      const signal = new AbortController().signal;
      for (const format of ["jsonl", "parquet"] as const) {
        const folder = await mkdtemp(join(data, "export-"));
        const spec = exportSpecSchema.parse({ versionId, format, layout: "trl" });
        const { files } = await writeExport(db, { projectId, spec, folder, onProgress: () => {}, signal });
        const sources = await Promise.all(
          files
            .filter(({ name }) => name.endsWith(format))
            .map(({ name }) => fileOnDisk(join(folder, name), name)),
        );
        const { records, problems } = await readAll(sources);
        expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(records.map(asRow).toSorted(byText)).toEqual(frozen.map(comparable).toSorted(byText));
      }
    },
  );
});

const sortKey = (row: object) =>
  JSON.stringify(Object.entries(row).toSorted(([a], [b]) => a.localeCompare(b)));
const byText = (a: object, b: object) => sortKey(a).localeCompare(sortKey(b));

/** What a row says, without its id and the number of its raters. */
function comparable(row: DatasetRow) {
  const { id: _, annotators: __, tools, ...said } = row;
  return { ...said, tools: tools ? JSON.parse(tools) : undefined };
}

/** An imported record in the words of the row it came from. */
function asRow(record: ImportRecord) {
  return { ...rowOf(record), tools: record.prompt.tools };
}

function rowOf({ prompt: { messages }, responses, judgements }: ImportRecord) {
  const reply = (content: string) => [{ role: "assistant", content }];
  const texts = responses.map(({ content, metadata }) => metadata.messages ?? reply(content));
  const answers = judgements[0]?.answers ?? {};
  if (answers.demonstration?.type === "text")
    return { prompt: messages, completion: reply(answers.demonstration.text) };
  if (answers.ranking?.type === "ranking")
    return { prompt: messages, completions: texts, ranks: answers.ranking.ranks };
  if (answers.label?.type === "choice")
    return { prompt: messages, completion: texts[0], label: answers.label.values[0][0] === "good" };
  return { prompt: messages, chosen: texts[0], rejected: texts[1], margin: responses[0].metadata.margin };
}
