import { STATUS_CODES } from "node:http";
import type { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { ZodError } from "zod";

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  /** Every field that is wrong, for 400 only. */
  errors?: { field: string; message: string }[];
}

export function problem(status: number, detail: string): Problem {
  return { title: STATUS_CODES[status] ?? "Error", status, detail };
}

export function problemOf(error: TRPCError): Problem {
  const status = getHTTPStatusCodeFromError(error);
  if (status === 500) return problem(500, "Something went wrong here. The log of the site says what.");
  if (!(error.cause instanceof ZodError)) return problem(status, error.message);
  const errors = error.cause.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  const detail = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  return { ...problem(status, detail), errors };
}

export function problemResponse(body: Problem, headers: Record<string, string> = {}): Response {
  return Response.json(body, {
    status: body.status,
    headers: { ...headers, "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}
