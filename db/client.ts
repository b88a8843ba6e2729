import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgDatabase } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { isOutage } from "./outage";
import "./quiet";
import * as schema from "./schema";

/** What domain functions take first: the database itself or a transaction on it. */
export type Db = PgDatabase<
  PostgresJsQueryResultHKT,
  typeof schema,
  ExtractTablesWithRelations<typeof schema>
>;

export interface Database {
  db: Db;
  /** For raw SQL, COPY and LISTEN. */
  sql: postgres.Sql;
  close(): Promise<void>;
}

/** Seconds before the next attempt to connect. The driver's own pauses grow to 20 s: too long for a restart. */
const pause = (attempt: number) => Math.min(0.05 * 2 ** attempt, 1);

/** A pool for raw SQL, COPY and LISTEN: drizzle changes how its own client reads dates and JSON. */
export function connectRaw(url: string, { max = 10 } = {}): postgres.Sql {
  const sql = postgres(url, { max, backoff: pause, onnotice: () => {} });
  // A column of type json keeps how it was written: its text is for the column to read, which JSON.parse would round.
  sql.options.parsers[JSON_TYPE] = String;
  return Object.assign(sql, { begin: sparingTheDead(sql.begin) });
}

/** The number by which PostgreSQL knows its type `json`. */
const JSON_TYPE = 114;

type Transaction = (tx: postgres.TransactionSql) => unknown;

/**
 * When a connection dies in a transaction, the driver (3.4.9) rejects `begin` and still sends ROLLBACK on it: an
 * uncaught TypeError, after which that connection of the pool hangs for ever (porsager/postgres#1154, #1208). So a
 * transaction that failed by an outage never ends by itself; the driver ends it when it sees the connection close.
 */
function sparingTheDead(begin: postgres.Sql["begin"]) {
  return (...given: [Transaction] | [string, Transaction]) => {
    const [options, work] = given.length === 1 ? ["", given[0]] : given;
    return begin(options, async (tx) => {
      try {
        return await work(tx);
      } catch (error) {
        if (isOutage(error)) await new Promise(() => {});
        throw error;
      }
    });
  };
}

/**
 * Opens two pools of at most `max` connections each; nothing connects before the first query.
 * Embedded PostgreSQL allows 100 connections: 2 × 20 for the site leave room for workers and tools.
 */
export function connect(url: string, { max = 20 } = {}): Database {
  const client = connectRaw(url, { max });
  const sql = connectRaw(url, { max });
  return {
    db: drizzle(client, { schema, casing: "snake_case" }),
    sql,
    async close() {
      await Promise.all([client.end({ timeout: 5 }), sql.end({ timeout: 5 })]);
    },
  };
}

declare global {
  // Next bundles this module more than once; the pools belong to the process.
  var concordDatabase: Database | undefined;
}

/**
 * This process's database, opened at first use so that importing code (as `next build` does) needs no server.
 */
export function database(): Database {
  if (!globalThis.concordDatabase) {
    const url = process.env.DATABASE_URL;
    if (!url) throw new Error("DATABASE_URL is not set. `npm start` sets it for the site and the worker.");
    globalThis.concordDatabase = connect(url);
  }
  return globalThis.concordDatabase;
}
