import { once } from "node:events";
import { readdirSync } from "node:fs";
import { request as send } from "node:http";
import { join } from "node:path";
import { address, expect, promptWith, test } from "./fixtures";

// No page is opened here: what is wrong with an answer its assertion says.
test.use({ trace: "off" });

const ID = "01890000-0000-7000-8000-000000000000";

/** Addresses of every route handler and of every page, with something in the place of each parameter. */
function addresses(file: "route.ts" | "page.tsx"): string[] {
  return readdirSync(join(process.cwd(), "app"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(`/${file}`) || path === file)
    .map((path) => `/${path.slice(0, -file.length)}`.replace(/\/\([^)]*\)/g, "").replace(/\/$/, ""))
    .map((path) => path.replace(/\[(?:\.\.\.)?\w+\]/g, ID) || "/");
}

/** On every answer, whatever it is. */
const ALWAYS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
};

for (const path of [...addresses("route.ts"), "/api/nothing", "/_next/static/nothing.js"])
  test(`every kind of answer carries the headers of all: ${path}`, async ({ request }) => {
    for (const method of ["GET", "POST", "DELETE", "OPTIONS"]) {
      const response = await request.fetch(path, { method, maxRedirects: 0 });
      const headers = response.headers();
      for (const [name, value] of Object.entries(ALWAYS))
        expect(headers[name], `${method} ${name}`).toBe(value);
      expect(response.status(), method).not.toBe(500);
      if (!path.startsWith("/api/")) continue;
      expect(headers["content-security-policy"], method).toContain("default-src 'none'");
      if (path !== "/api/v1/openapi.json") expect(headers["cache-control"], method).toContain("no-store");
      expect(headers["x-powered-by"]).toBeUndefined();
    }
  });

test("every kind of answer carries them under https, with HSTS", async ({ request }) => {
  const plain = await request.get("/api/health");
  expect(plain.headers()["strict-transport-security"]).toBeUndefined();
  const secure = await request.get("/sign-in", { headers: { "x-forwarded-proto": "https" } });
  expect(secure.headers()["strict-transport-security"]).toMatch(/max-age=\d{8}/);
});

test("a browser that asks for an icon by itself gets ours", async ({ request }) => {
  const icon = await request.get("/favicon.ico");
  expect([icon.status(), icon.headers()["content-type"]]).toEqual([200, "image/svg+xml"]);
});

test("pages keep a policy of their own beside them", async ({ request }) => {
  for (const path of addresses("page.tsx")) {
    const response = await request.get(path, { maxRedirects: 0 });
    for (const [name, value] of Object.entries(ALWAYS)) expect(response.headers()[name], path).toBe(value);
    expect(response.status(), path).toBeLessThan(500);
  }
});

test("what cannot be read is refused in words, with the same headers", async () => {
  const ask = async (method: string, path: string) => {
    const sent = send(`${address()}/`, { method, path }).end();
    const [{ statusCode, headers }] = await once(sent, "response");
    return { statusCode, headers };
  };
  const odd = [
    "/",
    "/projects/",
    "/link/",
    "/api/v1/projects/",
    "/api/trpc/",
    "/api/auth/",
    "/api/artifacts/",
    "/api/openai/v1/",
    "/api/openai/v1/models/",
    "/api/v1/projects/x/runs/x/files/",
  ];
  for (const path of odd)
    expect(await ask("GET", `${path}%E0%A4%A`), path).toMatchObject({
      statusCode: 400,
      headers: { ...ALWAYS, "content-type": "application/problem+json" },
    });
  for (const path of ["/", "/sign-in", "/api/health", "/api/v1/projects"])
    expect(await ask("TRACE", path), path).toMatchObject({ statusCode: 405, headers: ALWAYS });
});

/** Statuses that a page may have: itself, somewhere else, not for you, not there. */
const TOLD = [200, 307, 403, 404];

test("no page fails, whoever asks for it and whatever its address names", async ({ studio, request }) => {
  const { id } = await studio.project({ prompts: [promptWith("Why?", ["a", "b"])] });
  const other = await studio.project({ prompts: [promptWith("Who?", ["a", "b"])] });
  const contexts = {
    stranger: request,
    outsider: (await studio.annotator(other.id)).request,
    annotator: (await studio.annotator(id)).request,
    reviewer: (await studio.annotator(id, { role: "reviewer" })).request,
    manager: (await studio.annotator(id, { role: "manager" })).request,
  };
  for (const path of addresses("page.tsx"))
    for (const [role, context] of Object.entries(contexts))
      for (const projectId of role === "manager" ? [id, ID, "x%00y"] : [id]) {
        const named = path.replace(`/projects/${ID}`, `/projects/${projectId}`);
        const status = (await context.get(named, { maxRedirects: 0 })).status();
        expect(TOLD, `${role} opens ${named}: ${status}`).toContain(status);
      }
});
