import pino from "pino";
import { logLevel } from "./env";

/** A line is for people and for collectors that cut at 16 kB. */
const LONGEST_TEXT = 2000;
const LONGEST_STACK = 4000;
/** Of an error's own fields, those that name things and never hold values. */
const NAMED = [
  "code",
  "severity",
  "routine",
  "table_name",
  "column_name",
  "constraint_name",
  "digest",
] as const;

const cut = (text: string, length = LONGEST_TEXT) =>
  text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text;

/** PostgreSQL quotes what it was given: `invalid input syntax for type uuid: "…"`. */
const unquoted = (message: string) => message.replace(/: ".*"/gs, ': "…"');

/** An error as a line of the log holds it: bounded, and without the values that a statement was given. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const fromDatabase = error.name === "PostgresError";
  const message = cut(fromDatabase ? unquoted(error.message) : error.message);
  const named = NAMED.flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" || typeof value === "number" ? [[name, value]] : [];
  });
  // The stack begins with the message, which is told already.
  const frames = error.stack?.slice(error.stack.indexOf("\n    at ") + 1) ?? "";
  return {
    type: error.name,
    message,
    ...Object.fromEntries(named),
    ...(error.cause instanceof Error && depth < 4 && { cause: describeError(error.cause, depth + 1) }),
    ...(frames.startsWith("    at ") && { stack: cut(frames, LONGEST_STACK) }),
  };
}

function bounded(value: unknown): unknown {
  if (value instanceof Error) return describeError(value);
  return typeof value === "string" ? cut(value) : value;
}

/** Where lines go; a test hands in its own place. */
export const logTo = (destination?: pino.DestinationStream) =>
  pino(
    {
      level: logLevel(),
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      // `formatters` has described it.
      serializers: { err: (described: unknown) => described },
      formatters: {
        log: (line) => Object.fromEntries(Object.entries(line).map(([key, value]) => [key, bounded(value)])),
      },
    },
    destination,
  );

/** One JSON object a line on standard output. Never pass it answers, tokens or passwords. */
export const log = logTo();
