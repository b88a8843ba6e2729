import { boolean, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "./columns";
import { person } from "./people";
import { artifact, run } from "./run";

/** The cluster that runs may go to. One row at most: its kind is the key. */
export const cluster = pgTable("cluster", {
  kind: text({ enum: ["ray"] }).primaryKey(),
  /** Where its dashboard and the Jobs API answer. */
  address: text().notNull(),
  /** Its bearer token, encrypted with the instance's secret. */
  tokenCiphertext: text(),
  /** Where the cluster's machines reach this site, to fetch inputs and to tell what happens. */
  siteAddress: text().notNull(),
  updatedBy: uuid().references(() => person.id),
  updatedAt: createdAt(),
});

/** What the cluster does for a run. The row is there before the job: a submission can be found again after a crash. */
export const clusterJob = pgTable("cluster_job", {
  runId: uuid()
    .primaryKey()
    .references(() => run.id, { onDelete: "cascade" }),
  /** Counts the submissions; it is part of the job's name, and what an older job says is refused. */
  generation: integer().notNull().default(1),
  /** Whether this submission only makes the model from the last checkpoint. */
  finishing: boolean().notNull().default(false),
  /** When the cluster took this submission. */
  submittedAt: instant(),
  /** When its training process spoke first: until then it waits for machines. */
  startedAt: instant(),
  /** The submission that wrote the last lines of `cluster_event`. */
  eventsGeneration: integer().notNull().default(0),
});

/** A line of events.jsonl, as the job told it. The key makes a line told twice one line. */
export const clusterEvent = pgTable(
  "cluster_event",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    line: integer().notNull(),
    text: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.runId, t.line] })],
);

/** A file of the run's folder as the cluster has it: the inputs, then checkpoints and the model. */
export const clusterFile = pgTable(
  "cluster_file",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    path: text().notNull(),
    sha256: text()
      .notNull()
      .references(() => artifact.sha256),
  },
  (t) => [primaryKey({ columns: [t.runId, t.path] }), index("cluster_file_artifact").on(t.sha256)],
);

/** Bytes that a job brought. It may name these as files of its run, and no others. */
export const clusterUpload = pgTable(
  "cluster_upload",
  {
    runId: uuid()
      .notNull()
      .references(() => run.id, { onDelete: "cascade" }),
    sha256: text()
      .notNull()
      .references(() => artifact.sha256),
  },
  (t) => [primaryKey({ columns: [t.runId, t.sha256] }), index("cluster_upload_artifact").on(t.sha256)],
);

/** What lets a machine into the artifact store over HTTP. Only its hash is kept; `prefix` lets admins recognise it. */
export const machineToken = pgTable("machine_token", {
  id: id(),
  name: text().notNull(),
  prefix: text().notNull(),
  tokenHash: text().notNull().unique(),
  createdBy: uuid().references(() => person.id),
  createdAt: createdAt(),
  lastUsedAt: instant(),
  revokedAt: instant(),
});
