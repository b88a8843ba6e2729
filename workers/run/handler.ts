import type { Readable } from "node:stream";
import type { Sql } from "postgres";
import type { z } from "zod";
import type { Db } from "../../db/client";
import type { RunProgress } from "../../db/shape/run";
import type { ArtifactStore, Stored } from "../../server/artifact/store";
import type { Point } from "../../server/run/metric";
import type { Run } from "../../server/run/run";

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

/**
 * A handler of a kind of run that belongs to a project.
 * @param shape of the kind's specs: what the procedure that queued the run checked, and what is read here
 */
export const handler =
  <Shape extends z.ZodType>(
    shape: Shape,
    work: (work: Work & { projectId: string; spec: z.output<Shape> }) => ReturnType<Handler>,
  ): Handler =>
  (given) => {
    const { projectId, kind, spec } = given.run;
    if (!projectId) throw new Error(`A run of kind ${kind} belongs to a project.`);
    return work({ ...given, projectId, spec: shape.parse(spec) });
  };

/** A failure that may go away by itself: a lost connection, a full queue. The run is tried again. */
export class TransientError extends Error {
  override name = "TransientError";
}
