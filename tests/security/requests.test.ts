import { randomUUID } from "node:crypto";
import { Writable } from "node:stream";
import { createTRPCClient } from "@trpc/client";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { GET as trpcGet, POST as trpcPost } from "@/app/api/trpc/[trpc]/route";
import {
  GET as rest,
  DELETE as restDelete,
  PATCH as restPatch,
  POST as restPost,
  PUT as restPut,
} from "@/app/api/v1/[...path]/route";
import { POST as upload } from "@/app/api/v1/projects/[projectId]/uploads/route";
import { linksTo } from "@/app/trpc/links";
import { person, project } from "@/db/schema";
import { limits } from "@/server/limits";
import { describeError, logTo } from "@/server/log";
import { answer } from "@/server/rest/answer";
import { type Route, routes } from "@/server/rest/routes";
import { type AppRouter, appRouter } from "@/server/root";
import { createToken } from "@/server/token/person";
import { type TestDatabase, testDatabase } from "../integration/database";
import { type Member, study } from "../integration/study";
import { sample } from "./sample";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

const SITE = "http://localhost:3000";
let database: TestDatabase;
let admin: Member;
let projectId: string;
let token: string;

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  const made = await study(database, { tasks: 1 });
  ({ projectId, manager: admin } = made);
  const { personId } = admin.viewer;
  ({ token } = await createToken(database.db, admin.viewer, { personId, name: "test", days: 1 }));
});

type Headed = Record<string, string>;

const handlers = { GET: rest, POST: restPost, PUT: restPut, PATCH: restPatch, DELETE: restDelete };

const send = (method: keyof typeof handlers, path: string, body?: string, headers: Headed = {}) =>
  handlers[method](
    new Request(`${SITE}/api/v1${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    }),
  );

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("what cannot be read or stored is refused as such, by every door", () => {
  const prompts = (metadata: string, content = '"Why?"') =>
    `{"prompts":[{"messages":[{"role":"user","content":${content}}],"metadata":${metadata},"responses":[{"content":"a"},{"content":"b"}]}]}`;

  test.each([
    ["a percent sign that encodes nothing", () => send("GET", "/projects/%E0%A4%A")],
    ["metadata 200,000 deep", () => send("POST", `/projects/${projectId}/prompts`, prompts(deep(200_000)))],
    ["U+0000 in a text", () => send("POST", `/projects/${projectId}/prompts`, prompts("{}", '"a\\u0000b"'))],
    ["U+0000 in metadata", () => send("POST", `/projects/${projectId}/prompts`, prompts('{"a":"\\u0000"}'))],
    ["U+0000 in a name", () => send("POST", "/projects", '{"name":"a\\u0000b"}')],
    ["U+0000 in a search", () => send("GET", "/people?search=%00")],
    [
      "an address of 300 kB",
      () =>
        send("POST", "/people", JSON.stringify({ name: "A", email: `${"a".repeat(300_000)}@example.org` })),
    ],
    ["an odd day of one's own history", () => send("GET", `/projects/${projectId}/history?from=odd`)],
    ["an odd time of the audit log", () => send("GET", "/audit?from=odd")],
    ["a day far outside time", () => send("GET", `/projects/${projectId}/history?from=-271821-04-20`)],
  ])("%s", async (_, ask) => {
    const response = await ask();
    expect(response.status, await response.clone().text()).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("rows of more bytes than an operation takes that brings none", async () => {
    const long = JSON.stringify({ name: "x".repeat(limits.callBytes) });
    expect((await send("POST", "/projects", long)).status).toBe(413);
    expect((await send("POST", `/projects/${projectId}/prompts`, long)).status).toBe(400);
  });

  const addressOf = ({ path }: Route) =>
    path.replace(/\{(\w+)\}/g, (_, name) => (name === "projectId" ? projectId : randomUUID()));

  const lists = routes().filter(({ input }) => "cursor" in input.properties);
  test.each(lists.map((route) => [route.name, route] as const))("a junk cursor of %s", async (_, route) => {
    for (const cursor of ["a", "_", "x_y", `x_${randomUUID()}`, `${randomUUID()}_`, "-1e400", "\0", "’"]) {
      const address = addressOf(route);
      const response = await (route.method === "GET"
        ? send("GET", `${address}?cursor=${encodeURIComponent(cursor)}`)
        : send(route.method, address, JSON.stringify({ cursor })));
      expect(response.status, `${cursor}: ${await response.clone().text()}`).toBe(400);
    }
  });

  /** Copies of a value, each with U+0000 in the place of one of its texts. */
  function broken(value: unknown): unknown[] {
    if (typeof value === "string") return ["\0", `${value}\0`];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, part]) =>
      broken(part).map((other) =>
        Array.isArray(value)
          ? value.map((one, index) => (String(index) === name ? other : one))
          : { ...value, [name]: other },
      ),
    );
  }

  test("U+0000 in any text of any operation", async () => {
    const failed: string[] = [];
    let asked = 0;
    for (const route of routes()) {
      if (route.type === "subscription") continue;
      const names = Object.keys(route.input.properties).filter((name) => !route.parameters.includes(name));
      const { properties, required } = route.input;
      const given = (all: boolean) =>
        Object.fromEntries(
          names
            .filter((name) => all || required.includes(name))
            .map((name) => [name, sample(name, properties[name], all)]),
        );
      for (const input of [...broken(given(false)), ...broken(given(true))]) {
        const fields = z.record(z.string(), z.unknown()).parse(input);
        const query = new URLSearchParams(
          Object.entries(fields).flatMap(([name, value]) =>
            [value].flat().map((one) => [name, typeof one === "object" ? JSON.stringify(one) : String(one)]),
          ),
        );
        const response =
          route.method === "GET"
            ? await send("GET", `${addressOf(route)}?${query}`)
            : await send(route.method, addressOf(route), JSON.stringify(input));
        asked += 1;
        if (response.status < 400 || response.status >= 500)
          failed.push(`${route.method} ${route.path} ${response.status} ${JSON.stringify(input)}`);
      }
    }
    expect(asked).toBeGreaterThan(100);
    expect(failed).toEqual([]);
  });

  test("the page's own API, too", async () => {
    const input = encodeURIComponent(JSON.stringify({ json: { projectId, cursor: "a" } }));
    const response = await trpcGet(
      new Request(`${SITE}/api/trpc/review.annotations?input=${input}`, {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    expect(response.status).toBe(400);
  });
});

test("a question that is too long for an address is asked in a body, and nothing changes by an address", async () => {
  const methods: string[] = [];
  const client = createTRPCClient<AppRouter>({
    links: linksTo(`${SITE}/api/trpc`, (address, init) => {
      const request = new Request(address, init);
      request.headers.set("authorization", `Bearer ${token}`);
      methods.push(request.method);
      return request.method === "GET" ? trpcGet(request) : trpcPost(request);
    }),
  });
  await client.content.prompts.query({ projectId, search: "é" });
  const criteria = "Which helps more? ".repeat(1000);
  const settings = { questionId: "preference", endpointId: randomUUID(), rubric: { criteria } };
  await expect(client.judge.estimateTry.query({ projectId, settings })).rejects.toThrow(/endpoint/i);
  expect(methods).toEqual(["GET", "POST"]);
  const input = encodeURIComponent(JSON.stringify({ json: { name: "by address" } }));
  const changing = await trpcGet(
    new Request(`${SITE}/api/trpc/project.create?input=${input}`, {
      headers: { authorization: `Bearer ${token}` },
    }),
  );
  expect(changing.status).toBe(405);
});

describe("a request that comes with a cookie changes something only from a page of this site", () => {
  const cookie = { cookie: "authjs.session-token=x", host: "localhost:3000" };
  const doors: [string, (headers: Headed) => Promise<Response>][] = [
    [
      "the HTTP API",
      (headers) =>
        restPost(
          new Request(`${SITE}/api/v1/projects`, { method: "POST", body: '{"name":"forged"}', headers }),
        ),
    ],
    [
      "tRPC",
      (headers) =>
        trpcPost(
          new Request(`${SITE}/api/trpc/project.create`, { method: "POST", body: '{"json":{}}', headers }),
        ),
    ],
    [
      "uploads",
      (headers) =>
        upload(
          new Request(`${SITE}/api/v1/projects/${projectId}/uploads`, { method: "POST", body: "a", headers }),
          { params: Promise.resolve({ projectId }) },
        ),
    ],
  ];

  test.each(doors)("%s", async (_, post) => {
    const type = { "content-type": "application/json" };
    const refused: Headed[] = [
      {},
      { origin: "https://elsewhere.example" },
      { origin: "null" },
      { origin: SITE, "sec-fetch-site": "cross-site" },
      { origin: SITE, "sec-fetch-site": "same-site" },
    ];
    for (const from of refused)
      expect((await post({ ...type, ...cookie, ...from })).status, JSON.stringify(from)).toBe(403);
    // The cookie is nobody's: whoever passes the first door is asked to sign in.
    const ours: Headed[] = [{ origin: SITE }, { origin: SITE, "sec-fetch-site": "same-origin" }];
    for (const from of ours)
      expect((await post({ ...type, ...cookie, ...from })).status, JSON.stringify(from)).toBe(401);
  });

  test("text/plain, which any page may send, is no JSON", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      const headers = { "content-type": type, authorization: `Bearer ${token}` };
      expect((await send("POST", "/projects", '{"name":"plain"}', headers)).status, type).toBe(415);
      const request = new Request(`${SITE}/api/trpc/project.create`, {
        method: "POST",
        body: '{"json":{"name":"plain"}}',
        headers,
      });
      expect((await trpcPost(request)).status, type).toBeGreaterThanOrEqual(400);
    }
    const names = await database.db.select({ name: project.name }).from(project);
    expect(names.map(({ name }) => name)).not.toContain("plain");
  });
});

describe("failures", () => {
  const failing = () =>
    database.db
      .insert(person)
      .values({ name: "A", email: "secret-address@example.org", id: sql`'nonsense'` });

  test("a refused statement is told without its values, in the log and in the error itself", async () => {
    const email = `secret-${randomUUID()}@example.org`;
    const insert = () => database.db.insert(person).values({ name: "secret name", email });
    await insert();
    const error = await insert().then(
      () => new Error("nothing was refused"),
      (cause: Error) => cause,
    );
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk));
        done();
      },
    });
    logTo(sink).error({ err: error, why: "x".repeat(900_000) }, "told");
    const { inspect } = await import("node:util");
    for (const text of [lines.join(""), error.message, error.stack ?? "", inspect(error)]) {
      expect(text).toContain("insert into");
      expect(text).not.toContain("secret");
    }
    expect(lines.join("").length).toBeLessThan(16_384);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: { cause: { code: "23505", constraint_name: "person_email" } },
    });
    const cast = await failing().then(String, (cause: Error) => JSON.stringify(describeError(cause)));
    expect(cast).not.toContain("secret");
  });

  test("of a defect a page hears that there is one, and nothing else", async () => {
    const { db } = database;
    await database.asOwner("alter table project rename to mislaid");
    try {
      const response = await fetchRequestHandler({
        endpoint: "/api/trpc",
        req: new Request(`${SITE}/api/trpc/project.list`),
        router: appRouter,
        createContext: () => ({ db, sql: database.sql, viewer: admin.viewer }),
      });
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(text).toContain("Something went wrong here");
      expect(text).not.toMatch(/select|mislaid|relation/i);
    } finally {
      await database.asOwner("alter table mislaid rename to project");
    }
  });

  test("of a refused form a page hears sentences, not the list of a program", async () => {
    const response = await fetchRequestHandler({
      endpoint: "/api/trpc",
      req: new Request(`${SITE}/api/trpc/gold.setPolicy`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          json: {
            projectId,
            policy: { blocking: { good: 0.6, bad: 0.9, alpha: 0.01, beta: 0.05 } },
          },
        }),
      }),
      router: appRouter,
      createContext: () => ({ db: database.db, sql: database.sql, viewer: admin.viewer }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(
      '"message":"The good rater must be right more often than the bad one."',
    );
  });

  test("while the database is away, or the disk is full, requests are asked to come again", async () => {
    const away = Object.assign(new Error("write CONNECTION_CLOSED"), { code: "CONNECTION_CLOSED" });
    const full = Object.assign(new Error("could not extend file"), { code: "53100" });
    const problem = z.object({ detail: z.string() });
    for (const [cause, said] of [
      [away, "database is away"],
      [new Error("Failed query: …", { cause: full }), "disk is full"],
      [Object.assign(new Error("write"), { code: "ENOSPC" }), "disk is full"],
    ] as const) {
      const response = await answer(async () => {
        throw cause;
      });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(problem.parse(await response.json()).detail).toContain(said);
    }
  });
});
