import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Sql } from "postgres";
import type { Db } from "../../db/client";
import { listen } from "../../db/listen";
import { isOutage, outlast } from "../../db/outage";
import type { RunProgress, WorkerCapabilities } from "../../db/shape/run";
import type { RunKind } from "../../db/shape/run-kinds";
import { storable } from "../../db/shape/written-json";
import type { ArtifactStore } from "../../server/artifact/store";
import { Killed } from "../../server/child";
import { isDiskFull } from "../../server/errors";
import { attachArtifact } from "../../server/run/file";
import {
  claimRun,
  finishRun,
  giveBackRun,
  heartbeat,
  LEASE_SECONDS,
  type Outcome,
  type Retry,
} from "../../server/run/lease";
import { logRun } from "../../server/run/log";
import { recordMetrics } from "../../server/run/metric";
import { RUN_CHANNEL } from "../../server/run/queue";
import type { Run } from "../../server/run/run";
import { announceWorker, dismissWorker } from "../../server/run/worker";
import { joined } from "../../server/signal";
import { type Handler, TransientError, type Work } from "./handler";

/** Runs on a cluster that one worker follows at once: it only looks after them. */
const CLUSTER_LANES = 4;
/** A lost NOTIFY delays a run by at most this. */
const POLL_MS = 5_000;
/** Progress reaches the page this often; the lease lasts thirty times as long. */
const HEARTBEAT_MS = 1_000;

export interface WorkerOptions<Kind extends RunKind> {
  id: string;
  name: string;
  db: Db;
  sql: Sql;
  store: ArtifactStore;
  /** Parent of the runs' scratch folders. */
  folder: string;
  capabilities: WorkerCapabilities;
  /** One for each kind of the lanes. */
  handlers: Readonly<Record<Kind, Handler>>;
  /** Kinds that share a lane run one after the other; lanes run side by side. */
  lanes: readonly (readonly Kind[])[];
  /** Kinds that also run on a cluster, where the worker has `clusters`. */
  clusterKinds?: readonly Kind[];
  log: Logger;
}

/**
 * Claims runs and works on them until `shutdown` aborts; then gives unfinished runs back to the queue.
 * Any number of workers may run on one database.
 */
export async function runWorker<Kind extends RunKind>(
  options: WorkerOptions<Kind>,
  shutdown: AbortSignal,
): Promise<void> {
  const { db, sql, id, name, capabilities } = options;
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  const stopListening = listen(sql, RUN_CHANNEL, { notified: wake, connected: wake });
  shutdown.addEventListener("abort", wake);

  await announceWorker(db, { id, name, capabilities });
  const announcing = setInterval(
    () => {
      announceWorker(db, { id, name, capabilities }).catch((error: unknown) =>
        options.log.warn({ reason: reasonOf(error) }, "no heartbeat"),
      );
    },
    (LEASE_SECONDS * 1000) / 3,
  );

  const rest = () =>
    new Promise<void>((resolve) => {
      if (shutdown.aborted) return resolve();
      const timer = setTimeout(done, POLL_MS);
      function done() {
        clearTimeout(timer);
        waiters.delete(done);
        resolve();
      }
      waiters.add(done);
    });

  const lane = async (kinds: readonly Kind[], capabilities: WorkerCapabilities) => {
    while (!shutdown.aborted) {
      const run = await claimRun(db, { workerId: id, kinds, capabilities }).catch((error: unknown) => {
        options.log.error({ reason: reasonOf(error) }, "could not look for work");
        return null;
      });
      const kind = kinds.find((kind) => kind === run?.kind);
      if (run && kind) await attempt(options, options.handlers[kind], run, shutdown);
      else await rest();
    }
  };

  try {
    const { clusters = [] } = capabilities;
    const here = { ...capabilities, clusters: [] };
    const afar = { ...capabilities, engines: [], devices: [] };
    await Promise.all([
      ...options.lanes.map((kinds) => lane(kinds, here)),
      ...Array.from({ length: clusters.length > 0 ? CLUSTER_LANES : 0 }, () =>
        lane(options.clusterKinds ?? [], afar),
      ),
    ]);
  } finally {
    clearInterval(announcing);
    await stopListening();
    await dismissWorker(db, id).catch(() => {});
  }
}

/** One attempt at one run: the handler, under a heartbeat, and what became of it. */
async function attempt(
  options: Pick<WorkerOptions<never>, "db" | "sql" | "store" | "id" | "log" | "folder">,
  handler: Handler,
  run: Run,
  shutdown: AbortSignal,
): Promise<void> {
  const { db, sql, store, id: workerId, log } = options;
  const cancelled = new AbortController();
  const lost = new AbortController();
  const stop = new AbortController();
  let latest: RunProgress | undefined;

  const beat = async () => {
    const progress = latest;
    latest = undefined;
    try {
      const asked = await heartbeat(db, { runId: run.id, workerId, progress });
      lastBeat = Date.now();
      if (!asked) lost.abort();
      else if (asked.cancel) cancelled.abort();
      else if (asked.stop) stop.abort();
    } catch (error) {
      latest ??= progress;
      log.warn({ reason: reasonOf(error), run: run.id }, "heartbeat failed");
    }
  };
  let lastBeat = Date.now();
  let beating: Promise<void> | undefined;
  const timer = setInterval(() => {
    // The database may be away for a while. After a lease's time another worker may have the run.
    if (Date.now() - lastBeat > LEASE_SECONDS * 1000) lost.abort();
    beating ??= beat().finally(() => {
      beating = undefined;
    });
  }, HEARTBEAT_MS);
  /** What a run says waits out an outage, for as long as the run is still this worker's. */
  const kept = (action: () => Promise<void>) => outlast(action, lost.signal);

  const folder = join(options.folder, run.id);
  await mkdir(folder, { recursive: true });
  const work: Work = {
    run,
    db,
    sql,
    store,
    folder,
    signal: joined(cancelled.signal, lost.signal, shutdown),
    stop: stop.signal,
    progress: (now) => {
      latest = now;
    },
    log: (level, message) => kept(() => logRun(db, { runId: run.id, level, message })),
    metrics: (points) => kept(() => recordMetrics(db, run.id, points)),
    attach: async (name, mediaType, bytes) => {
      const stored = await store.put(bytes);
      await kept(() => attachArtifact(db, { runId: run.id, name, stored: { ...stored, mediaType } }));
      return stored;
    },
  };

  const outcome = await settle(handler, work);
  clearInterval(timer);
  await beating;
  if (latest) await beat();
  const end: Outcome =
    cancelled.signal.aborted && outcome.status === "failed" ? { status: "cancelled" } : outcome;
  const leaseLeft = Math.max(0, lastBeat + LEASE_SECONDS * 1000 - Date.now());
  const patience = joined(lost.signal, shutdown, AbortSignal.timeout(leaseLeft));
  try {
    if (lost.signal.aborted) return log.warn({ run: run.id }, "lease lost; another worker goes on");
    if (end.status === "failed" && shutdown.aborted)
      return await outlast(() => giveBackRun(db, { runId: run.id, workerId }), patience);
    const finish = (outcome: Outcome) =>
      outlast(() => finishRun(db, { runId: run.id, workerId, outcome }), patience);
    await finish(end).catch((error: unknown) => {
      if (isOutage(error)) throw error;
      // Tried again it would be refused again, unless there is room then; a worker that ends here would take it again.
      return finish({
        status: "failed",
        error: `What the run made could not be stored: ${reasonOf(error)}`,
        retry: isDiskFull(error) ? "surroundings" : "never",
      });
    });
  } catch (error) {
    const what = isOutage(error) ? "the database was away for a lease" : "the end of the run was refused";
    return log.warn({ reason: reasonOf(error), run: run.id }, `${what}; another worker goes on`);
  }
  log.info({ run: run.id, kind: run.kind, ...end }, "run ended");
}

/** What went wrong, in words that can be stored and shown: of a refused statement the reason, without its values. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message.startsWith("Failed query:") && error.cause) return reasonOf(error.cause);
  return storable(error.message);
}

async function settle(handler: Handler, work: Work): Promise<Outcome> {
  try {
    return { status: "succeeded", result: await handler(work) };
  } catch (error) {
    const retry = retryOf(error);
    const reason = retry === "surroundings" ? `The disk is full: ${reasonOf(error)}` : reasonOf(error);
    return { status: "failed", error: reason, retry };
  }
}

function retryOf(error: unknown): Retry {
  if (isDiskFull(error)) return "surroundings";
  if (error instanceof Killed && error.gotFurther) return "new row";
  return error instanceof TransientError || error instanceof Killed || isOutage(error) ? "in a row" : "never";
}
