import { sql } from "drizzle-orm";
import {
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { attemptOutcomes, type Capabilities, endpointKinds } from "../shape/endpoint";
import { createdAt, id, instant, jsonDocument } from "./columns";
import { person } from "./people";
import { project } from "./project";
import { run } from "./run";

/** Where a model answers. What it is asked as never changes: another model is another endpoint. */
export const endpoint = pgTable(
  "endpoint",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    name: text().notNull(),
    kind: text({ enum: endpointKinds }).notNull(),
    /** The base address. Null: the provider's own. */
    url: text(),
    /** The model's name as its provider knows it. */
    model: text().notNull(),
    /** Its key, encrypted with the instance's secret. */
    keyCiphertext: text(),
    /** US dollars per million tokens; null: nobody said. */
    inputPrice: doublePrecision(),
    /** Of a prompt's tokens that the provider had in its cache; null: as the others. */
    cachedPrice: doublePrecision(),
    outputPrice: doublePrecision(),
    /** What the provider allows in a minute; null: no limit is known. */
    requestsPerMinute: integer(),
    tokensPerMinute: integer(),
    /** Requests at once. */
    concurrency: integer().notNull(),
    /** What the last probe found; null before the first. */
    capabilities: jsonb().$type<Capabilities>(),
    /** What it lacks, in words. */
    missing: jsonb().$type<readonly string[]>().notNull().default([]),
    /** The last day on which its provider answers for it. */
    retiresOn: date(),
    probedAt: instant(),
    /** Why the last probe learnt nothing. */
    problem: text(),
    createdBy: uuid().references(() => person.id),
    createdAt: createdAt(),
    /** Taken out of use: its key is gone, its receipts stay. */
    removedAt: instant(),
  },
  (t) => [uniqueIndex("endpoint_name").on(t.projectId, t.name).where(sql`removed_at is null`)],
);

/** A question to a model, known by the hash of all that makes it; once its reply is there it is never asked again. */
export const endpointCall = pgTable(
  "endpoint_call",
  {
    id: id(),
    endpointId: uuid()
      .notNull()
      .references(() => endpoint.id, { onDelete: "cascade" }),
    /** sha256 of what asks, item, order, sample and the request itself. */
    key: text().notNull(),
    reply: jsonDocument(),
    /** Who asks it now, and how long without a word. */
    holder: uuid(),
    leasedUntil: instant(),
    createdAt: createdAt(),
    answeredAt: instant(),
  },
  (t) => [uniqueIndex("endpoint_call_key").on(t.endpointId, t.key)],
);

/** The ledger: a row for each request that went out, written before it does. */
export const endpointAttempt = pgTable(
  "endpoint_attempt",
  {
    id: id(),
    callId: uuid()
      .notNull()
      .references(() => endpointCall.id, { onDelete: "cascade" }),
    endpointId: uuid()
      .notNull()
      .references(() => endpoint.id, { onDelete: "cascade" }),
    /** The run that pays. */
    runId: uuid().references(() => run.id, { onDelete: "cascade" }),
    startedAt: createdAt(),
    endedAt: instant(),
    /** Null while it is under way, or since whoever asked was killed. */
    outcome: text({ enum: attemptOutcomes }),
    /** Of the HTTP answer. */
    status: integer(),
    error: text(),
    input: integer(),
    cached: integer(),
    output: integer(),
    /** US dollars; null where tokens or prices are not known. */
    cost: doublePrecision(),
    /** What it costs at most, US dollars; null without prices. */
    bound: doublePrecision(),
  },
  (t) => [
    index("endpoint_attempt_call").on(t.callId),
    index("endpoint_attempt_endpoint").on(t.endpointId),
    index("endpoint_attempt_run").on(t.runId),
  ],
);
