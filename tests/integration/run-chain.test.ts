import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { person, project, run } from "@/db/schema";
import type { RunRequirements, WorkerCapabilities } from "@/db/shape/run";
import { claimRun, finishRun, type Outcome } from "@/server/run/lease";
import { cancelRun, queueRun, retryRun } from "@/server/run/queue";
import { waitsFor } from "@/server/run/waiting";
import { announceWorker, dismissWorker } from "@/server/run/worker";
import { testDatabase } from "./database";

const { db } = await testDatabase();
const [{ id: personId }] = await db
  .insert(person)
  .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
  .returning();
const [{ id: projectId }] = await db.insert(project).values({ name: "Chain" }).returning();
const actor = { personId };

const workerId = randomUUID();
const capabilities: WorkerCapabilities = {
  engines: ["onnx"],
  devices: ["cpu"],
  memoryBytes: 8e9,
  options: {},
};
const queued = (title: string, more: { afterId?: string; requirements?: RunRequirements } = {}) =>
  queueRun(db, actor, { projectId, kind: "sft", title, spec: {}, ...more });
const claimed = async () => (await claimRun(db, { workerId, kinds: ["sft"], capabilities }))?.title ?? null;
const finished = (runId: string, outcome: Outcome) => finishRun(db, { runId, workerId, outcome });
const reasonOf = ({ id: runId }: { id: string }) => waitsFor(db, { projectId, runId });

it("takes a run once the one before it has succeeded, also after that failed, was cancelled and tried again", async () => {
  await announceWorker(db, { id: workerId, name: "one", capabilities });
  const first = await queued("first");
  const second = await queued("second", { afterId: first.id });
  expect(await reasonOf(first)).toBe("Waits for a worker that is free.");
  expect(await claimed()).toBe("first");
  expect(await claimed()).toBeNull();
  expect(await reasonOf(first)).toBeNull();
  expect(await reasonOf(second)).toBe("Waits for “first”.");

  await finished(first.id, { status: "failed", error: "out of luck", retry: "never" });
  expect(await claimed()).toBeNull();
  expect(await reasonOf(second)).toBe(
    "Waits for “first”, which failed: try that run again, or cancel this one.",
  );
  await retryRun(db, actor, { projectId, runId: first.id });
  await cancelRun(db, actor, { projectId, runId: first.id, keepWork: false });
  expect(await reasonOf(second)).toContain("which was cancelled");
  expect(await claimed()).toBeNull();

  await retryRun(db, actor, { projectId, runId: first.id });
  expect(await claimed()).toBe("first");
  await finished(first.id, { status: "succeeded", result: {} });
  expect(await claimed()).toBe("second");
  await finished(second.id, { status: "succeeded", result: {} });
});

it("tries a run that met a full disk until there is room, and one that is tried once only once", async () => {
  const failing = { status: "failed", error: "The disk is full.", retry: "surroundings" } as const;
  const left = async (runId: string) => {
    const [{ status, availableAt }] = await db.select().from(run).where(eq(run.id, runId));
    return { status, seconds: Math.round((availableAt.getTime() - Date.now()) / 1000) };
  };
  const long = await queued("long");
  await claimed();
  await db.update(run).set({ failures: 30 }).where(eq(run.id, long.id));
  await finished(long.id, failing);
  const { status, seconds } = await left(long.id);
  expect(status).toBe("queued");
  expect(seconds).toBeGreaterThan(500);
  expect(seconds).toBeLessThan(700);
  await db.update(run).set({ availableAt: sql`now()` }).where(eq(run.id, long.id));
  await claimed();
  await finished(long.id, { ...failing, retry: "in a row" });
  expect((await left(long.id)).status).toBe("failed");

  const { id } = await queueRun(db, actor, {
    projectId,
    kind: "sft",
    title: "once",
    spec: {},
    maxAttempts: 1,
  });
  await claimed();
  await finished(id, failing);
  expect((await left(id)).status).toBe("failed");
});

it("fails after three failures in a row; one that got further, or a worker that was killed, is none of them", async () => {
  const { id } = await queued("long");
  const fail = async (gotFurther: boolean) => {
    await db.update(run).set({ availableAt: sql`now()` }).where(eq(run.id, id));
    expect(await claimed()).toBe("long");
    const retry = gotFurther ? "new row" : "in a row";
    await finished(id, { status: "failed", error: "The engine was ended.", retry });
    const [{ status, attempt }] = await db.select().from(run).where(eq(run.id, id));
    return `${status} ${attempt}`;
  };
  expect([await fail(false), await fail(false)]).toEqual(["queued 1", "queued 2"]);
  expect([await fail(true), await fail(false)]).toEqual(["queued 3", "queued 4"]);
  await db.update(run).set({ availableAt: sql`now()` }).where(eq(run.id, id));
  expect(await claimed()).toBe("long");
  await db
    .update(run)
    .set({ leasedUntil: new Date(0) })
    .where(eq(run.id, id));
  expect(await fail(false)).toBe("failed 6");
});

it("says what a run lacks that no connected worker can do, and what brings it", async () => {
  const torch = await queued("large", { requirements: { engine: "torch", device: "cuda" } });
  expect(await claimed()).toBeNull();
  expect(await reasonOf(torch)).toBe(
    "No connected worker has the torch engine (there: onnx). `npm run torch:setup` on a worker's machine adds it, or cancel this run and set engine to onnx. No connected worker computes on cuda (there: cpu). Start one on such a machine, or cancel this run and leave device out.",
  );
  const huge = await queued("huge", { requirements: { memoryBytes: 64e9 } });
  expect(await reasonOf(huge)).toContain("64 GB of memory");
  await dismissWorker(db, workerId);
  expect(await reasonOf(torch)).toContain("No worker is connected");
});
