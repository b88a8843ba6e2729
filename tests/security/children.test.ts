import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { run } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { withoutNetwork } from "@/server/child";
import { env } from "@/server/env";
import { importCaged } from "@/workers/run/handlers/import-caged";
import { runWorker } from "@/workers/run/worker";
import { engineCommand, trainCommand, usableDevices } from "@/workers/training/engines";
import { InferenceChild } from "@/workers/training/inference-child";
import { EngineProcess } from "@/workers/training/process";
import { type TestDatabase, testDatabase } from "../integration/database";
import { type Study, study } from "../integration/study";

/** What the site and the worker have, and nobody's file, template or model may read. */
const SECRETS = {
  AUTH_SECRET: "a secret that signs the sessions of everybody",
  CONCORD_ADMIN_TOKEN: "a secret token of the first admin",
  OIDC_CLIENT_SECRET: "a secret of the provider",
  DATABASE_OWNER_URL: "postgres://owner:secret@127.0.0.1:1/none",
  HF_TOKEN: "a secret of the Hub",
  PGPASSWORD: "a secret of the database",
  MLFLOW_TRACKING_PASSWORD: "a secret of something else on the machine",
};
const { execPath } = process;
let database: TestDatabase;
let made: Study;
let folder: string;
let node: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "concord-children-"));
  for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(name, value);
  vi.stubEnv("CONCORD_DATA", folder);
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "");
  database = await testDatabase();
  vi.stubEnv("DATABASE_URL", database.url);
  made = await study(database, { tasks: 0 });
  // Every program of ours is started by the path of Node: here one that first writes down what it was given.
  node = join(folder, "node");
  await writeFile(node, `#!/bin/sh\nenv > "${folder}/$$.env"\nexec "${execPath}" "$@"\n`);
  await chmod(node, 0o755);
  process.execPath = node;
});
afterAll(async () => {
  process.execPath = execPath;
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** The variables of every process that `start` started. */
async function variablesOf(start: () => Promise<unknown>): Promise<string[][]> {
  const written = async () => (await readdir(folder)).filter((name) => name.endsWith(".env"));
  const before = await written();
  await start();
  const files = (await written()).filter((name) => !before.includes(name));
  return Promise.all(files.map(async (name) => (await readFile(join(folder, name), "utf8")).split("\n")));
}

const upload = (name: string, text: string) =>
  keepUpload(database.db, storeFromEnvironment(env()), {
    projectId: made.projectId,
    personId: null,
    bytes: Readable.from([Buffer.from(text)]),
    mediaType: "application/octet-stream",
  }).then(({ sha256 }) => ({ name, sha256 }));

async function importRows() {
  const files = [await upload("rows.jsonl", '{"prompt":"Why?","chosen":"a","rejected":"b"}\n')];
  const { id } = await made.manager.caller.import.start({ projectId: made.projectId, files });
  const shutdown = new AbortController();
  const worker = runWorker(
    {
      id: randomUUID(),
      name: "test",
      ...database,
      store: storeFromEnvironment(env()),
      folder: join(folder, "runs"),
      capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 8e9, options: {} },
      handlers: { import: importCaged },
      lanes: [["import"]],
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
  await expect
    .poll(async () => (await database.db.select().from(run).where(eq(run.id, id)))[0])
    .toMatchObject({ status: "succeeded" });
  shutdown.abort();
  await worker;
}

const preview = async () => {
  const files = [await upload("more.jsonl", '{"prompt":"Who?","chosen":"a","rejected":"b"}\n')];
  const [seen] = await made.manager.caller.import.preview({ projectId: made.projectId, files });
  expect(seen?.shape).not.toBeNull();
};

const kinds: [string, () => Promise<unknown>][] = [
  ["a preview of an import", preview],
  ["an import", importRows],
  ["the look for devices", usableDevices],
  [
    "the TypeScript engine",
    async () => (await EngineProcess.start(folder, engineCommand("train", ["none.yaml"]))).ended,
  ],
  [
    "the torch engine",
    async () => {
      const { args } = trainCommand("torch", "none.yaml", {});
      return (await EngineProcess.start(folder, { file: node, args: ["--version", ...args] })).ended;
    },
  ],
  [
    "a model that answers",
    () => expect(InferenceChild.open({ model: folder })).rejects.toThrow("does not exist"),
  ],
];

describe("a process that works on what people bring is given no secret", () => {
  test.each(kinds)("%s", async (name, start) => {
    const started = await variablesOf(start);
    expect(started).not.toEqual([]);
    for (const variables of started) {
      expect(variables).toContain(`PATH=${process.env.PATH}`);
      expect(variables.filter((line) => /secret/i.test(line.replaceAll(folder, "")))).toEqual([]);
      // The one that writes into the database; as the role that the worker has.
      expect(variables.some((line) => line.startsWith("DATABASE_URL="))).toBe(name === "an import");
    }
  });
});

test("an engine on the CPU reaches no network, where the system lets us take it away", async ({ skip }) => {
  if (withoutNetwork().length === 0) skip("unshare is absent here or not allowed");
  const listener = createServer((visitor) => visitor.destroy()).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const at = listener.address();
  if (!at || typeof at === "string") throw new Error("no port");
  const connect = `require("node:net").connect(${at.port}, "127.0.0.1").once("error", () => process.exit(3))`;
  const command = { file: execPath, args: ["-e", connect] };
  const end = async (offline: boolean) =>
    (await (await EngineProcess.start(folder, { ...command, offline })).ended).code;
  expect([await end(false), await end(true)]).toEqual([0, 3]);
  listener.close();
  expect(trainCommand("onnx", "run.yaml", {}).offline).toBe(true);
  // A driver of a GPU may need it.
  expect(trainCommand("onnx", "run.yaml", { device: "webgpu" }).offline).toBe(false);
});
