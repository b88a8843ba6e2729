import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { RunProgress, RunRequirements, WorkerCapabilities } from "../shape/run";
import { type RunKind, runStatuses } from "../shape/run-kinds";
import { createdAt, id, instant } from "./columns";
import { person } from "./people";
import { project } from "./project";

export const runStatus = pgEnum("run_status", runStatuses);

/** Any background work. */
export const run = pgTable(
  "run",
  {
    id: id(),
    projectId: uuid().references(() => project.id, { onDelete: "cascade" }),
    /** Checked by zod: a new kind of run needs no migration. */
    kind: text().$type<RunKind>().notNull(),
    title: text().notNull(),
    /** What a person wrote about it. */
    note: text().notNull().default(""),
    tags: text().array().notNull().default([]),
    status: runStatus().notNull().default("queued"),
    spec: jsonb().$type<Record<string, unknown>>().notNull(),
    /** What a worker must have to take it. */
    requirements: jsonb().$type<RunRequirements>().notNull().default({}),
    progress: jsonb().$type<RunProgress>(),
    result: jsonb().$type<Record<string, unknown>>(),
    /** One sentence a person can act on. */
    error: text(),
    attempt: integer().notNull().default(0),
    /** Transient failures in a row that it got no further between. A worker that was killed is none. */
    failures: integer().notNull().default(0),
    /** So many failures end it. */
    maxAttempts: integer().notNull().default(3),
    availableAt: instant().notNull().defaultNow(),
    leasedUntil: instant(),
    workerId: uuid(),
    /** Asked by a person: end without keeping the work. */
    cancelRequested: boolean().notNull().default(false),
    /** Asked by a person: save and end as succeeded. */
    stopRequested: boolean().notNull().default(false),
    /** The run whose success it waits for: the next step of a chain. */
    afterId: uuid().references((): AnyPgColumn => run.id, { onDelete: "cascade" }),
    /** Runs of one sweep share it. */
    groupId: uuid(),
    createdBy: uuid().references(() => person.id),
    idempotencyKey: text(),
    createdAt: createdAt(),
    startedAt: instant(),
    finishedAt: instant(),
  },
  (t) => [
    uniqueIndex("run_idempotency").on(t.createdBy, t.projectId, t.idempotencyKey),
    index("run_claimable").on(t.availableAt).where(sql`status in ('queued', 'running')`),
    index("run_project").on(t.projectId, t.createdAt.desc()),
    index("run_after").on(t.afterId).where(sql`after_id is not null`),
  ],
);

export const runLog = pgTable(
  "run_log",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    at: createdAt(),
    level: text({ enum: ["info", "warning", "error"] }).notNull(),
    message: text().notNull(),
  },
  (t) => [index("run_log_run").on(t.runId, t.id)],
);

/** One value of a run's curve. The key makes a resumed run overwrite, never double, its points. */
export const metric = pgTable(
  "metric",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    name: text().notNull(),
    step: integer().notNull(),
    value: doublePrecision().notNull(),
    at: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.name, t.step] })],
);

/** Bytes by sha256, in the artifact store. */
export const artifact = pgTable("artifact", {
  sha256: text().primaryKey(),
  size: bigint({ mode: "number" }).notNull(),
  mediaType: text().notNull(),
  /** When the bytes were brought, or asked for by a machine that has them too, last. */
  createdAt: createdAt(),
  /** Nobody refers to it any more: its bytes are being taken away. Whoever brings them again takes this back. */
  releasedAt: instant(),
});

/** A file that a person brought into a project to import it. Its hash opens it in this project alone. */
export const upload = pgTable(
  "upload",
  {
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    sha256: text()
      .notNull()
      .references(() => artifact.sha256),
    personId: uuid().references(() => person.id),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.sha256] }), index("upload_artifact").on(t.sha256)],
);

/** A named file that a run read or wrote. */
export const runArtifact = pgTable(
  "run_artifact",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    name: text().notNull(),
    sha256: text()
      .notNull()
      .references(() => artifact.sha256),
  },
  (t) => [primaryKey({ columns: [t.runId, t.name] }), index("run_artifact_artifact").on(t.sha256)],
);

/** A worker process that said it is alive, and what it can do. */
export const worker = pgTable("worker", {
  id: id(),
  name: text().notNull(),
  capabilities: jsonb().$type<WorkerCapabilities>().notNull(),
  heartbeatAt: createdAt(),
  startedAt: createdAt(),
});
