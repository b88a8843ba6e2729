import type { Sql } from "postgres";
import { z } from "zod";
import { isOutage } from "../../../db/outage";
import { runProgressSchema } from "../../../db/shape/run";
import { runCaged, STORE_VARIABLES, TooMuch } from "../../../server/child";
import { DiskFull, isDiskFull } from "../../../server/errors";
import { limits } from "../../../server/limits";
import { type Handler, TransientError } from "../handler";

const fromImport = z.union([
  z.object({ alive: z.literal(true) }),
  z.object({ progress: runProgressSchema }),
  z.object({ result: z.record(z.string(), z.unknown()) }),
  z.object({ failed: z.string(), because: z.enum(["outage", "diskFull"]).optional() }),
]);
export type FromImport = z.infer<typeof fromImport>;

/** What went wrong, in words; of a refused statement the reason, without its values. */
export function failureOf(error: unknown): FromImport {
  const cause = error instanceof Error && error.message.startsWith("Failed query:") ? error.cause : error;
  return {
    failed: cause instanceof Error ? cause.message : String(cause),
    ...(isOutage(error) && { because: "outage" }),
    ...(isDiskFull(error) && { because: "diskFull" }),
  };
}

/**
 * Imports in a process of its own: what people bring may be made to take all memory, and then this process and the
 * other runs of the worker go on.
 */
export const importCaged: Handler = async ({ run, sql, folder, signal, progress }) => {
  let end: Exclude<FromImport, { alive: true } | { progress: unknown }> | undefined;
  try {
    await runCaged({
      program: "workers/run/handlers/import-child.ts",
      input: { run, folder },
      also: STORE_VARIABLES,
      set: { DATABASE_URL: process.env.DATABASE_URL ?? addressOf(sql) },
      memoryMiB: limits.importMemoryMiB,
      silenceMs: limits.importSilenceMs,
      signal,
      onMessage: (message) => {
        const said = fromImport.parse(message);
        if ("progress" in said) progress(said.progress);
        else if (!("alive" in said)) end = said;
      },
    });
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    throw new Error(
      `The files take ${error.message} to import: split them, or write them anew where one is damaged. Nothing was changed.`,
    );
  }
  if (!end) throw new TransientError("The import ended without a word.");
  if ("result" in end) return end.result;
  if (end.because === "outage") throw new TransientError(end.failed);
  throw end.because === "diskFull" ? new DiskFull(end.failed) : new Error(end.failed);
};

/** The address of a database that is open already. */
function addressOf({ options }: Sql): string {
  const { host, port, database, user, pass } = options;
  const address = new URL(`postgres://${host[0]}:${port[0]}/${database}`);
  address.username = user;
  address.password = typeof pass === "string" ? pass : "";
  return address.href;
}
