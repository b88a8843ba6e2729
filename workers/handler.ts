import type { Readable } from "node:stream";
import type { Sql } from "postgres";
import type { Db } from "../db/client";
import type { ArtifactStore, Stored } from "../server/artifact/store";
import type { Point, Run } from "../server/run/run";
import type { RunProgress } from "../server/run/schema";

/** What a handler is given: its run, and the ways to tell about it. */
export interface Work {
  run: Run;
  db: Db;
  sql: Sql;
  store: ArtifactStore;
  /** Scratch folder of this run, the same on every attempt on this machine; checkpoints live here. */
  folder: string;
  /** Aborted when the run is cancelled, its lease is lost or the worker shuts down: end soon, keep nothing open. */
  signal: AbortSignal;
  /** Aborted when a person asks to stop and keep the work. */
  stop: AbortSignal;
  /** Stored with the next heartbeat, at most once a second. */
  progress(now: RunProgress): void;
  log(level: "info" | "warning" | "error", message: string): Promise<void>;
  metrics(points: readonly Point[]): Promise<void>;
  /** Stores bytes and names them as a file of the run. */
  attach(name: string, mediaType: string, bytes: Readable): Promise<Stored>;
}

/** Does the work of one kind of run and returns its result. */
export type Handler = (work: Work) => Promise<Record<string, unknown>>;

/** A failure that may go away by itself: a lost connection, a full queue. The run is tried again. */
export class TransientError extends Error {
  override name = "TransientError";
}
