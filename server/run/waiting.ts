import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { run } from "../../db/schema";
import type { RunRequirements, WorkerCapabilities } from "../../db/shape/run";
import { getRun } from "./run";
import { liveWorkers } from "./worker";

/**
 * Why a run is not taken yet and, where a person has to do something, what: it goes on after another one, no worker
 * is there, or none of those that are can do it. Null for a run that does not wait.
 */
export async function waitsFor(db: Db, of: { projectId: string; runId: string }): Promise<string | null> {
  const { status, afterId, requirements, availableAt, error } = await getRun(db, of);
  if (status !== "queued") return null;
  const [before] = afterId ? await db.select().from(run).where(eq(run.id, afterId)) : [];
  if (before && before.status !== "succeeded")
    return before.status === "failed" || before.status === "cancelled"
      ? `Waits for “${before.title}”, which ${before.status === "failed" ? "failed" : "was cancelled"}: try that run again, or cancel this one.`
      : `Waits for “${before.title}”.`;
  if (error && availableAt > new Date()) return "Is tried again in a moment.";
  const workers = (await liveWorkers(db)).map(({ capabilities }) => capabilities);
  if (workers.length === 0)
    return "No worker is connected: it waits until one is. `npm start` runs one beside the site.";
  const lacks = needs.filter(({ fits }) => !workers.some((has) => fits(requirements, has)));
  if (lacks.length === 0) return "Waits for a worker that is free.";
  return lacks.map(({ says }) => says(requirements, workers)).join(" ");
}

interface Need {
  fits(wanted: RunRequirements, has: WorkerCapabilities): boolean;
  says(wanted: RunRequirements, workers: readonly WorkerCapabilities[]): string;
}

const namesOf = (names: readonly string[]) => [...new Set(names)].join(", ") || "none";

/** As `claimRun` asks for them. */
const needs: readonly Need[] = [
  {
    fits: ({ engine }, { engines }) => engine === undefined || engines.includes(engine),
    says: ({ engine }, workers) =>
      `No connected worker has the ${engine} engine (there: ${namesOf(workers.flatMap(({ engines }) => engines))}).${
        engine === "torch"
          ? " `npm run torch:setup` on a worker's machine adds it, or cancel this run and set engine to onnx."
          : " Start a worker that has it."
      }`,
  },
  {
    fits: ({ device }, { devices }) => device === undefined || devices.includes(device),
    says: ({ device }, workers) =>
      `No connected worker computes on ${device} (there: ${namesOf(workers.flatMap(({ devices }) => devices))}). Start one on such a machine, or cancel this run and leave device out.`,
  },
  {
    fits: ({ cluster }, { clusters = [] }) => cluster === undefined || clusters.includes(cluster),
    says: () =>
      "No connected worker reaches the cluster: an admin sees its state under Administration, Cluster.",
  },
  {
    fits: ({ memoryBytes }, has) => memoryBytes === undefined || memoryBytes <= has.memoryBytes,
    says: ({ memoryBytes = 0 }) =>
      `No connected worker has ${Math.ceil(memoryBytes / 1e9)} GB of memory, which this run asks for.`,
  },
];
