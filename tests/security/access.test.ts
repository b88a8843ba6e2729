import { readdirSync } from "node:fs";
import { join } from "node:path";
import { callTRPCProcedure, getTRPCErrorFromUnknown } from "@trpc/server";
import { eq, sql } from "drizzle-orm";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { GET as callGet, POST as callPost } from "@/app/api/trpc/[trpc]/route";
import { DELETE, GET, PATCH, POST, PUT } from "@/app/api/v1/[...path]/route";
import { database as siteDatabase } from "@/db/client";
import { annotation, apiToken, membership } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { removeMember } from "@/server/member/member";
import { setAdmin, setDisabled } from "@/server/people/people";
import { type Route, routes } from "@/server/rest/routes";
import { appRouter } from "@/server/root";
import { createToken, revokeToken } from "@/server/token/person";
import type { Viewer } from "@/server/trpc";
import { type TestDatabase, testDatabase } from "../integration/database";
import { type Member, newKey, prefer, type Study, someone, study } from "../integration/study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

/**
 * Who may call something. Within a project an admin may do what a manager may; a machine has a token of its own, and
 * no person may do what it does.
 */
type Level = "anyone" | "signedIn" | "member" | "reviewer" | "manager" | "admin" | "machine";

/** Every procedure has a row here: a new one without a row fails the first test. */
const PROCEDURES: Record<string, Level> = {
  "annotation.claim": "member",
  "annotation.desk": "member",
  "annotation.flag": "signedIn",
  "annotation.heartbeat": "member",
  "annotation.history": "member",
  "annotation.open": "signedIn",
  "annotation.release": "signedIn",
  "annotation.releaseAll": "signedIn",
  "annotation.renew": "signedIn",
  "annotation.revise": "signedIn",
  "annotation.skip": "signedIn",
  "annotation.submit": "signedIn",
  "annotation.undo": "signedIn",
  "audit.list": "admin",
  "benchmark.delete": "manager",
  "benchmark.get": "reviewer",
  "benchmark.items": "reviewer",
  "benchmark.list": "reviewer",
  "benchmark.look": "manager",
  "benchmark.start": "manager",
  "benchmark.suites": "reviewer",
  "chat.ask": "reviewer",
  "chat.judge": "reviewer",
  "chat.names": "reviewer",
  "cluster.forget": "admin",
  "cluster.get": "admin",
  "cluster.set": "admin",
  "cluster.state": "admin",
  "collection.list": "admin",
  "collection.start": "admin",
  "conclusion.control": "reviewer",
  "conclusion.file": "reviewer",
  "conclusion.fixRule": "manager",
  "conclusion.fragility": "reviewer",
  "conclusion.joint": "reviewer",
  "conclusion.leaderboard": "reviewer",
  "conclusion.plan": "reviewer",
  "conclusion.report": "reviewer",
  "conclusion.setRate": "manager",
  "conclusion.stops": "reviewer",
  "construction.behind": "reviewer",
  "construction.candidates": "reviewer",
  "construction.decide": "reviewer",
  "construction.estimate": "manager",
  "construction.get": "reviewer",
  "construction.list": "reviewer",
  "construction.methods": "reviewer",
  "construction.release": "manager",
  "construction.start": "manager",
  "construction.trace": "reviewer",
  "content.addPrompts": "manager",
  "content.deletePrompts": "manager",
  "content.facets": "reviewer",
  "content.prompt": "reviewer",
  "content.prompts": "reviewer",
  "dataset.count": "reviewer",
  "dataset.create": "manager",
  "dataset.diff": "reviewer",
  "dataset.export": "manager",
  "dataset.freeze": "manager",
  "dataset.get": "reviewer",
  "dataset.layouts": "reviewer",
  "dataset.list": "reviewer",
  "dataset.push": "manager",
  "dataset.questions": "reviewer",
  "dataset.rows": "reviewer",
  "dataset.version": "reviewer",
  "dataset.versions": "reviewer",
  "dataset.withAnnotation": "reviewer",
  "erasure.person": "admin",
  "erasure.preview": "admin",
  "endpoint.add": "manager",
  "endpoint.edit": "manager",
  "endpoint.list": "manager",
  "endpoint.probe": "manager",
  "endpoint.remove": "manager",
  "endpoint.usage": "manager",
  "evaluation.chat": "reviewer",
  "evaluation.disagreements": "reviewer",
  "evaluation.generate": "manager",
  "evaluation.list": "reviewer",
  "evaluation.ranked": "reviewer",
  "evaluation.score": "manager",
  "evaluation.start": "manager",
  "import.changeMapping": "manager",
  "import.deleteMapping": "manager",
  "import.mappings": "manager",
  "import.preview": "manager",
  "import.saveMapping": "manager",
  "import.shapes": "manager",
  "import.start": "manager",
  "gold.adopt": "manager",
  "gold.block": "manager",
  "gold.create": "manager",
  "gold.list": "reviewer",
  "gold.raters": "reviewer",
  "gold.retire": "manager",
  "gold.setPolicy": "manager",
  "gold.settings": "reviewer",
  "gold.unblock": "manager",
  "judge.archive": "manager",
  "judge.assemble": "manager",
  "judge.card": "reviewer",
  "judge.counted": "reviewer",
  "judge.create": "manager",
  "judge.estimate": "manager",
  "judge.estimateSuccessor": "manager",
  "judge.estimateTry": "manager",
  "judge.get": "reviewer",
  "judge.list": "reviewer",
  "judge.planAssembly": "manager",
  "judge.policy": "reviewer",
  "judge.reassemble": "manager",
  "judge.revise": "manager",
  "judge.run": "manager",
  "judge.setPolicy": "manager",
  "judge.succeed": "manager",
  "judge.try": "manager",
  "judge.verdicts": "reviewer",
  "machine.createToken": "admin",
  "machine.revokeToken": "admin",
  "machine.tokens": "admin",
  "machine.workers": "admin",
  "loop.get": "reviewer",
  "loop.start": "signedIn",
  "meaning.embed": "manager",
  "meaning.found": "reviewer",
  "meaning.map": "reviewer",
  "meaning.search": "reviewer",
  "meaning.standing": "reviewer",
  "meaning.texts": "reviewer",
  "member.list": "reviewer",
  "member.remove": "manager",
  "member.set": "manager",
  "model.add": "manager",
  "model.archive": "manager",
  "model.export": "manager",
  "norming.end": "manager",
  "norming.open": "manager",
  "norming.repeat": "manager",
  "norming.say": "member",
  "norming.show": "member",
  "norming.start": "manager",
  "model.get": "reviewer",
  "model.lineage": "reviewer",
  "model.list": "reviewer",
  "model.make": "manager",
  "model.push": "manager",
  "model.setConsent": "manager",
  "model.touchedBy": "reviewer",
  "person.addSecondFactor": "signedIn",
  "person.beginSecondFactor": "signedIn",
  "person.changeEmail": "signedIn",
  "person.confirmEmail": "signedIn",
  "person.createEmailLink": "admin",
  "person.hasSecondFactor": "signedIn",
  "person.invite": "admin",
  "person.list": "admin",
  "person.me": "signedIn",
  "person.removeSecondFactor": "signedIn",
  "person.renewLink": "admin",
  "person.setAdmin": "admin",
  "person.setDisabled": "admin",
  "person.setPassword": "signedIn",
  "person.signOutEverywhere": "signedIn",
  "person.desk": "signedIn",
  "person.setDesk": "signedIn",
  "person.updateProfile": "signedIn",
  "project.addGuidelines": "manager",
  "project.archive": "manager",
  "project.changeForm": "manager",
  "project.create": "signedIn",
  "project.contents": "manager",
  "project.delete": "manager",
  "project.forms": "member",
  "project.get": "member",
  "project.guidelines": "member",
  "project.list": "signedIn",
  "project.update": "manager",
  "project.watch": "member",
  "quality.show": "reviewer",
  "rater.list": "reviewer",
  "rater.notes": "reviewer",
  "rater.addNote": "reviewer",
  "rater.setSkills": "manager",
  "redTeam.attempts": "reviewer",
  "redTeam.away": "member",
  "redTeam.back": "member",
  "redTeam.begin": "member",
  "redTeam.drop": "member",
  "redTeam.end": "member",
  "redTeam.export": "manager",
  "redTeam.exposed": "member",
  "redTeam.follow": "member",
  "redTeam.guard": "manager",
  "redTeam.guardEstimate": "manager",
  "redTeam.join": "member",
  "redTeam.judge": "member",
  "redTeam.leave": "member",
  "redTeam.next": "member",
  "redTeam.refusals": "reviewer",
  "redTeam.results": "reviewer",
  "redTeam.say": "member",
  "redTeam.setPolicy": "manager",
  "redTeam.settings": "reviewer",
  "redTeam.standing": "member",
  "remark.thread": "member",
  "remark.waiting": "member",
  "remark.write": "member",
  "review.adjudicate": "reviewer",
  "review.annotations": "reviewer",
  "review.dashboard": "reviewer",
  "review.detail": "reviewer",
  "review.disagreements": "reviewer",
  "review.dispute": "reviewer",
  "review.exclude": "reviewer",
  "review.include": "reviewer",
  "review.preferenceCount": "reviewer",
  "review.preferences": "reviewer",
  "review.reopen": "manager",
  "review.sendBack": "reviewer",
  "review.undecided": "reviewer",
  "review.undoDecision": "reviewer",
  "run.cancel": "manager",
  "run.describe": "manager",
  "run.files": "reviewer",
  "run.get": "reviewer",
  "run.list": "reviewer",
  "run.log": "reviewer",
  "run.metricNames": "reviewer",
  "run.retry": "manager",
  "run.stop": "manager",
  "run.table": "reviewer",
  "run.waiting": "reviewer",
  "run.watch": "reviewer",
  "run.watchAll": "reviewer",
  "run.workers": "reviewer",
  "savedView.delete": "reviewer",
  "savedView.list": "reviewer",
  "savedView.save": "reviewer",
  "secret.forget": "signedIn",
  "secret.list": "signedIn",
  "secret.store": "signedIn",
  "serving.follow": "reviewer",
  "serving.models": "signedIn",
  "serving.start": "reviewer",
  "session.end": "signedIn",
  "session.list": "signedIn",
  "task.create": "manager",
  "task.list": "reviewer",
  "task.reserve": "manager",
  "task.setPriority": "manager",
  "task.withdraw": "manager",
  "token.create": "signedIn",
  "token.list": "signedIn",
  "token.revoke": "signedIn",
  "training.clock": "reviewer",
  "training.curves": "reviewer",
  "training.group": "reviewer",
  "training.launch": "manager",
  "training.newPoints": "reviewer",
  "training.options": "reviewer",
  "training.preview": "manager",
  "training.samples": "reviewer",
  "training.sweep": "manager",
};

interface RouteRow {
  level: Level;
  /** What the address gives the handler; `projectId` is filled in. */
  params?: Record<string, string | string[]>;
}

/** Every route handler has a row here, too. */
const ROUTES: Record<string, RouteRow> = {
  "artifacts/[sha256]": { level: "machine", params: { sha256: "0".repeat(64) } },
  "audit/[format]": { level: "admin", params: { format: "jsonl" } },
  // Sign-in itself; next-auth's routes are tested in auth.test.ts.
  "auth/[...nextauth]": { level: "anyone" },
  "cluster/events": { level: "machine" },
  "cluster/files": { level: "machine" },
  "cluster/job": { level: "machine" },
  health: { level: "anyone" },
  metrics: { level: "admin" },
  // The procedures decide: /models tells everybody theirs.
  "openai/v1/[...path]": { level: "signedIn", params: { path: ["models"] } },
  "refused/[why]": { level: "anyone", params: { why: "address" } },
  // The procedures decide, and each has its row above.
  "trpc/[trpc]": { level: "anyone", params: { trpc: "person.me" } },
  "v1/[...path]": { level: "signedIn", params: { path: ["projects"] } },
  "v1/openapi.json": { level: "anyone" },
  "v1/projects/[projectId]/preferences.csv": { level: "reviewer" },
  "v1/projects/[projectId]/uploads": { level: "manager" },
  "v1/projects/[projectId]/runs/[runId]/files/[...name]": {
    level: "reviewer",
    params: { runId: "01890000-0000-7000-8000-000000000000", name: ["card.md"] },
  },
};

const ROLES = ["stranger", "outsider", "annotator", "reviewer", "manager", "admin"] as const;
type Role = (typeof ROLES)[number];

const ALLOWED: Record<Level, readonly Role[]> = {
  anyone: ROLES,
  signedIn: ["outsider", "annotator", "reviewer", "manager", "admin"],
  member: ["annotator", "reviewer", "manager", "admin"],
  reviewer: ["reviewer", "manager", "admin"],
  manager: ["manager", "admin"],
  admin: ["admin"],
  machine: [],
};
const IN_PROJECT: readonly Level[] = ["member", "reviewer", "manager"];

type Refusal = "UNAUTHORIZED" | "FORBIDDEN" | "NOT_FOUND";

/** How a role hears that it may not, or undefined when it may. */
function expectedRefusal(role: Role, level: Level): Refusal | undefined {
  if (ALLOWED[level].includes(role)) return undefined;
  if (role === "stranger" || level === "machine") return "UNAUTHORIZED";
  // Whoever is not in a project does not learn that it exists.
  return role === "outsider" && IN_PROJECT.includes(level) ? "NOT_FOUND" : "FORBIDDEN";
}

let database: TestDatabase;
let projectId: string;
const viewers: Partial<Record<Role, Viewer>> = {};
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  const made = await study(database, { tasks: 2 });
  projectId = made.projectId;
  const members = {
    outsider: await someone(database),
    annotator: await made.join("annotator"),
    reviewer: await made.join("reviewer"),
    manager: await made.join("manager"),
    admin: await someone(database, { isAdmin: true }),
  };
  for (const role of ROLES) {
    if (role === "stranger") continue;
    const { viewer } = members[role];
    viewers[role] = viewer;
    const { token } = await createToken(database.db, viewer, {
      personId: viewer.personId,
      name: role,
      days: 1,
    });
    tokens[role] = token;
  }
});

const names = Object.keys(appRouter._def.procedures);

/** Calls a procedure with nothing but the project: rights are checked before the rest of the input. */
async function refusalOf(name: string, role: Role): Promise<Refusal | undefined> {
  const { db, sql } = database;
  const level = PROCEDURES[name];
  const input = level && IN_PROJECT.includes(level) ? { projectId } : {};
  const definition: { type: "query" | "mutation" | "subscription" } = Reflect.get(
    Reflect.get(appRouter._def.procedures, name),
    "_def",
  );
  try {
    await callTRPCProcedure({
      router: appRouter,
      path: name,
      type: definition.type,
      ctx: { db, sql, viewer: viewers[role] ?? null },
      getRawInput: async () => input,
      signal: AbortSignal.abort(),
      batchIndex: 0,
    });
    return undefined;
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    if (error.code === "UNAUTHORIZED" || error.code === "FORBIDDEN") return error.code;
    return error.code === "NOT_FOUND" && error.message.includes("The project") ? "NOT_FOUND" : undefined;
  }
}

describe("procedures", () => {
  test("each has a row in the table, and each row a procedure", () => {
    expect(names.toSorted()).toEqual(Object.keys(PROCEDURES).toSorted());
  });

  test.each(names)("%s", async (name) => {
    const level = PROCEDURES[name];
    expect(level, "a row in PROCEDURES").toBeDefined();
    for (const role of ROLES) {
      const expected = expectedRefusal(role, level ?? "anyone");
      expect(await refusalOf(name, role), `${role} calls ${name}`).toBe(expected);
    }
  });
});

const api = join(process.cwd(), "app/api");
const routePaths = readdirSync(api, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith("/route.ts"))
  .map((path) => path.slice(0, -"/route.ts".length));
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const STATUS: Record<Refusal, number> = { UNAUTHORIZED: 401, FORBIDDEN: 403, NOT_FOUND: 404 };

describe("API routes", () => {
  test("each has a row in the table, and each row a route", () => {
    expect(routePaths.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  test.each(routePaths.filter((path) => ROUTES[path]?.level !== "anyone"))("%s", async (path) => {
    const { level = "admin", params = {} } = ROUTES[path] ?? {};
    const handlers: Record<string, unknown> = await import(join(api, path, "route.ts"));
    for (const method of METHODS) {
      const handler = handlers[method];
      if (typeof handler !== "function") continue;
      for (const role of ROLES) {
        const values: Record<string, string | string[]> = { projectId, ...params };
        const address = path.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, name) => [values[name]].flat().join("/"));
        const request = new Request(`http://localhost/api/${address}`, {
          method,
          headers: tokens[role] ? { authorization: `Bearer ${tokens[role]}` } : {},
        });
        const response: Response = await handler(request, { params: Promise.resolve(values) });
        const expected = expectedRefusal(role, level);
        const what = `${role} sends ${method} ${address}`;
        if (expected) expect(response.status, what).toBe(STATUS[expected]);
        else expect([401, 403], what).not.toContain(response.status);
      }
    }
  });
});

/** What the REST API's own handlers are, by method. */
const REST = { DELETE, GET, PATCH, POST, PUT };
const ORIGIN = "http://localhost:3000";
const SOME_ID = "01890000-0000-7000-8000-000000000000";

/** A judgement's procedures name a seat and no project: what they need to reach the question of rights. */
const ON_A_SEAT: Record<string, object> = {
  "annotation.flag": { reason: "other" },
  "annotation.open": {},
  "annotation.release": {},
  "annotation.renew": {},
  "annotation.revise": { answers: prefer("b"), idempotencyKey: newKey() },
  "annotation.skip": { reason: "other" },
  "annotation.submit": { answers: prefer("a"), idempotencyKey: newKey() },
  "annotation.undo": {},
};

/** Somebody with a token, who runs a project and has a seat in it. */
interface Holder extends Member {
  token: string;
  tokenId: string;
  seat: string;
}

/** A way to ask for something, whatever it is that is asked. */
interface Door {
  what: string;
  level: Level | "seat";
  ask(holder: Holder): Promise<Response>;
}

const asking = (method: string, path: string, { token }: Holder, body?: object) =>
  new Request(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });

const levelOf = (name: string): Door["level"] => (name in ON_A_SEAT ? "seat" : (PROCEDURES[name] ?? "admin"));

function restDoor({ name, method, path }: Route): Door {
  return {
    what: `${method} ${path}`,
    level: levelOf(name),
    ask(holder) {
      const ids: Record<string, string> = { projectId, assignmentId: holder.seat };
      const address = path.replace(/\{(\w+)\}/g, (_, id: string) => ids[id] ?? SOME_ID);
      const body = method === "GET" ? undefined : (ON_A_SEAT[name] ?? {});
      return REST[method](asking(method, `/api/v1${address}`, holder, body));
    },
  };
}

function callDoor(name: string): Door {
  const { type }: { type: string } = Reflect.get(Reflect.get(appRouter._def.procedures, name), "_def");
  return {
    what: `tRPC ${name}`,
    level: levelOf(name),
    ask(holder) {
      const json = JSON.stringify({ json: { projectId, assignmentId: holder.seat, ...ON_A_SEAT[name] } });
      const address = `/api/trpc/${name}`;
      if (type !== "mutation")
        return callGet(asking("GET", `${address}?input=${encodeURIComponent(json)}`, holder));
      return callPost(asking("POST", address, holder, JSON.parse(json)));
    },
  };
}

async function fileDoors(): Promise<Door[]> {
  const doors: Door[] = [];
  for (const [path, { level, params = {} }] of Object.entries(ROUTES)) {
    // The two above stand for all their procedures; what a machine may, no person may.
    if (level === "anyone" || level === "machine" || path === "v1/[...path]") continue;
    const handlers: Record<string, unknown> = await import(join(api, path, "route.ts"));
    for (const method of METHODS) {
      const handler = handlers[method];
      if (typeof handler !== "function") continue;
      doors.push({
        what: `${method} /api/${path}`,
        level,
        ask(holder) {
          const values = { projectId, ...params };
          return handler(asking(method, `/api/${path}`, holder), { params: Promise.resolve(values) });
        },
      });
    }
  }
  return doors;
}

/** How a right ends, and what is then heard by whoever asks for something that needs it; undefined: as before. */
interface Loss {
  lose(who: { manager: Holder; admin: Holder }): Promise<unknown>;
  heard(level: Door["level"]): number[] | undefined;
}

/** A live stream of tRPC begins in any case, and says in it what went wrong. */
const statusOf = ({ status, headers }: Response, text: string) =>
  headers.get("content-type") === "text/event-stream" ? Number(/"httpStatus":(\d+)/.exec(text)?.[1]) : status;

const ofProject = (level: Door["level"]) => level !== "seat" && IN_PROJECT.includes(level);
const everything = (level: Door["level"]) => (level === "anyone" ? undefined : [401]);

const LOSSES: Record<string, Loss> = {
  "whose project it is not": {
    async lose({ manager, admin }) {
      const { personId } = (await study(database, { tasks: 1 })).manager.viewer;
      await removeMember(database.db, { personId }, { projectId, personId: manager.viewer.personId });
      await setAdmin(database.db, system, { personId: admin.viewer.personId, isAdmin: false });
      const other = await study(database, { tasks: 1 });
      for (const { viewer } of [manager, admin])
        await database.db
          .insert(membership)
          .values({ projectId: other.projectId, personId: viewer.personId, role: "manager" });
    },
    heard: (level) =>
      ofProject(level) ? [404] : level === "admin" ? [403] : level === "seat" ? [403, 404] : undefined,
  },
  "who was removed from the project": {
    lose: ({ manager }) =>
      removeMember(database.db, system, { projectId, personId: manager.viewer.personId }),
    heard: (level) => (ofProject(level) ? [404] : level === "seat" ? [403, 404] : undefined),
  },
  "who only annotates now": {
    lose: ({ manager }) =>
      database.db
        .update(membership)
        .set({ role: "annotator" })
        .where(eq(membership.personId, manager.viewer.personId)),
    heard: (level) => (level === "reviewer" || level === "manager" ? [403] : undefined),
  },
  "who is no admin any more": {
    lose: ({ admin }) => setAdmin(database.db, system, { personId: admin.viewer.personId, isAdmin: false }),
    heard: (level) => (level === "admin" ? [403] : undefined),
  },
  "whose account is disabled": {
    async lose(who) {
      for (const { viewer } of Object.values(who))
        await setDisabled(database.db, system, { personId: viewer.personId, disabled: true });
    },
    heard: everything,
  },
  "whose token was revoked": {
    async lose(who) {
      for (const { viewer, tokenId } of Object.values(who))
        await revokeToken(database.db, system, { personId: viewer.personId, tokenId });
    },
    heard: everything,
  },
  "whose token is over": {
    lose: () => database.db.update(apiToken).set({ expiresAt: sql`now() - interval '1 second'` }),
    heard: everything,
  },
};

describe("nothing is told to, or done for, somebody who lost the right to it", () => {
  let made: Study;
  let doors: Door[];
  beforeAll(async () => {
    made = await study(database, { tasks: 40 });
    const rest = routes();
    const inRest = new Set(rest.map(({ name }) => name));
    doors = [
      ...rest.map(restDoor),
      ...names.filter((name) => !inRest.has(name)).map(callDoor),
      // The page's own way to what the HTTP API has, too.
      ...["project.get", "project.update", "review.preferences", "audit.list", "annotation.submit"].map(
        callDoor,
      ),
      ...(await fileDoors()),
    ];
  });

  async function holder(member: Member): Promise<Holder> {
    const { personId } = member.viewer;
    const { id, token } = await createToken(database.db, member.viewer, { personId, name: "x", days: 1 });
    const { tasks } = await member.caller.annotation.claim({ projectId: made.projectId, hold: 1 });
    return { ...member, token, tokenId: id, seat: tasks[0]?.assignmentId ?? "" };
  }

  test("every procedure on a seat has its row, and every door is known", () => {
    const byIdAlone = ({ required }: { required: readonly string[] }) =>
      required.includes("assignmentId") && !required.includes("projectId");
    const seats = routes().flatMap(({ name, input }) => (byIdAlone(input) ? [name] : []));
    expect(seats.toSorted()).toEqual(Object.keys(ON_A_SEAT));
    expect(doors.length).toBeGreaterThan(names.length);
  });

  test.each(Object.entries(LOSSES))("%s", async (_, { lose, heard }) => {
    projectId = made.projectId;
    const manager = await holder(await made.join("manager"));
    const admin = await holder(await someone(database, { isAdmin: true }));
    for (const who of [manager, admin])
      expect((await GET(asking("GET", `/api/v1/projects/${projectId}`, who))).status).toBe(200);
    await lose({ manager, admin });
    const { name } = await made.manager.caller.project.get({ projectId });
    const changes = () =>
      database.db.execute(sql`
        select (select count(*) from audit_entry where action <> 'access.refused') as audited,
          (select count(*) from ${annotation}) as judged, (select count(*) from run) as runs`);
    const before = await changes();
    const wrong: string[] = [];
    for (const { what, level, ask } of doors) {
      const expected = heard(level);
      if (!expected) continue;
      const response = await ask(level === "admin" ? admin : manager);
      const text = await response.text();
      if (!expected.includes(statusOf(response, text)) || text.includes(name))
        wrong.push(`${what}: ${response.status} ${text}`);
    }
    expect(wrong).toEqual([]);
    expect(await changes()).toEqual(before);
  });
});

test("a file on its way ends when the right to it does", async () => {
  const { viewer } = await someone(database, { isAdmin: true });
  const { token } = await createToken(database.db, viewer, { personId: viewer.personId, name: "x", days: 1 });
  // Three pages, the last of what is downloaded first.
  await database.db.execute(sql`
    insert into audit_entry (person_id, action, target_kind, target_id)
    select ${viewer.personId}, 'of.this.test', 'row', 'row ' || n from generate_series(1, 2500) n`);
  const { GET: download } = await import("@/app/api/audit/[format]/route");
  const address = `${ORIGIN}/api/audit/jsonl?action=of.this.test`;
  const request = new Request(address, { headers: { authorization: `Bearer ${token}` } });
  const response = await download(request, { params: Promise.resolve({ format: "jsonl" }) });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error("no body");
  let text = (await reader.read()).value ?? "";
  expect(text).toContain('"row ');
  await setAdmin(database.db, system, { personId: viewer.personId, isAdmin: false });
  const rest = async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
  };
  await expect(rest()).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(1000);
});

describe("while the database is away", () => {
  test("every door asks to come again", async () => {
    const { viewer, caller } = await someone(database, { isAdmin: true });
    const { id, token } = await createToken(database.db, viewer, {
      personId: viewer.personId,
      name: "x",
      days: 1,
    });
    const holder = { viewer, caller, token, tokenId: id, seat: SOME_ID };
    await siteDatabase().close();
    const doors = [
      ...routes().slice(0, 3).map(restDoor),
      ...["project.list", "project.create", "project.watch"].map(callDoor),
      ...(await fileDoors()),
    ];
    for (const { what, ask } of doors) {
      const response = await ask(holder);
      expect(response.status, what).toBe(503);
      expect(Number(response.headers.get("retry-after")), what).toBeGreaterThan(0);
      expect(await response.text(), what).toContain("The database is away");
    }
  });
});
