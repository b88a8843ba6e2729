import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { apiToken, assignment, auditEntry, membership, person, signInAttempt, signInLink } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { viewerOf } from "@/server/auth";
import { ensureFirstAdmin } from "@/server/people/first-admin";
import { createSignInLink } from "@/server/people/links";
import { invite, setDisabled, setPassword } from "@/server/people/people";
import { callerOf } from "@/server/root";
import { createToken, revokeToken } from "@/server/token/person";
import { type TestDatabase, testDatabase } from "./database";
import { study } from "./study";
import { Visitor } from "./visitor";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

const PASSWORD = "correct horse battery";
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
});
beforeEach(() => database.db.delete(signInAttempt));

async function member(name: string, { password = true } = {}): Promise<{ id: string; email: string }> {
  const email = `${name.toLowerCase()}@example.org`;
  const { personId: id } = await invite(database.db, system, { name, email, isAdmin: false });
  if (password) await setPassword(database.db, { personId: id }, { personId: id, password: PASSWORD });
  return { id, email };
}

async function signedIn(email: string, password = PASSWORD): Promise<Visitor> {
  const visitor = new Visitor();
  await visitor.post("/api/auth/callback/password", { email, password });
  return visitor;
}

const linkToken = (path: string) => path.replace("/link/", "");
const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

describe("password", () => {
  test("signs in, in any case of the address; a wrong one does not", async () => {
    const { id, email } = await member("Ada");
    const ada = await signedIn(email.toUpperCase());
    expect(await viewerOf(ada.headers)).toEqual({
      personId: id,
      name: "Ada",
      email,
      isAdmin: false,
      tokenId: null,
      sessionId: expect.any(String),
    });
    expect(await viewerOf((await signedIn(email, "wrong password")).headers)).toBeNull();
    expect(await viewerOf((await signedIn("nobody@example.org")).headers)).toBeNull();
    const [stored] = await database.db.select().from(person).where(eq(person.id, id));
    expect(stored?.passwordHash).toMatch(/^\$argon2id\$/);
  });

  test("a disabled person's session and token end at once, and no new one begins", async () => {
    const { id, email } = await member("Boole");
    const { token } = await createToken(
      database.db,
      { personId: id },
      { personId: id, name: "script", days: 1 },
    );
    const boole = await signedIn(email);
    expect(await viewerOf(boole.headers)).not.toBeNull();
    expect(await viewerOf(bearer(token))).toMatchObject({ personId: id });

    await setDisabled(database.db, system, { personId: id, disabled: true });
    expect(await viewerOf(boole.headers)).toBeNull();
    expect(await viewerOf(bearer(token))).toBeNull();
    expect(await viewerOf((await signedIn(email)).headers)).toBeNull();

    await setDisabled(database.db, system, { personId: id, disabled: false });
    expect(await viewerOf(boole.headers)).toBeNull();
    expect(await viewerOf((await signedIn(email)).headers)).not.toBeNull();
  });

  test("a new password ends the sessions of the old one and needs the old one", async () => {
    const { id, email } = await member("Church");
    const church = await signedIn(email);
    const change = { personId: id, password: "another long password" };
    await expect(setPassword(database.db, { personId: id }, change)).rejects.toThrow("current password");
    await setPassword(database.db, { personId: id }, { ...change, currentPassword: PASSWORD });
    expect(await viewerOf(church.headers)).toBeNull();
    expect(await viewerOf((await signedIn(email, change.password)).headers)).not.toBeNull();
  });

  test("after ten wrong guesses even the right password waits, for this account alone", async () => {
    const { email } = await member("Dijkstra");
    const { email: other } = await member("Erdos");
    await Promise.all(Array.from({ length: 10 }, (_, guess) => signedIn(email, `guess ${guess}`)));
    const visitor = new Visitor();
    const refused = await visitor.post("/api/auth/callback/password", { email, password: PASSWORD });
    expect(refused.headers.get("location")).toContain("code=rate_limited");
    expect(await viewerOf(visitor.headers)).toBeNull();
    expect(await viewerOf((await signedIn(other)).headers)).not.toBeNull();
  });
});

test("signing out gives the seats back and ends the session", async () => {
  const { projectId } = await study(database, { tasks: 2 });
  const { id, email } = await member("Euler");
  await database.db.insert(membership).values({ projectId, personId: id, role: "annotator" });
  const euler = await signedIn(email);
  const viewer = await viewerOf(euler.headers);
  await callerOf({ db: database.db, sql: database.sql, viewer }).annotation.claim({ projectId, hold: 2 });
  const held = () => database.db.$count(assignment, eq(assignment.status, "leased"));
  expect(await held()).toBe(2);
  await euler.post("/api/auth/signout", {});
  expect(await viewerOf(euler.headers)).toBeNull();
  expect(await held()).toBe(0);
});

describe("one-time link", () => {
  test("works once, also when it is clicked twice at the same moment, and takes the password away", async () => {
    const { id, email } = await member("Floyd");
    const { path } = await createSignInLink(database.db, system, { personId: id, hours: 1 });
    const visitors = Array.from({ length: 4 }, () => new Visitor());
    await Promise.all(
      visitors.map((visitor) => visitor.post("/api/auth/callback/link", { token: linkToken(path) })),
    );
    const viewers = await Promise.all(visitors.map((visitor) => viewerOf(visitor.headers)));
    expect(viewers.filter(Boolean)).toEqual([expect.objectContaining({ personId: id })]);
    expect(await viewerOf((await signedIn(email)).headers)).toBeNull();
  });

  test("ends when it expires and when a newer one is made", async () => {
    const { id } = await member("Goedel", { password: false });
    const first = await createSignInLink(database.db, system, { personId: id, hours: 1 });
    const second = await createSignInLink(database.db, system, { personId: id, hours: 1 });
    const visitor = new Visitor();
    await visitor.post("/api/auth/callback/link", { token: linkToken(first.path) });
    expect(await viewerOf(visitor.headers)).toBeNull();
    await database.db
      .update(signInLink)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(signInLink.personId, id));
    await visitor.post("/api/auth/callback/link", { token: linkToken(second.path) });
    expect(await viewerOf(visitor.headers)).toBeNull();
  });
});

describe("API token", () => {
  test("is stored as a hash, works until it is revoked or expires, and only its owner ends it", async () => {
    const { id } = await member("Hopper");
    const { id: stranger } = await member("Iverson");
    const actor = { personId: id };
    const made = await createToken(database.db, actor, { personId: id, name: "laptop", days: 30 });
    const [stored] = await database.db.select().from(apiToken).where(eq(apiToken.id, made.id));
    expect(JSON.stringify(stored)).not.toContain(made.token);
    expect(made.token.startsWith(made.prefix)).toBe(true);
    expect(await viewerOf(bearer(made.token))).toMatchObject({ personId: id, tokenId: made.id });
    expect(await viewerOf(bearer(`${made.token}x`))).toBeNull();

    await expect(
      revokeToken(database.db, { personId: stranger }, { personId: stranger, tokenId: made.id }),
    ).rejects.toThrow("not found");
    await revokeToken(database.db, actor, { personId: id, tokenId: made.id });
    expect(await viewerOf(bearer(made.token))).toBeNull();

    const old = await createToken(database.db, actor, { personId: id, name: "old", days: 1 });
    await database.db
      .update(apiToken)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(apiToken.id, old.id));
    expect(await viewerOf(bearer(old.token))).toBeNull();
  });

  test("a wrong token is not rescued by a session cookie", async () => {
    const { email } = await member("Jones");
    const headers = (await signedIn(email)).headers;
    headers.set("authorization", "Bearer concord_wrong");
    expect(await viewerOf(headers)).toBeNull();
  });
});

test("the first start makes an admin with a link; starts at the same moment make one", async () => {
  const fresh = await testDatabase();
  await Promise.all([ensureFirstAdmin(fresh.db, {}), ensureFirstAdmin(fresh.db, {})]);
  expect(await fresh.db.$count(person)).toBe(1);
  const preset = { presetApiToken: "concord_preset_token_of_automation" };
  const link = await ensureFirstAdmin(fresh.db, preset);
  expect(link?.path).toMatch(/^\/link\/[\w-]{43}$/);
  await ensureFirstAdmin(fresh.db, { presetApiToken: "concord_another_token_of_automation" });
  const tokens = await fresh.db.select({ revokedAt: apiToken.revokedAt }).from(apiToken);
  expect(tokens.filter((token) => token.revokedAt === null)).toHaveLength(1);

  const personId = link?.personId ?? "";
  await setPassword(fresh.db, { personId }, { personId, password: PASSWORD });
  expect(await ensureFirstAdmin(fresh.db, preset)).toBeUndefined();
  const actions = await fresh.db.selectDistinct({ action: auditEntry.action }).from(auditEntry);
  expect(actions.map((row) => row.action).sort()).toEqual([
    "person.create",
    "person.createLink",
    "person.setPassword",
    "token.create",
  ]);
});
