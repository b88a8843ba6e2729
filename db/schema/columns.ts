import { sql } from "drizzle-orm";
import { timestamp, uuid } from "drizzle-orm/pg-core";

/** Time-ordered ids (RFC 9562 v7), made by the database function `uuid7()` so that raw SQL gets them too. */
export const id = () => uuid().primaryKey().default(sql`uuid7()`);

/** A point in time with zone; `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

export const createdAt = () => instant().notNull().defaultNow();
