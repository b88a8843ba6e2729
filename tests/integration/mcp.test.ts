import { mkdtempSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { datasetVersion, prompt, run } from "@/db/schema";
import { createToken } from "@/server/token/person";
import { apiSite } from "./api-site";
import { testDatabase } from "./database";
import { type Member, someone } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
});

const data = mkdtempSync(join(tmpdir(), "concord-mcp-"));
process.env.CONCORD_DATA = data;
const database = await testDatabase();
process.env.DATABASE_URL = database.url;

let site: Awaited<ReturnType<typeof apiSite>>;
let admin: Member;
let token: string;

beforeAll(async () => {
  admin = await someone(database, { isAdmin: true });
  const { personId } = admin.viewer;
  ({ token } = await createToken(database.db, admin.viewer, { personId, name: "assistant", days: 1 }));
  site = await apiSite(database, ["import", "freeze", "export"]);
});

afterAll(async () => {
  await site.close();
  await rm(data, { recursive: true, force: true });
});

/** An assistant that started `npx concord mcp`. @param person who answers questions; absent: it can show none */
async function assistant(person?: () => { action: "accept" | "decline"; content?: { confirm: boolean } }) {
  const client = new Client(
    { name: "a test", version: "1" },
    { capabilities: person ? { elicitation: {} } : {} },
  );
  const asked: string[] = [];
  if (person)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      return person();
    });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ["workers/cli/bin.mjs", "mcp"],
      env: { PATH: process.env.PATH ?? "", CONCORD_URL: site.address, CONCORD_TOKEN: token },
    }),
  );
  const content = z.array(z.object({ type: z.literal("text"), text: z.string() })).length(1);
  const say = async (name: string, input: Record<string, unknown> = {}) => {
    const answer = await client.callTool({ name, arguments: input }, undefined, { timeout: 120_000 });
    const [{ text }] = content.parse(answer.content);
    return { text, isError: answer.isError === true };
  };
  return { client, asked, say };
}

const told = z.looseObject({ status: z.string(), result: z.looseObject({}).nullish() });
const rows = [1, 2, 3].map((index) => ({
  prompt: `Question ${index}?`,
  chosen: `A good reply to ${index}`,
  rejected: `A poor reply to ${index}`,
}));
const pairs = rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("an assistant without a way to ask a person: dry runs first, confirm: true second", async () => {
  const { id: projectId } = await admin.caller.project.create({ name: "By an assistant" });
  const { client, say } = await assistant();
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "list_projects",
        "import",
        "progress",
        "agreement",
        "freeze",
        "launch",
        "compare",
        "export",
      ]),
    );
    expect((await say("list_projects")).text).toContain(projectId);

    const file = join(data, "pairs.jsonl");
    await writeFile(file, pairs);
    const wanted = { projectId, files: [file] };
    const promptsNow = async () => (await database.db.select().from(prompt)).length;
    expect(told.parse(JSON.parse((await say("import", wanted)).text)).status).toBe("succeeded");
    expect(await promptsNow()).toBe(0);
    // Whoever confirms before anything was told has shown it to nobody.
    const hasty = await say("import", { ...wanted, dryRun: false, confirm: true });
    expect(hasty.text).toContain("Nothing was done yet");
    expect(await promptsNow()).toBe(0);
    const agreed = await say("import", { ...wanted, dryRun: false, confirm: true });
    expect(told.parse(JSON.parse(agreed.text)).status, agreed.text).toBe("succeeded");
    expect(await promptsNow()).toBe(rows.length);

    expect((await say("progress", { projectId })).text).toContain('"total": 3');
    expect((await say("agreement", { projectId })).text).toContain("outcomes");

    const set = { projectId, dataset: "Best", recipe: {} };
    expect((await say("freeze", set)).text).toContain("Nothing was done yet");
    const frozen = await say("freeze", { ...set, confirm: true });
    expect(told.parse(JSON.parse(frozen.text)).status, frozen.text).toBe("succeeded");
    const [version] = await database.db.select().from(datasetVersion);
    expect(version.rows).toBe(rows.length);
    expect((await say("list_datasets", { projectId })).text).toContain(version.id);

    const out = join(data, "out");
    const exported = await say("export", { projectId, versionId: version.id, folder: out, format: "jsonl" });
    expect(exported.isError, exported.text).toBe(false);
    expect((await readdir(out, { recursive: true })).join(" ")).toContain(".jsonl");
    const again = await say("export", { projectId, versionId: version.id, folder: out });
    expect(again).toMatchObject({ isError: true, text: expect.stringContaining("is not empty") });

    const runs = async () => (await database.db.select().from(run)).length;
    const before = await runs();
    // What the API refuses is told in its words, and unknown arguments are no wishes to ignore.
    const method = { method: "kto", versionId: version.id, modelId: version.id, name: "M" };
    expect(await say("launch", { projectId, ...method })).toMatchObject({ isError: true });
    expect(await say("import", { ...wanted, dryrun: true })).toMatchObject({ isError: true });
    expect(await runs()).toBe(before);
  } finally {
    await client.close();
  }
});

test("an assistant whose person can be asked: their word decides, not the assistant's", async () => {
  const { id: projectId } = await admin.caller.project.create({ name: "By a person" });
  await mkdir(join(data, "two"));
  const file = join(data, "two/pairs.jsonl");
  await writeFile(file, pairs);
  let answer: { action: "accept" | "decline"; content?: { confirm: boolean } } = { action: "decline" };
  const { client, say, asked } = await assistant(() => answer);
  const wish = { projectId, files: [file], dryRun: false, confirm: true };
  const contents = async () => (await admin.caller.content.prompts({ projectId })).items.length;
  try {
    for (const no of [
      { action: "decline" as const },
      { action: "accept" as const, content: { confirm: false } },
    ]) {
      answer = no;
      expect((await say("import", wish)).text).toContain("did not agree");
      expect(await contents()).toBe(0);
    }
    expect(asked[0]).toContain("Import pairs.jsonl?");
    answer = { action: "accept", content: { confirm: true } };
    await say("import", wish);
    expect(await contents()).toBe(rows.length);
  } finally {
    await client.close();
  }
});
