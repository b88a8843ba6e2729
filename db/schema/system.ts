import { sql } from "drizzle-orm";
import { bigserial, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "./columns";
import { person } from "./people";

/** Who changed what. Written in the transaction of the change itself; never updated. */
export const auditEntry = pgTable(
  "audit_entry",
  {
    id: id(),
    at: createdAt(),
    /** Null for the system itself. */
    personId: uuid(),
    tokenId: uuid(),
    /** Where the request came from; null for what no request did. */
    address: text(),
    projectId: uuid(),
    /** `noun.verb`, as the procedure is called. */
    action: text().notNull(),
    targetKind: text().notNull(),
    targetId: text().notNull(),
    before: jsonb().$type<object>(),
    after: jsonb().$type<object>(),
  },
  (t) => [
    index("audit_time").on(t.at.desc()),
    index("audit_project").on(t.projectId, t.at.desc()),
    index("audit_person").on(t.personId, t.at.desc()),
  ],
);

/** Something that pages show live. Stored, because NOTIFY is lossy: a stream replays from its last id. */
export const event = pgTable(
  "event",
  {
    id: bigserial({ mode: "number" }).primaryKey(),
    /** What a page subscribes to, e.g. `project:<id>` or `run:<id>`. */
    topic: text().notNull(),
    kind: text().notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    at: createdAt(),
  },
  (t) => [index("event_topic").on(t.topic, t.id)],
);

/** The answer given to a request with an Idempotency-Key, replayed when it comes again. */
export const idempotentReply = pgTable(
  "idempotent_reply",
  {
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    key: text().notNull(),
    /** The project that was asked for, so that its replies go when it does. */
    projectId: uuid(),
    requestHash: text().notNull(),
    status: text().notNull(),
    body: jsonb().$type<object>(),
    /** What the person might do when it was given: whoever lost any of it is not told again. */
    roles: text().array().notNull().default(sql`'{}'`),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.key] })],
);

/** A provider's key or token, encrypted with the instance's secret (AES-256-GCM). */
export const secret = pgTable(
  "secret",
  {
    id: id(),
    personId: uuid()
      .notNull()
      .references(() => person.id, { onDelete: "cascade" }),
    /** What it opens, e.g. `huggingface`. */
    name: text().notNull(),
    ciphertext: text().notNull(),
    createdAt: createdAt(),
    updatedAt: instant(),
  },
  (t) => [uniqueIndex("secret_name").on(t.personId, t.name)],
);
