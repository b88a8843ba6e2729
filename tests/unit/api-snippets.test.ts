import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askOf } from "@/app/docs/api/ask";
import { operationsOf } from "@/app/docs/api/operation";
import { type SnippetLanguage, snippet } from "@/app/docs/api/snippets";
import { openApi } from "@/server/openapi/document";

/** What arrived last. */
let seen: { method?: string; url?: string; authorization?: string; type?: string; body: string } | undefined;
const server = createServer(async (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const { authorization } = headers;
  seen = { method, url, authorization, type: headers["content-type"], body: await text(incoming) };
  outgoing.end("{}");
});
let folder = "";
let address = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "concord-snippets-"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  address = place && typeof place === "object" ? `http://127.0.0.1:${place.port}` : "";
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const runs: Record<SnippetLanguage, (program: string) => [string, string[]]> = {
  curl: (program) => ["sh", ["-c", program]],
  Python: (program) => ["python3", ["-c", program]],
  TypeScript: (program) => ["node", ["--input-type=module", "-e", program]],
};

const operations = operationsOf(openApi());
const operation = (id: string) => {
  const found = operations.find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};

test.each(["curl", "Python", "TypeScript"] as const)(
  "a program in %s sends what the form sends",
  async (language) => {
    writeFileSync(join(folder, "pairs.jsonl"), "a file\n");
    const body = JSON.stringify({ name: 'It\'s "quoted" $HOME `x` \\ ümlaut 🙂\n' });
    const asks = [
      askOf(operation("project.create"), { values: {}, body }, address),
      askOf(
        operation("run.list"),
        { values: { "path projectId": "a/b c", "query kinds": "sft\nkto", "query limit": "5" }, body: "" },
        address,
      ),
      askOf(operation("import.upload"), { values: { "path projectId": "p" }, body: "" }, address),
    ];
    const wanted = [
      { method: "POST", url: "/api/v1/projects", type: "application/json", body },
      { method: "GET", url: "/api/v1/projects/a/b%20c/runs?kinds=sft&kinds=kto&limit=5", body: "" },
      {
        method: "POST",
        url: "/api/v1/projects/p/uploads",
        type: "application/octet-stream",
        body: "a file\n",
      },
    ];
    for (const [index, ask] of asks.entries()) {
      seen = undefined;
      const [command, args] = runs[language](snippet[language](ask));
      const child = spawn(command, args, {
        cwd: folder,
        env: { ...process.env, CONCORD_TOKEN: "concord_test" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      const [errors] = await Promise.all([text(child.stderr), once(child, "close")]);
      expect(seen, errors).toMatchObject({ ...wanted[index], authorization: "Bearer concord_test" });
    }
  },
);

test("every operation has a form that begins with a request of the right shape", () => {
  for (const { id, path, parameters, body, answers, refusals } of operations) {
    for (const [, name] of path.matchAll(/\{(\w+)\}/g))
      expect(parameters, id).toContainEqual(expect.objectContaining({ name, in: "path", required: true }));
    if (body?.media === "application/json") expect(() => JSON.parse(body.example ?? ""), id).not.toThrow();
    expect(answers.length, id).toBeGreaterThan(0);
    expect(refusals, id).toContain("401");
  }
});
