import { eq } from "drizzle-orm";
import { NextRequest } from "next/server";
import { TOTP } from "otpauth";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { auditEntry, person, session, signInAttempt } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { contextOf, handlers, viewerOf } from "@/server/auth";
import { env } from "@/server/env";
import { noteAttempt } from "@/server/people/attempts";
import { callerOf as whoCalls } from "@/server/people/caller";
import { createSignInLink } from "@/server/people/links";
import { invite, provePassword, setPassword } from "@/server/people/people";
import { signInWithProvider } from "@/server/people/sign-in";
import { weakness } from "@/server/people/strength";
import { callerOf } from "@/server/root";
import { createToken, findTokenOwner, presetToken } from "@/server/token/person";
import { type TestDatabase, testDatabase } from "../integration/database";
import { SITE, Visitor } from "../integration/visitor";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

const PASSWORD = "correct horse battery";
let database: TestDatabase;
let count = 0;

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
});
beforeEach(() => database.db.delete(signInAttempt));

async function member({ isAdmin = false } = {}): Promise<{ id: string; email: string }> {
  count += 1;
  const email = `person${count}@example.org`;
  const { personId: id } = await invite(database.db, system, { name: `Person ${count}`, email, isAdmin });
  await setPassword(database.db, { personId: id }, { personId: id, password: PASSWORD });
  return { id, email };
}

/** Signs in from an address, as the site itself notes it down. */
async function signIn(email: string, { password = PASSWORD, from = "192.0.2.1", code = "" } = {}) {
  const visitor = new Visitor();
  const form = { email, password, ...(code && { code }) };
  const response = await visitor.post("/api/auth/callback/password", form, { "x-forwarded-for": from });
  return { visitor, headers: visitor.headers, told: response.headers.get("location") ?? "" };
}
const isIn = async (headers: Headers) => (await viewerOf(headers)) !== null;
const as = async (headers: Headers) => callerOf(await contextOf({ headers }));

describe("where a request comes from", () => {
  test("is what the outermost trusted proxy says, never what the client wrote", () => {
    const from = (forwarded: string) => whoCalls(new Headers({ "x-forwarded-for": forwarded })).address;
    expect(from("203.0.113.9, 192.0.2.1")).toBe("192.0.2.1");
    env().CONCORD_PROXIES = 1;
    expect(from("10.9.9.9, 203.0.113.9, 192.0.2.1")).toBe("203.0.113.9");
    expect(from("192.0.2.1")).toBe("192.0.2.1");
    env().CONCORD_PROXIES = 0;
    expect(from("x".repeat(10_000)).length).toBeLessThan(100);
  });
});

describe("guessing", () => {
  test("by a client that makes up its address is counted all the same", async () => {
    const { email } = await member();
    for (let guess = 0; guess < 10; guess += 1)
      await signIn(email, { password: "wrong", from: `203.0.113.${guess}, 192.0.2.1` });
    const { told } = await signIn(email, { from: "203.0.113.99, 192.0.2.1" });
    expect(told).toContain("code=rate_limited");
  });

  test("by strangers keeps nobody out, neither where the owner was before nor for longer than they guess", async () => {
    const { email } = await member();
    expect(await isIn((await signIn(email, { from: "198.51.100.7" })).headers)).toBe(true);
    await signIn(email, { password: "wrong", from: "203.0.113.1" });
    // Each from a machine of its own; hashing sixty passwords would only take its time.
    for (let index = 0; index < 60; index += 1)
      await noteAttempt(database.db, [{ kind: "strangers", of: email }]);
    // Many machines together are stopped, whatever they say.
    expect((await signIn(email, { from: "203.0.113.200" })).told).toContain("code=rate_limited");
    expect(await isIn((await signIn(email, { from: "198.51.100.7" })).headers)).toBe(true);
    // What was refused does not count: whoever goes on trying does not prolong it.
    const attempts = await database.db.$count(signInAttempt);
    await signIn(email, { from: "203.0.113.200" });
    expect(await database.db.$count(signInAttempt)).toBe(attempts);
  });

  test("the current password is limited for whoever holds a session", async () => {
    const { id: personId } = await member();
    const guess = (currentPassword: string) => provePassword(database.db, { personId, currentPassword });
    for (let index = 0; index < 10; index += 1) await expect(guess("wrong")).rejects.toThrow("not right");
    await expect(guess(PASSWORD)).rejects.toMatchObject({ code: "TOO_MANY_REQUESTS" });
  });

  test("failed sign-ins are in the audit log with their address and without what was typed", async () => {
    const { id, email } = await member();
    await signIn(email, { password: "a secret typed wrong", from: "192.0.2.77" });
    await signIn("hunter2-typed-as-address@example.org", { from: "192.0.2.78" });
    const rows = await database.db
      .select()
      .from(auditEntry)
      .where(eq(auditEntry.action, "person.signInFailed"));
    expect(rows).toContainEqual(
      expect.objectContaining({ targetId: id, address: "192.0.2.77", personId: null }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ targetId: "unknown", address: "192.0.2.78" }));
    expect(JSON.stringify(rows)).not.toMatch(/secret typed wrong|hunter2/);
  });
});

test("passwords that anybody would guess are refused", async () => {
  const known = ["ada.lovelace@example.org", "Ada Lovelace"];
  for (const weak of [
    "1234567890",
    "qwertyuiop[]",
    "Password123!",
    "aaaaaaaaaaaaaaaa",
    "ada.lovelace@example.org",
    "ADA.LOVELACE@EXAMPLE.ORG",
  ])
    expect(weakness(weak, known), weak).toContain("easy to guess");
  for (const good of [PASSWORD, "3v!Kq9zLmTw", "kettle orbit mango fjord"])
    expect(weakness(good, known), good).toBeUndefined();
  const { id: personId } = await member();
  const change = { personId, password: "1234567890", currentPassword: PASSWORD };
  await expect(setPassword(database.db, { personId }, change)).rejects.toThrow("easy to guess");
});

describe("sessions", () => {
  test("sign-out ends a copied cookie, and a list ends those elsewhere", async () => {
    const { id, email } = await member();
    const here = await signIn(email, { from: "192.0.2.1" });
    const there = await signIn(email, { from: "192.0.2.2" });
    const copied = new Headers(here.headers);
    const mine = await (await as(here.headers)).session.list();
    expect(mine.map(({ address, isThis }) => ({ address, isThis }))).toEqual(
      expect.arrayContaining([
        { address: "192.0.2.1", isThis: true },
        { address: "192.0.2.2", isThis: false },
      ]),
    );
    await here.visitor.post("/api/auth/signout", {});
    expect(await isIn(copied)).toBe(false);
    expect(await isIn(there.headers)).toBe(true);

    const other = await member();
    const foreign = await signIn(other.email);
    const [theirs] = await (await as(foreign.headers)).session.list();
    const caller = await as(there.headers);
    await expect(caller.session.end({ sessionId: theirs?.id ?? "" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    const [left] = await caller.session.list();
    await caller.session.end({ sessionId: left?.id ?? "" });
    expect(await isIn(there.headers)).toBe(false);
    expect(await database.db.$count(session, eq(session.personId, id))).toBe(2);
  });

  test("a new link that is used ends all sessions before it", async () => {
    const { id, email } = await member();
    const before = await signIn(email);
    const { path } = await createSignInLink(database.db, system, { personId: id, hours: 1 });
    const visitor = new Visitor();
    await visitor.post("/api/auth/callback/link", { token: path.replace("/link/", "") });
    expect(await isIn(before.headers)).toBe(false);
    expect(await isIn(visitor.headers)).toBe(true);
  });

  test("an outage while a session is looked up ends it for nobody", async () => {
    const { email } = await member();
    const { headers } = await signIn(email);
    await database.asOwner("alter table session rename to mislaid");
    await expect(viewerOf(headers)).rejects.toThrow();
    await database.asOwner("alter table mislaid rename to session");
    expect(await isIn(headers)).toBe(true);
  });
});

describe("another address", () => {
  test("needs the password, and a link that an admin sends to it and the person opens", async () => {
    const { id, email } = await member();
    const { headers } = await signIn(email);
    const caller = await as(headers);
    const wanted = "dean@hospital.example";
    await expect(caller.person.changeEmail({ email: wanted, currentPassword: "wrong" })).rejects.toThrow(
      "not right",
    );
    expect(await caller.person.changeEmail({ email: wanted, currentPassword: PASSWORD })).toEqual({
      changed: false,
    });
    expect(await caller.person.me()).toMatchObject({ email, wantedEmail: wanted });
    // The address is still free: whoever it belongs to can be invited, and is somebody else.
    const dean = await invite(database.db, system, { name: "Dean", email: wanted, isAdmin: true });
    expect(dean.personId).not.toBe(id);
    const admin = await member({ isAdmin: true });
    const adminCaller = await as((await signIn(admin.email)).headers);
    const taken = await adminCaller.person.createEmailLink({ personId: id });
    const token = taken.path.replace("/address/", "");
    await expect(caller.person.confirmEmail({ token })).rejects.toThrow("already somebody's address");

    await caller.person.changeEmail({ email: "mine@example.org", currentPassword: PASSWORD });
    await expect(caller.person.confirmEmail({ token })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const { path } = await adminCaller.person.createEmailLink({ personId: id });
    const proof = { token: path.replace("/address/", "") };
    await expect(adminCaller.person.confirmEmail(proof)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await caller.person.confirmEmail(proof);
    expect(await caller.person.me()).toMatchObject({ email: "mine@example.org", wantedEmail: null });
  });

  test("a provider connects only to somebody who has never signed in", async () => {
    const told = { provider: "oidc", name: "X", emailVerified: true };
    const old = await member();
    await signIn(old.email);
    await database.db.update(person).set({ passwordHash: null }).where(eq(person.id, old.id));
    const theirs = { ...told, providerAccountId: "old", email: old.email };
    expect(await signInWithProvider(database.db, theirs, { signUp: true })).toBeUndefined();
    const { personId } = await invite(database.db, system, {
      name: "New",
      email: "new@example.org",
      isAdmin: false,
    });
    const fresh = { ...told, providerAccountId: "new", email: "new@example.org" };
    expect(await signInWithProvider(database.db, fresh, { signUp: false })).toBe(personId);
  });
});

test("codes of an app are asked for beside the password, each is good once, and a new link takes them away", async () => {
  const { id, email } = await member();
  const caller = await as((await signIn(email)).headers);
  await expect(caller.person.beginSecondFactor({ currentPassword: "wrong" })).rejects.toThrow("not right");
  const { secret } = await caller.person.beginSecondFactor({ currentPassword: PASSWORD });
  const totp = new TOTP({ secret });
  const codeAt = (steps: number) => totp.generate({ timestamp: Date.now() + steps * 30_000 });
  // Until a code proved that the app has the secret, nothing is asked for.
  expect(await isIn((await signIn(email)).headers)).toBe(true);
  await expect(caller.person.addSecondFactor({ code: "000000" })).rejects.toThrow("not right");
  await caller.person.addSecondFactor({ code: codeAt(-1) });

  const without = await signIn(email);
  expect(without.told).toContain("code=code_needed");
  expect(await isIn(without.headers)).toBe(false);
  const code = codeAt(0);
  expect(await isIn((await signIn(email, { code })).headers)).toBe(true);
  expect(await isIn((await signIn(email, { code })).headers)).toBe(false);
  expect(await isIn((await signIn(email, { code: codeAt(1), password: "wrong" })).headers)).toBe(false);
  expect(await isIn((await signIn(email, { code: codeAt(1) })).headers)).toBe(true);
  const rows = await database.db.execute("select ciphertext from second_factor");
  expect(JSON.stringify(rows)).not.toContain(secret);

  const { path } = await createSignInLink(database.db, system, { personId: id, hours: 1 });
  const visitor = new Visitor();
  await visitor.post("/api/auth/callback/link", { token: path.replace("/link/", "") });
  expect(await (await as(visitor.headers)).person.hasSecondFactor()).toEqual({ active: false });
});

test("a token of the environment that was revoked stays revoked at the next start", async () => {
  const { id: personId } = await member({ isAdmin: true });
  const token = "concord_a_token_of_the_environment";
  expect(await presetToken(database.db, { personId, token })).toBe(true);
  const owner = await findTokenOwner(database.db, token);
  const caller = callerOf({ ...database, viewer: owner ?? null });
  await caller.token.revoke({ tokenId: owner?.tokenId ?? "" });
  expect(await presetToken(database.db, { personId, token })).toBe(false);
  expect(await findTokenOwner(database.db, token)).toBeUndefined();
});

test("next-auth's own routes answer nonsense without a failure", async () => {
  const { id: personId } = await member();
  await createToken(database.db, { personId }, { personId, name: "x", days: 1 });
  for (const path of ["session", "csrf", "providers"]) {
    const headers = new Headers({ cookie: "authjs.session-token=nonsense", host: "localhost:3000" });
    const response = await handlers.GET(new NextRequest(new URL(`/api/auth/${path}`, SITE), { headers }));
    expect(response.status, path).toBeLessThan(500);
  }
});
