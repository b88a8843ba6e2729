import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { dataset, datasetVersion, idempotentReply, model, project } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { ManifestBuilder } from "@/server/dataset/statistics";
import { emit } from "@/server/event/events";
import { handleRest } from "@/server/rest/handle";
import { queueRun } from "@/server/run/queue";
import { announceWorker, dismissWorker } from "@/server/run/worker";
import { type TestDatabase, testDatabase } from "./database";
import { type Member, newKey, prefer, someone, study } from "./study";

let database: TestDatabase;
let admin: Member;

beforeAll(async () => {
  database = await testDatabase();
  admin = await someone(database, { isAdmin: true });
});

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
  as?: Member | null;
}

async function send(method: string, path: string, { body, headers, as = admin }: Options = {}) {
  const request = new Request(`http://localhost/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
  });
  const { db, sql } = database;
  return handleRest(request, { db, sql, viewer: as?.viewer ?? null });
}

const problemDocument = z.object({
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});

async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = problemDocument.parse(await response.json());
  expect(body.status).toBe(response.status);
  return body;
}

describe("requests", () => {
  test("create, read, change and page through what a person has in the browser too", async () => {
    const created = await send("POST", "/projects", { body: { name: "By program" } });
    expect(created.status).toBe(200);
    const { id, createdAt } = z
      .object({ id: z.uuid(), createdAt: z.iso.datetime() })
      .parse(await created.json());
    expect(Date.parse(createdAt)).toBeGreaterThan(Date.now() - 60_000);

    const changed = await send("PATCH", `/projects/${id}`, { body: { overlap: 3 } });
    expect(await changed.json()).toMatchObject({ id, overlap: 3 });
    expect(await admin.caller.project.get({ projectId: id })).toMatchObject({ overlap: 3 });

    const page = z.object({
      items: z.array(z.object({ id: z.string() })),
      nextCursor: z.string().nullable(),
    });
    for (let index = 0; index < 5; index++) await someone(database);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: "2", ...(cursor && { cursor }) });
      const { items, nextCursor } = page.parse(await (await send("GET", `/people?${query}`)).json());
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map((item) => item.id));
      cursor = nextCursor;
    } while (cursor);
    const all = await admin.caller.person.list({ limit: 200 });
    expect(seen).toEqual(all.items.map((item) => item.id));
  });

  test("a rater judges: claim, submit, and the next task in the answer", async () => {
    const { projectId, join } = await study(database, { tasks: 3 });
    const rater = await join();
    const shownWith = z.looseObject({ leasedAt: z.string() });
    const tasks = z.array(z.object({ assignmentId: z.uuid(), shown: shownWith }));
    const claimed = await send("POST", `/projects/${projectId}/assignments`, {
      as: rater,
      body: { hold: 1 },
    });
    const text = await claimed.text();
    expect(claimed.status, text).toBe(200);
    // Blind: where a response came from stays on the server.
    expect(text).not.toContain("model-");
    const [seat] = z.object({ tasks }).parse(JSON.parse(text)).tasks;

    // Python writes the same instant with +00:00.
    const shown = { ...seat?.shown, leasedAt: seat?.shown.leasedAt.replace("Z", "000+00:00") };
    const submitted = await send("POST", `/assignments/${seat?.assignmentId}/annotation`, {
      as: rater,
      body: { answers: prefer("a"), idempotencyKey: newKey(), shown, next: { hold: 1 } },
    });
    expect(submitted.status, await submitted.clone().text()).toBe(200);
    const { next } = z.object({ next: z.object({ tasks }) }).parse(await submitted.json());
    expect(next.tasks).toHaveLength(1);
    expect(next.tasks[0]?.assignmentId).not.toBe(seat?.assignmentId);
  });

  test("what goes wrong is a problem document", async () => {
    expect(await problemOf(await send("GET", "/projects", { as: null }))).toMatchObject({ status: 401 });
    expect(await problemOf(await send("GET", "/nothing"))).toMatchObject({ status: 404 });
    const wrongMethod = await send("DELETE", "/projects");
    expect(wrongMethod.headers.get("allow")).toBe("GET, POST");
    expect(await problemOf(wrongMethod)).toMatchObject({ status: 405 });
    expect(await problemOf(await send("POST", "/projects", { body: "{" }))).toMatchObject({ status: 400 });
    expect(await problemOf(await send("POST", "/projects", { body: "[1]" }))).toMatchObject({ status: 400 });
    expect(await problemOf(await send("GET", `/projects/${randomUUID()}`))).toMatchObject({ status: 404 });
    expect(await problemOf(await send("GET", "/people", { as: await someone(database) }))).toMatchObject({
      status: 403,
    });
    const wrong = await problemOf(await send("POST", "/projects", { body: { name: 7, overlap: "many" } }));
    expect(wrong.status).toBe(400);
    expect(wrong.errors?.map((error) => error.field)).toEqual(expect.arrayContaining(["name", "overlap"]));
    const query = await problemOf(await send("GET", "/people?limit=many"));
    expect(query.errors?.map((error) => error.field)).toEqual(["limit"]);
  });
});

describe("a field that an operation does not know is refused by name, and changes nothing", () => {
  const fields = async (response: Response) => {
    expect(response.status, await response.clone().text()).toBe(400);
    return (await problemOf(response)).errors?.map(({ field }) => field);
  };

  test("in a body, deep in it, in an address, and where it does not belong", async () => {
    const { projectId } = await study(database, { tasks: 0 });
    const body = { name: "Strict", overlaps: 3, retention: { uploads: 30 } };
    expect(await fields(await send("POST", "/projects", { body }))).toEqual(["overlaps"]);
    const names = await database.db.select({ name: project.name }).from(project);
    expect(names.map(({ name }) => name)).not.toContain("Strict");

    const files = [{ name: "a.jsonl", sha256: "0".repeat(64) }];
    const imports = `/projects/${projectId}/imports`;
    expect(await fields(await send("POST", imports, { body: { files, dryrun: true } }))).toEqual(["dryrun"]);
    expect(
      await fields(await send("POST", imports, { body: { files, options: { languages: "en" } } })),
    ).toEqual(["options.languages"]);
    const prompts = [{ messages: [{ role: "user", content: "Why?", weight: 1 }], responses: [] }];
    expect(await fields(await send("POST", `/projects/${projectId}/prompts`, { body: { prompts } }))).toEqual(
      ["prompts.0.messages.0.weight"],
    );
    const questions = [{ type: "text", id: "why", label: "Why?", chip: [] }];
    expect(await fields(await send("PUT", `/projects/${projectId}/form`, { body: { questions } }))).toEqual([
      "questions.0.chip",
    ]);
    expect(await fields(await send("GET", "/people?serach=a"))).toEqual(["serach"]);
    // A field of the body in the address, one of the address in the body.
    expect(await fields(await send("POST", "/projects?name=Here", { body: { name: "There" } }))).toEqual([
      "name",
    ]);
    const elsewhere = { projectId: randomUUID(), archived: true };
    expect(await fields(await send("POST", `/projects/${projectId}/archive`, { body: elsewhere }))).toEqual([
      "projectId",
    ]);
  });

  test("fields that people name are theirs", async () => {
    const { projectId } = await study(database, { tasks: 0 });
    const prompts = [
      {
        messages: [{ role: "user", content: "Why?" }],
        metadata: { anything: { at: ["all"] } },
        responses: [],
      },
    ];
    const response = await send("POST", `/projects/${projectId}/prompts`, { body: { prompts } });
    expect(response.status, await response.text()).toBe(200);
  });

  test("an option that no connected engine has, at launch", async () => {
    const { projectId, manager } = await study(database, { tasks: 0 });
    const kept = await trainable(database, projectId);
    const worker = randomUUID();
    const options = { sft: { properties: { learning_rate: {}, peft: { properties: { r: {} } } } } };
    await announceWorker(database.db, {
      id: worker,
      name: "A worker",
      capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 1, options },
    });
    const launch = (given: unknown) =>
      send("POST", `/projects/${projectId}/training-runs`, {
        as: manager,
        body: { ...kept, method: "sft", name: "Run", options: given },
      });
    try {
      const refused = await problemOf(await launch({ learning_rat: 1e-3, peft: { rr: 4 } }));
      expect(refused).toMatchObject({ status: 400 });
      expect(refused.detail).toContain("learning_rat, peft.rr");
      expect((await launch({ learning_rate: 1e-3, peft: { r: 4 } })).status).toBe(200);
    } finally {
      await dismissWorker(database.db, worker);
    }
  });
});

/** A version and a model that a run could learn from. */
async function trainable({ db }: TestDatabase, projectId: string) {
  const [{ id: datasetId }] = await db
    .insert(dataset)
    .values({ projectId, name: "Set", kind: "sft" })
    .returning({ id: dataset.id });
  const manifest = {
    ...new ManifestBuilder("sft", []).finish(),
    rows: { train: 1, validation: 0, test: 0 },
  };
  const [version] = await db
    .insert(datasetVersion)
    .values({
      projectId,
      datasetId,
      version: 1,
      recipe: recipeSchema.parse({}),
      manifest,
      sha256: "",
      rows: 1,
    })
    .returning({ id: datasetVersion.id });
  const [made] = await db
    .insert(model)
    .values({ projectId, name: "Base", method: "sft", format: "full", source: { kind: "run" } })
    .returning({ id: model.id });
  return { versionId: version.id, modelId: made.id };
}

test("a run's events come as they happen, and a reader that comes back misses none", async () => {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const { db } = database;
  const run = await queueRun(db, manager.viewer, { projectId, kind: "freeze", title: "Freeze", spec: {} });
  const tell = (index: number) => emit(db, `run:${run.id}`, "told", { index });
  const path = `/projects/${projectId}/runs/${run.id}/events`;

  const live = await send("GET", path, { as: manager, headers: { "last-event-id": "0" } });
  expect(live.headers.get("content-type")).toBe("text/event-stream");
  await tell(1);
  const seen = await readUntil(live, '"index":1');
  await tell(2);
  const [, lastId = ""] = /id: (\d+)\ndata: [^\n]*"index":1/.exec(seen) ?? [];
  const later = await send("GET", path, { as: manager, headers: { "last-event-id": lastId } });
  expect(await readUntil(later, '"index":2')).not.toContain('"index":1');

  const outsider = await send("GET", path, { as: await someone(database) });
  expect(await problemOf(outsider)).toMatchObject({ status: 404 });
});

/** Reads a stream until it has said something, and leaves. */
async function readUntil(response: Response, said: string): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(said)) text += (await reader?.read())?.value ?? "";
  await reader?.cancel();
  return text;
}

describe("Idempotency-Key", () => {
  const create = (key: string, name: string, as: Member = admin) =>
    send("POST", "/projects", { body: { name }, headers: { "idempotency-key": key }, as });

  test("a repeated request gets the first answer and changes nothing", async () => {
    const key = randomUUID();
    const first = await create(key, "Once");
    const again = await create(key, "Once");
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await again.json()).toEqual(await first.json());
    const projects = await database.db.select({ name: project.name }).from(project);
    expect(projects.filter((row) => row.name === "Once")).toHaveLength(1);
  });

  test("ten at the same moment run once", async () => {
    const key = randomUUID();
    const responses = await Promise.all(Array.from({ length: 10 }, () => create(key, "Rush")));
    const statuses = responses.map((response) => response.status);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    const projects = await database.db.select({ name: project.name }).from(project);
    expect(projects.filter((row) => row.name === "Rush")).toHaveLength(1);
  });

  test("belongs to one request of one person, refusals are repeated, and a killed request can be taken up", async () => {
    const key = randomUUID();
    await create(key, "Mine");
    expect(await problemOf(await create(key, "Another"))).toMatchObject({ status: 422 });
    const other = await someone(database, { isAdmin: true });
    expect((await create(key, "Mine", other)).headers.get("idempotency-replayed")).toBeNull();

    const bad = randomUUID();
    await create(bad, "");
    const again = await create(bad, "");
    expect(again.status).toBe(400);
    expect(again.headers.get("content-type")).toBe("application/problem+json");
    expect(again.headers.get("idempotency-replayed")).toBe("true");

    await database.db.update(idempotentReply).set({ status: "running" });
    expect(await problemOf(await create(key, "Mine"))).toMatchObject({ status: 409 });
    await database.db.update(idempotentReply).set({ createdAt: new Date(Date.now() - 180_000) });
    expect((await create(key, "Mine")).status).toBe(200);
  });
});
