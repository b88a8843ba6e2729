import { createServer, type Server } from "node:http";
import { Provider } from "oidc-provider";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { account } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { viewerOf } from "@/server/auth";
import { invite, setDisabled } from "@/server/people/people";
import { type TestDatabase, testDatabase } from "./database";
import { SITE, Visitor } from "./visitor";

/** Who has an account at the provider. */
const CLAIMS: Record<string, { email: string; email_verified: boolean; name: string }> = {
  "subject-ada": { email: "ada@example.org", email_verified: true, name: "Ada" },
  "subject-mallory": { email: "boole@example.org", email_verified: false, name: "Mallory" },
  "subject-stranger": { email: "stranger@example.org", email_verified: true, name: "Stranger" },
};

/** The site reads its settings when it is loaded, which is before anything else here. */
const port = vi.hoisted(() => {
  const free = 30_000 + Math.floor(Math.random() * 10_000);
  Object.assign(process.env, {
    AUTH_SECRET: "a secret that only this test file knows",
    OIDC_ISSUER: `http://127.0.0.1:${free}`,
    OIDC_CLIENT_ID: "concord",
    OIDC_CLIENT_SECRET: "a secret between the two",
  });
  return free;
});

let database: TestDatabase;
let server: Server;
/** Parameters of the authorization requests the provider received. */
const authorizations: URLSearchParams[] = [];

beforeAll(async () => {
  database = await testDatabase();
  process.env.DATABASE_URL = database.url;
  let answer: ReturnType<Provider["callback"]> = () => {};
  server = createServer((request, response) => {
    const address = new URL(request.url ?? "/", "http://localhost");
    if (address.pathname === "/auth") authorizations.push(address.searchParams);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [
      {
        client_id: "concord",
        client_secret: "a secret between the two",
        redirect_uris: [`${SITE}/api/auth/callback/oidc`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["a key of the provider"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...CLAIMS[id] }) }),
  });
  answer = provider.callback();
});
afterAll(() => server.close());

/** Signs in at the provider as a person in a browser would: sent there, name typed, consent given, sent back. */
async function signInAs(subject: string): Promise<{ visitor: Visitor; landed: string }> {
  const visitor = new Visitor();
  const begun = await visitor.post("/api/auth/signin/oidc", { callbackUrl: `${SITE}/projects` });
  const cookies = new Map<string, string>();
  let address = begun.headers.get("location") ?? "";
  let form: URLSearchParams | undefined;
  while (!address.startsWith(SITE)) {
    const response = await fetch(address, {
      method: form ? "POST" : "GET",
      body: form,
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const next = response.headers.get("location");
    const page = next ? "" : await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    form = prompt ? new URLSearchParams({ prompt, login: subject, password: "any" }) : undefined;
    address = new URL(next ?? /action="([^"]+)"/.exec(page)?.[1] ?? "", address).href;
  }
  const landing = await visitor.get(address);
  return { visitor, landed: landing.headers.get("location") ?? "" };
}

test("an invited person signs in by the code flow with PKCE, and is known by the account afterwards", async () => {
  const { personId } = await invite(database.db, system, {
    name: "Ada",
    email: "Ada@Example.org",
    isAdmin: false,
  });
  const { visitor, landed } = await signInAs("subject-ada");
  expect(landed).toBe(`${SITE}/projects`);
  expect(await viewerOf(visitor.headers)).toMatchObject({ personId, name: "Ada" });
  const asked = authorizations.at(-1);
  expect(asked?.get("response_type")).toBe("code");
  expect(asked?.get("code_challenge_method")).toBe("S256");
  expect(asked?.get("state")).toBeTruthy();
  expect(asked?.get("nonce")).toBeTruthy();

  expect(await viewerOf((await signInAs("subject-ada")).visitor.headers)).toMatchObject({ personId });
  expect(await database.db.$count(account)).toBe(1);

  await setDisabled(database.db, system, { personId, disabled: true });
  expect(await viewerOf(visitor.headers)).toBeNull();
  const refused = await signInAs("subject-ada");
  expect(refused.landed).toContain("/sign-in?error=");
  expect(await viewerOf(refused.visitor.headers)).toBeNull();
});

test("an address that the provider does not vouch for opens nobody's account", async () => {
  await invite(database.db, system, { name: "Boole", email: "boole@example.org", isAdmin: true });
  const { visitor, landed } = await signInAs("subject-mallory");
  expect(landed).toContain("/sign-in?error=NotInvited");
  expect(await viewerOf(visitor.headers)).toBeNull();
});

test("who was not invited stays outside", async () => {
  const { visitor, landed } = await signInAs("subject-stranger");
  expect(landed).toContain("/sign-in?error=NotInvited");
  expect(await viewerOf(visitor.headers)).toBeNull();
});
