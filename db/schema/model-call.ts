import { sql } from "drizzle-orm";
import {
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { type CallError, type CallPiece, type CallRequest, callStatuses } from "../shape/model-call";
import { chatTurn } from "./chat";
import { createdAt, id, instant } from "./columns";
import { model } from "./model";
import { person } from "./people";
import { project } from "./project";

export const callStatus = pgEnum("call_status", callStatuses);

/**
 * What a program asks of a model, while it waits for the answer: the site asks, a worker that has the model open
 * answers. Afterwards the row is the account of it, without a word of what was said;
 * what may still be judged has its hash.
 */
export const modelCall = pgTable(
  "model_call",
  {
    id: id(),
    projectId: uuid()
      .notNull()
      .references(() => project.id, { onDelete: "cascade" }),
    modelId: uuid()
      .notNull()
      .references(() => model.id, { onDelete: "cascade" }),
    personId: uuid()
      .notNull()
      .references(() => person.id),
    /** The API token that it came with. */
    tokenId: uuid(),
    status: callStatus().notNull().default("queued"),
    /** Null once it has ended. */
    request: jsonb().$type<CallRequest>(),
    /** Until when the worker that answers has it, unless it says more. */
    leasedUntil: instant(),
    /** Until when somebody waits, unless they ask again: nobody computes for a site that is gone. */
    wantedUntil: instant().notNull(),
    error: jsonb().$type<CallError>(),
    inputTokens: integer().notNull().default(0),
    outputTokens: integer().notNull().default(0),
    /** Of a conversation with two speakers: the turn, and in which place on the screen the answer stands. */
    turnId: uuid().references(() => chatTurn.id, { onDelete: "set null" }),
    place: smallint(),
    /** Of such a one: sha256 of the answer once it is whole. */
    said: text(),
    createdAt: createdAt(),
    startedAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    index("model_call_open").on(t.createdAt).where(sql`status in ('queued', 'running')`),
    index("model_call_person").on(t.personId, t.createdAt),
    index("model_call_project").on(t.projectId, t.createdAt),
    index("model_call_model").on(t.modelId),
    uniqueIndex("model_call_turn").on(t.turnId, t.place),
  ],
);

/** A piece of an answer on its way. Taken away with the last one. */
export const modelCallPiece = pgTable(
  "model_call_piece",
  {
    callId: uuid()
      .notNull()
      .references(() => modelCall.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    piece: jsonb().$type<CallPiece>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.callId, t.position] })],
);
