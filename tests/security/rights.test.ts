import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { annotation, apiToken, auditEntry, idempotentReply, membership, run, taskSeen } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { openCluster } from "@/server/cluster/cluster";
import { sweep } from "@/server/collection/sweep";
import { emit } from "@/server/event/events";
import { removeMember } from "@/server/member/member";
import { setDisabled } from "@/server/people/people";
import { beginSession, endSessions } from "@/server/people/sessions";
import { handleRest } from "@/server/rest/handle";
import { routes } from "@/server/rest/routes";
import { callerOf } from "@/server/root";
import { queueRun } from "@/server/run/queue";
import { createToken, revokeToken } from "@/server/token/person";
import type { Viewer } from "@/server/trpc";
import { type TestDatabase, testDatabase } from "../integration/database";
import { type Member, newKey, prefer, someone, study } from "../integration/study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

async function send(method: string, path: string, viewer: Viewer, body?: object, headers = {}) {
  const request = new Request(`http://localhost/api/v1${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  return handleRest(request, { db: database.db, sql: database.sql, viewer, address: "192.0.2.5" });
}

/** Everything that a stream says until it ends. */
async function rest(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
  return text;
}

describe("a live stream ends when the right to read it does, and tells nothing more", () => {
  const losses: [
    string,
    (who: Member, projectId: string) => Promise<Partial<Viewer>>,
    (who: Member, proof: Partial<Viewer>, projectId: string) => Promise<unknown>,
  ][] = [
    [
      "a membership",
      async () => ({}),
      (who, _, projectId) => removeMember(database.db, system, { projectId, personId: who.viewer.personId }),
    ],
    [
      "a role",
      async () => ({}),
      (who) =>
        database.db
          .update(membership)
          .set({ role: "annotator" })
          .where(eq(membership.personId, who.viewer.personId)),
    ],
    [
      "an account",
      async () => ({}),
      (who) => setDisabled(database.db, system, { personId: who.viewer.personId, disabled: true }),
    ],
    [
      "a token",
      async ({ viewer: { personId } }) => {
        const { id } = await createToken(database.db, { personId }, { personId, name: "x", days: 1 });
        return { tokenId: id };
      },
      ({ viewer: { personId } }, { tokenId }) =>
        revokeToken(database.db, system, { personId, tokenId: tokenId ?? "" }),
    ],
    [
      "a session",
      async ({ viewer: { personId } }) => ({
        sessionId: await beginSession(database.db, { personId, address: "", agent: "" }),
      }),
      ({ viewer: { personId } }) => endSessions(database.db, personId),
    ],
  ];

  test.each(losses)("%s", async (_, prove, lose) => {
    const { db } = database;
    const { projectId, manager, join } = await study(database, { tasks: 0 });
    const reader = await join("reviewer");
    const { id } = await queueRun(db, manager.viewer, { projectId, kind: "freeze", title: "F", spec: {} });
    const proof = await prove(reader, projectId);
    const viewer = { ...reader.viewer, ...proof };
    const live = await send("GET", `/projects/${projectId}/runs/${id}/events`, viewer, undefined, {
      "last-event-id": "0",
    });
    const text = live.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!text) throw new Error("no stream");
    expect((await text.read()).value).toContain("queued");
    await emit(db, `run:${id}`, "told", { secret: "before" });
    expect((await text.read()).value).toContain("before");
    await lose(reader, proof, projectId);
    await emit(db, `run:${id}`, "told", { secret: "after" });
    expect(await rest(text)).not.toContain("after");
  });
});

describe("Idempotency-Key", () => {
  test("no answer that holds a secret is kept, and every operation that has one says so", async () => {
    const secrets = ["token", "secret", "uri", "password", "currentPassword", "code", "value"];
    const holds = ({ properties = {} }: { properties?: object }, names: readonly string[]) =>
      Object.keys(properties).some((property) => names.includes(property));
    for (const { name, method, input, output, secret } of routes()) {
      if (method === "GET") continue;
      const given = z
        .looseObject({ properties: z.record(z.string(), z.unknown()).optional() })
        .parse(output ?? {});
      if (holds(input, secrets) || holds(given, [...secrets, "path"]))
        expect(secret, `${name} takes or gives a secret`).toBe(true);
    }
    const admin = await someone(database, { isAdmin: true });
    const headers = { "idempotency-key": randomUUID() };
    const invitation = { name: "Guest", email: `${newKey()}@example.org` };
    const first = await send("POST", "/people", admin.viewer, invitation, headers);
    expect(await first.json()).toMatchObject({ path: expect.stringContaining("/link/") });
    const again = await send("POST", "/people", admin.viewer, invitation, headers);
    expect(again.status).toBe(409);
    const made = await send(
      "POST",
      "/tokens",
      admin.viewer,
      { name: "a" },
      { "idempotency-key": randomUUID() },
    );
    const { token } = z.object({ token: z.string() }).parse(await made.json());
    const kept = JSON.stringify(await database.db.select().from(idempotentReply));
    expect(kept).not.toContain("/link/");
    expect(kept).not.toContain(token);
  });

  test("an answer is not told again to whoever lost a right since", async () => {
    const { projectId, join } = await study(database, { tasks: 2 });
    const rater = await join("annotator");
    const headers = { "idempotency-key": randomUUID() };
    const claim = () =>
      send("POST", `/projects/${projectId}/assignments`, rater.viewer, { hold: 1 }, headers);
    expect(await (await claim()).text()).toContain("Question");
    expect((await claim()).headers.get("idempotency-replayed")).toBe("true");
    await removeMember(database.db, system, { projectId, personId: rater.viewer.personId });
    const refused = await claim();
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain("Question");
  });

  test("a run's own key belongs to one project and one content", async () => {
    const { db } = database;
    const here = await study(database, { tasks: 0 });
    const there = await study(database, { tasks: 0 });
    const actor = here.manager.viewer;
    const start = (projectId: string, of: number) =>
      queueRun(db, actor, { projectId, kind: "freeze", title: "F", spec: { of }, idempotencyKey: "mine" });
    const first = await start(here.projectId, 1);
    expect((await start(here.projectId, 1)).id).toBe(first.id);
    expect((await start(there.projectId, 1)).id).not.toBe(first.id);
    await expect(start(here.projectId, 2)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await db.$count(run, eq(run.idempotencyKey, "mine"))).toBe(2);
  });

  test("the sweeper takes what nobody can ask for any more", async () => {
    const { db } = database;
    const old = new Date(Date.now() - 25 * 3_600_000);
    await db.update(idempotentReply).set({ createdAt: old });
    const { viewer } = await someone(database);
    await db
      .insert(idempotentReply)
      .values({ personId: viewer.personId, key: "new", requestHash: "", status: "200" });
    await sweep(db);
    expect((await db.select().from(idempotentReply)).map(({ key }) => key)).toEqual(["new"]);
  });
});

describe("blindness is a property of the record", () => {
  async function judged({ overlap = 2 } = {}) {
    const made = await study(database, { tasks: 1, overlap });
    const rater = await made.join();
    const { tasks } = await rater.caller.annotation.claim({ projectId: made.projectId, hold: 1 });
    const assignmentId = tasks[0]?.assignmentId ?? "";
    const { annotationId } = await rater.caller.annotation.submit({
      assignmentId,
      answers: prefer("a"),
      idempotencyKey: newKey(),
    });
    const [{ taskId }] = await database.db
      .select({ taskId: annotation.taskId })
      .from(annotation)
      .where(eq(annotation.id, annotationId));
    return { ...made, rater, taskId, assignmentId };
  }
  const looks: [string, (who: Member, at: { projectId: string; taskId: string }) => Promise<unknown>][] = [
    ["the whole task", (who, at) => who.caller.review.detail(at)],
    ["the preferences", (who, { projectId }) => who.caller.review.preferences({ projectId })],
    ["the judgements", (who, { projectId }) => who.caller.review.annotations({ projectId })],
    [
      "the prompt with its sources",
      async (who, { projectId }) => {
        const { items } = await who.caller.content.prompts({ projectId });
        await who.caller.content.prompt({ projectId, promptId: items[0]?.id ?? "" });
      },
    ],
  ];

  test.each(looks)("whoever was shown %s gets no seat, and loses the one they hold", async (_, look) => {
    const { projectId, taskId, join } = await judged();
    const reviewer = await join("reviewer");
    const { tasks } = await reviewer.caller.annotation.claim({ projectId, hold: 1 });
    const assignmentId = tasks[0]?.assignmentId ?? "";
    await look(reviewer, { projectId, taskId });
    const answers = { answers: prefer("a"), idempotencyKey: newKey() };
    await expect(reviewer.caller.annotation.submit({ assignmentId, ...answers })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await reviewer.caller.annotation.claim({ projectId, hold: 1 })).toMatchObject({
      tasks: [],
      nothing: "not_for_you",
    });
    expect(await database.db.$count(taskSeen, eq(taskSeen.personId, reviewer.viewer.personId))).toBe(1);
    // The seat is there for somebody who has seen nothing.
    const other = await join("annotator");
    expect((await other.caller.annotation.claim({ projectId, hold: 1 })).tasks).toHaveLength(1);
  });

  test("one's own judgement is changed before the others' are shown, and not afterwards", async () => {
    const { projectId, taskId, rater, assignmentId } = await judged();
    const revise = () =>
      rater.caller.annotation.revise({ assignmentId, answers: prefer("b"), idempotencyKey: newKey() });
    await database.db
      .update(membership)
      .set({ role: "reviewer" })
      .where(eq(membership.personId, rater.viewer.personId));
    await rater.caller.review.preferences({ projectId });
    await revise();
    await rater.caller.review.detail({ projectId, taskId });
    await expect(revise()).rejects.toMatchObject({ code: "CONFLICT" });
    // Taken back in time, the seat would be theirs again, for an answer that is not blind.
    await expect(rater.caller.annotation.undo({ assignmentId })).rejects.toThrow("shown others' answers");
  });

  test("nobody decides a task that they judged", async () => {
    const { projectId, taskId, rater, join } = await judged();
    await database.db
      .update(membership)
      .set({ role: "manager" })
      .where(eq(membership.personId, rater.viewer.personId));
    const decision = { projectId, taskId, answers: prefer("a"), reason: "mine" };
    await expect(rater.caller.review.adjudicate(decision)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await (await join("reviewer")).caller.review.adjudicate(decision);
  });
});

test("the audit log keeps refusals and where a request came from", async () => {
  const { projectId, join } = await study(database, { tasks: 0 });
  const { viewer } = await join("annotator");
  for (let times = 0; times < 3; times += 1)
    expect((await send("GET", `/projects/${projectId}/runs`, viewer)).status).toBe(403);
  const rows = await database.db.select().from(auditEntry).where(eq(auditEntry.personId, viewer.personId));
  expect(rows).toEqual([
    expect.objectContaining({
      action: "access.refused",
      targetId: "run.list",
      projectId,
      address: "192.0.2.5",
    }),
  ]);
  const own = callerOf({ ...database, viewer, address: "192.0.2.6" });
  await own.token.create({ name: "x", days: 1 });
  const [made] = await database.db
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.action, "token.create"))
    .limit(1);
  expect(made?.address === null || made?.address === "192.0.2.6").toBe(true);
  expect(await database.db.$count(auditEntry, eq(auditEntry.address, "192.0.2.6"))).toBe(1);
  expect(await database.db.$count(apiToken, eq(apiToken.personId, viewer.personId))).toBe(1);
});

test("the token of a Ray cluster goes where it was stored for, and nowhere else", async () => {
  const heard: string[] = [];
  const listen = async (name: string) => {
    const server = createServer((request, response) => {
      heard.push(`${name}: ${JSON.stringify(request.headers).includes("ray-secret")}`);
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const at = server.address();
    return { server, address: `http://127.0.0.1:${at && typeof at === "object" ? at.port : 0}` };
  };
  const [first, second] = [await listen("first"), await listen("second")];
  const { caller } = await someone(database, { isAdmin: true });
  const siteAddress = "http://localhost:3000";
  const patience = { timeoutMs: 5000, pausesMs: [] };
  const ask = async () => (await openCluster(database.db, patience))?.ray.version().catch(() => undefined);

  await caller.cluster.set({ address: first.address, token: "ray-secret", siteAddress });
  await ask();
  // Something else is changed: the token stays.
  await caller.cluster.set({ address: first.address, siteAddress: "http://localhost:3001" });
  await ask();
  await caller.cluster.set({ address: second.address, siteAddress });
  await ask();
  expect(heard).toEqual(["first: true", "first: true", "second: false"]);
  for (const { server } of [first, second]) server.close();
});
