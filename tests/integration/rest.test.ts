import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { idempotentReply, project } from "@/db/schema";
import { emit } from "@/server/event/events";
import { fileOperations } from "@/server/rest/files";
import { handleRest } from "@/server/rest/handle";
import { openApi } from "@/server/rest/openapi";
import { routes } from "@/server/rest/routes";
import { queueRun } from "@/server/run/queue";
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
    const tasks = z.array(z.object({ assignmentId: z.uuid() }));
    const claimed = await send("POST", `/projects/${projectId}/assignments`, {
      as: rater,
      body: { hold: 1 },
    });
    const text = await claimed.text();
    expect(claimed.status, text).toBe(200);
    // Blind: where a response came from stays on the server.
    expect(text).not.toContain("model-");
    const [seat] = z.object({ tasks }).parse(JSON.parse(text)).tasks;

    const submitted = await send("POST", `/assignments/${seat?.assignmentId}/annotation`, {
      as: rater,
      body: { answers: prefer("a"), idempotencyKey: newKey(), next: { hold: 1 } },
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

describe("OpenAPI document", () => {
  test("has each operation once, with its path's parameters, and refers to nothing that is missing", () => {
    const document = openApi();
    const all = routes();
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(operations).toHaveLength(all.length + fileOperations.length);
    for (const { path, parameters, input } of all) {
      expect(Object.keys(input.properties), path).toEqual(expect.arrayContaining(parameters));
    }
    const text = JSON.stringify(document);
    const { schemas } = z.object({ schemas: z.record(z.string(), z.unknown()) }).parse(document.components);
    for (const [, name = ""] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(schemas)).toContain(name);
    }
    expect(text).not.toContain("$defs");
  });

  test("lists the route handlers that take or give files", () => {
    const folder = join(process.cwd(), "app/api/v1");
    const handlers = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("/route.ts"))
      .map((path) => `/${dirname(path).replace(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}")}`)
      .filter((path) => !["/{path}", "/openapi.json"].includes(path));
    expect(fileOperations.map(({ path }) => path).toSorted()).toEqual(handlers.toSorted());
  });

  test("names what the issue asks of the API", () => {
    expect(Object.keys(openApi().paths)).toEqual(
      expect.arrayContaining([
        "/projects",
        "/projects/{projectId}/assignments",
        "/assignments/{assignmentId}/annotation",
        "/assignments/{assignmentId}/skip",
        "/assignments/{assignmentId}/release",
        "/projects/{projectId}/annotations",
        "/projects/{projectId}/preferences",
        "/projects/{projectId}/exports",
        "/projects/{projectId}/runs",
      ]),
    );
  });
});
