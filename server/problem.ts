import { STATUS_CODES } from "node:http";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { ZodError } from "zod";
import { DEFECT, expected, RETRY_AFTER_SECONDS } from "./errors";

/** RFC 9457. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  /** Every field that is wrong, for 400 only. */
  errors?: { field: string; message: string }[];
}

const invalidInput = (cause: ZodError) => new TRPCError({ code: "BAD_REQUEST", cause });

export function problem(status: number, detail: string): Problem {
  return { title: STATUS_CODES[status] ?? "Error", status, detail };
}

/** What a request is answered that failed; of a defect it tells nothing but that there is one. */
export function problemOf(failure: unknown): Problem {
  const error = failure instanceof ZodError ? invalidInput(failure) : expected(failure);
  if (!error) return problem(500, DEFECT);
  const status = getHTTPStatusCodeFromError(error);
  if (!(error.cause instanceof ZodError)) return problem(status, error.message);
  const errors = error.cause.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  const detail = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join("; ");
  return { ...problem(status, detail), errors };
}

export function problemResponse(body: Problem, headers: Record<string, string> = {}): Response {
  return Response.json(body, {
    status: body.status,
    headers: {
      ...headers,
      ...(body.status === 503 && { "retry-after": String(RETRY_AFTER_SECONDS) }),
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    },
  });
}
