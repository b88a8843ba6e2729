import { TRPCError } from "@trpc/server";
import { isOutage } from "../db/outage";

/** What went wrong, as a person reads it. Every one of these is expected; anything else is a defect. */
export const notFoundAs = (message: string) => new TRPCError({ code: "NOT_FOUND", message });
export const notFound = (what: string) => notFoundAs(`${what} was not found.`);
export const conflict = (message: string) => new TRPCError({ code: "CONFLICT", message });
export const invalid = (message: string) => new TRPCError({ code: "BAD_REQUEST", message });
export const tooMany = (message: string) => new TRPCError({ code: "TOO_MANY_REQUESTS", message });
export const unavailable = (message: string) => new TRPCError({ code: "SERVICE_UNAVAILABLE", message });
export const forbidden = (message: string) => new TRPCError({ code: "FORBIDDEN", message });

/** What PostgreSQL says of a value that it cannot take: broken text, a number or time out of range, too deep, too long. */
const UNSTORABLE = new Set(["22021", "22P02", "22P05", "22003", "22007", "22008", "54000", "54001"]);
const DISK_FULL = new Set(["53100", "ENOSPC", "EDQUOT"]);

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Whether a disk that something had to be written to has no room left. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return DISK_FULL.has(codeOf(error) ?? "") || isDiskFull(error.cause);
}

/** What a process of its own said of a full disk: the code of an error does not cross to whoever started it. */
export class DiskFull extends Error {
  override name = "DiskFull";
  readonly code = "ENOSPC";
}

/** Whether something was nested deeper than what reads it can follow. */
export const isTooDeep = (error: unknown): boolean =>
  error instanceof RangeError && error.message.includes("call stack");

/** Whether PostgreSQL refused a statement because the role that asks may not make it. */
export function isBeyondRole(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return codeOf(error) === "42501" || isBeyondRole(error.cause);
}

/**
 * What whoever asked is told of an error that nobody foresaw at the place where it arose, but that is no defect: the
 * database is away, the disk is full, or the request holds what cannot be read or stored.
 * @returns undefined for a defect
 */
export function expected(error: unknown): TRPCError | undefined {
  if (error instanceof TRPCError && error.code !== "INTERNAL_SERVER_ERROR") return error;
  const cause = error instanceof TRPCError ? error.cause : error;
  if (isDiskFull(cause))
    return unavailable("The disk is full: an admin has to free some room. Nothing was changed.");
  if (isOutage(cause)) return unavailable("The database is away for a moment. Send the request again.");
  if (cause instanceof URIError) return invalid("The address holds a percent sign that encodes nothing.");
  if (isTooDeep(cause)) return invalid("The request is nested too deeply.");
  for (let link = cause; link instanceof Error; link = link.cause) {
    const code = codeOf(link);
    if (code === "54001") return invalid("The request is nested too deeply.");
    if (code && UNSTORABLE.has(code))
      return invalid(
        "A value of the request cannot be stored: broken text (U+0000), out of range, or too long.",
      );
  }
  return undefined;
}

/** All that is told of a defect. */
export const DEFECT = "Something went wrong here. The log of the site says what.";

/** Seconds after which whoever was told that something is away should ask again. */
export const RETRY_AFTER_SECONDS = 2;
