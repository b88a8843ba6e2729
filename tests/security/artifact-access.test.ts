import { createHash, randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { afterAll, expect, it, vi } from "vitest";
import { artifact, clusterJob, run as runs } from "@/db/schema";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { nameFiles, tellFiles } from "@/server/cluster/jobs";
import { env } from "@/server/env";
import { limits } from "@/server/limits";
import { attachArtifact } from "@/server/run/file";
import { queueRun } from "@/server/run/queue";
import { signRunToken } from "@/server/token/run";
import { testDatabase } from "../integration/database";
import { machineSite } from "../integration/machine-site";
import { study } from "../integration/study";

const { data } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const data = await mkdtemp(join(tmpdir(), "concord-access-"));
  process.env.CONCORD_DATA = data;
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  return { data };
});
const database = await testDatabase();
const { db } = database;
process.env.DATABASE_URL = database.url;
const store = storeFromEnvironment(env());
const site = await machineSite();
afterAll(async () => {
  site.close();
  await rm(data, { recursive: true, force: true });
});

const bytesOf = (text: string) => Readable.from([Buffer.from(text)]);
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const rows = (word: string) => `{"prompt": "${word}?", "chosen": "yes ${word}", "rejected": "no ${word}"}\n`;

it("an upload is its project's: whoever knows its hash elsewhere does not get its bytes", async () => {
  const mine = await study(database, { tasks: 0 });
  const theirs = await study(database, { tasks: 0 });
  const { sha256 } = await keepUpload(db, store, {
    projectId: mine.projectId,
    personId: mine.manager.viewer.personId,
    bytes: bytesOf(rows("secret")),
    mediaType: "application/jsonl",
  });
  const files = [{ name: "a.jsonl", sha256 }];
  const { caller } = await theirs.join("manager");
  await expect(caller.import.preview({ projectId: theirs.projectId, files })).rejects.toThrow(/not found/);
  await expect(caller.import.start({ projectId: theirs.projectId, files })).rejects.toThrow(/not found/);
  await mine.manager.caller.import.start({ projectId: mine.projectId, files });
  // The same bytes, brought by somebody who has them, are theirs too.
  await keepUpload(db, store, {
    projectId: theirs.projectId,
    personId: null,
    bytes: bytesOf(rows("secret")),
    mediaType: "application/jsonl",
  });
  await caller.import.start({ projectId: theirs.projectId, files });
});

it("a project's uploads have a share, counted while they stream", async () => {
  const { projectId } = await study(database, { tasks: 0 });
  await db.insert(artifact).values({
    sha256: hashOf(projectId),
    size: limits.projectUploadBytes - 100,
    mediaType: "text/plain",
  });
  await db.execute(`insert into upload (project_id, sha256) values ('${projectId}', '${hashOf(projectId)}')`);
  const upload = (length: number) =>
    keepUpload(db, store, {
      projectId,
      personId: null,
      bytes: Readable.from([Buffer.alloc(length, 1)]),
      mediaType: "text/plain",
    });
  await expect(upload(101)).rejects.toThrow(/more than 100 bytes/);
  expect(await readdir(join(data, "artifacts/incoming"))).toEqual([]);
  await upload(60);
});

/** A run whose job speaks for it. */
async function withJob() {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const run = await queueRun(
    db,
    { personId: manager.viewer.personId },
    { projectId, kind: "sft", title: "t", spec: {} },
  );
  await db.insert(clusterJob).values({ runId: run.id });
  const token = signRunToken({ runId: run.id, generation: 1 });
  const ask = (sha256: string, init: RequestInit = {}) =>
    fetch(`${site.address}/api/artifacts/${sha256}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
    });
  const claim = { runId: run.id, generation: 1, expiresAt: new Date(Date.now() + 1e6) };
  return { run, ask, claim };
}

it("a run's token reads what its run was given or has brought, and only while it runs", async () => {
  const mine = await withJob();
  const other = await withJob();
  const weights = `weights ${randomUUID()}`;
  const stored = await other.ask(hashOf(weights), { method: "PUT", body: weights });
  expect(stored.status).toBe(201);
  expect(await (await other.ask(hashOf(weights))).text()).toBe(weights);

  // Known by its hash: neither told of, nor read, nor named as one's own and read then.
  expect((await mine.ask(hashOf(weights), { method: "HEAD" })).status).toBe(404);
  expect((await mine.ask(hashOf(weights))).status).toBe(404);
  const named = [{ path: "output/x.bin", sha256: hashOf(weights) }];
  await expect(tellFiles(db, mine.claim, { add: named, remove: [] })).rejects.toThrow(/Upload every file/);
  await tellFiles(db, other.claim, { add: named, remove: [] });

  await nameFiles(db, mine.run.id, [{ path: "train.jsonl", sha256: hashOf(weights) }]);
  expect((await mine.ask(hashOf(weights))).status).toBe(200);
  await db.update(runs).set({ status: "succeeded" }).where(eq(runs.id, mine.run.id));
  expect((await mine.ask(hashOf(weights))).status).toBe(409);
  expect((await mine.ask(hashOf("more"), { method: "PUT", body: "more" })).status).toBe(409);
});

it("bytes under a wrong hash are not kept", async () => {
  const { ask } = await withJob();
  const reply = await ask(hashOf("right"), { method: "PUT", body: "wrong" });
  expect([reply.status, (await reply.json()).detail]).toEqual([400, expect.stringContaining("sha256 is")]);
  expect([await store.has(hashOf("wrong")), await store.has(hashOf("right"))]).toEqual([false, false]);
  expect(await db.$count(artifact, eq(artifact.sha256, hashOf("wrong")))).toBe(0);
});

it("a file of a run is found by its name in its project alone", async () => {
  const { artifactBehind } = await import("@/server/artifact/access");
  const mine = await withJob();
  const other = await withJob();
  const stored = { ...(await store.put(bytesOf("log"))), mediaType: "text/plain" };
  await attachArtifact(db, { runId: mine.run.id, name: "log.txt", stored });
  const of = (projectId: string | null) =>
    artifactBehind(db, {
      as: "file of a run",
      projectId: projectId ?? "",
      runId: mine.run.id,
      name: "log.txt",
    });
  expect(await of(mine.run.projectId)).toMatchObject({ sha256: hashOf("log") });
  await expect(of(other.run.projectId)).rejects.toThrow(/not found/);
});

it("takes bytes away only when nobody brought them again", async () => {
  const { sha256 } = await store.put(bytesOf("to be removed"));
  const before = new Date(Date.now() - 60_000);
  expect([await store.remove(sha256, before), await store.has(sha256)]).toEqual([false, true]);
  expect([await store.remove(sha256, new Date(Date.now() + 60_000)), await store.has(sha256)]).toEqual([
    true,
    false,
  ]);
  expect(await store.remove(sha256, before)).toBe(true);
});
