import { sql } from "drizzle-orm";
import { customType, timestamp, uuid } from "drizzle-orm/pg-core";
import { parseJson, parseRowJson, storedJson } from "../shape/written-json";

/** Time-ordered ids (RFC 9562 v7), made by the database function `uuid7()` so that raw SQL gets them too. */
export const id = () => uuid().primaryKey().default(sql`uuid7()`);

/** A point in time with zone; `Date` in TypeScript. */
export const instant = () => timestamp({ withTimezone: true, mode: "date" });

export const createdAt = () => instant().notNull().defaultNow();

/** PostgreSQL's `json` keeps its text; `jsonb` sorts keys and writes numbers in its own way. */
const json = (parse: (text: string) => unknown) =>
  customType<{ data: unknown; driverData: string }>({
    dataType: () => "json",
    toDriver: (value) => storedJson(value),
    fromDriver: parse,
  });

/** A document, every number and key of it as it was written. Raw SQL gets its text: map it with the column. */
export const jsonDocument = json(parseJson);

/** An object or a list with documents in it, such as the tool calls of a turn. Raw SQL gets its text. */
export const jsonWithDocuments = json(parseRowJson);
