import { readdirSync } from "node:fs";
import { join } from "node:path";
import { callTRPCProcedure, getTRPCErrorFromUnknown } from "@trpc/server";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { appRouter } from "@/server/root";
import { createToken } from "@/server/token/person";
import type { Viewer } from "@/server/trpc";
import { type TestDatabase, testDatabase } from "./database";
import { someone, study } from "./study";

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
  "cluster.forget": "admin",
  "cluster.get": "admin",
  "cluster.set": "admin",
  "cluster.state": "admin",
  "content.addPrompts": "manager",
  "content.deletePrompts": "manager",
  "content.facets": "reviewer",
  "content.prompt": "reviewer",
  "content.prompts": "reviewer",
  "dataset.create": "manager",
  "dataset.diff": "reviewer",
  "dataset.export": "manager",
  "dataset.freeze": "manager",
  "dataset.get": "reviewer",
  "dataset.list": "reviewer",
  "dataset.push": "manager",
  "dataset.questions": "reviewer",
  "dataset.rows": "reviewer",
  "dataset.version": "reviewer",
  "dataset.versions": "reviewer",
  "dataset.withAnnotation": "reviewer",
  "evaluation.chat": "reviewer",
  "evaluation.disagreements": "reviewer",
  "evaluation.generate": "manager",
  "evaluation.list": "reviewer",
  "evaluation.ranked": "reviewer",
  "evaluation.score": "manager",
  "evaluation.start": "manager",
  "import.preview": "manager",
  "import.shapes": "manager",
  "import.start": "manager",
  "machine.createToken": "admin",
  "machine.revokeToken": "admin",
  "machine.tokens": "admin",
  "machine.workers": "admin",
  "member.list": "reviewer",
  "member.remove": "manager",
  "member.set": "manager",
  "model.add": "manager",
  "model.archive": "manager",
  "model.export": "manager",
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
  "person.updateProfile": "signedIn",
  "project.addGuidelines": "manager",
  "project.archive": "manager",
  "project.changeForm": "manager",
  "project.create": "signedIn",
  "project.delete": "manager",
  "project.forms": "member",
  "project.get": "member",
  "project.guidelines": "member",
  "project.list": "signedIn",
  "project.update": "manager",
  "project.watch": "member",
  "rater.list": "reviewer",
  "rater.setSkills": "manager",
  "review.adjudicate": "reviewer",
  "review.annotations": "reviewer",
  "review.dashboard": "reviewer",
  "review.detail": "reviewer",
  "review.disagreements": "reviewer",
  "review.exclude": "reviewer",
  "review.include": "reviewer",
  "review.preferenceCount": "reviewer",
  "review.preferences": "reviewer",
  "review.reopen": "manager",
  "review.sendBack": "reviewer",
  "run.cancel": "manager",
  "run.files": "reviewer",
  "run.get": "reviewer",
  "run.list": "reviewer",
  "run.log": "reviewer",
  "run.retry": "manager",
  "run.stop": "manager",
  "run.watch": "reviewer",
  "run.watchAll": "reviewer",
  "run.workers": "reviewer",
  "secret.forget": "signedIn",
  "secret.list": "signedIn",
  "secret.store": "signedIn",
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
