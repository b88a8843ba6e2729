import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { RETRY_AFTER_SECONDS } from "../../errors";
import { log } from "../../log";
import { problemOf } from "../../problem";

/** What is wrong with a request, in OpenAI's terms. */
export class OpenAiError extends Error {
  override name = "OpenAiError";
  constructor(
    readonly status: number,
    message: string,
    /** The field that is meant. */
    readonly param: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

const TYPES: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};
const CODES: Record<number, string> = { 401: "invalid_api_key", 429: "rate_limit_exceeded" };
/** Whoever has too many requests open asks again after this many seconds. */
const QUEUE_SECONDS = 5;

/** What went wrong, as OpenAI's clients read it; of a defect it tells nothing but that there is one. */
export function errorBody(failure: unknown) {
  const { status, message, param, code } = described(failure);
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  return { status, body: { error: { message, type, param, code: code ?? CODES[status] ?? null } } };
}

function described(failure: unknown): Pick<OpenAiError, "status" | "message" | "param" | "code"> {
  if (failure instanceof OpenAiError) return failure;
  if (failure instanceof z.ZodError) {
    const [{ path, message }] = failure.issues;
    const param = path.join(".");
    return {
      status: 400,
      message: param ? `${param}: ${message}` : message,
      param: param || null,
      code: null,
    };
  }
  const { status, detail } = problemOf(failure);
  if (status === 500)
    log.error({ err: failure instanceof TRPCError ? (failure.cause ?? failure) : failure }, "request failed");
  return { status, message: detail, param: null, code: null };
}

export function errorResponse(failure: unknown): Response {
  const { status, body } = errorBody(failure);
  const after = status === 429 ? QUEUE_SECONDS : status === 503 ? RETRY_AFTER_SECONDS : null;
  return Response.json(body, {
    status,
    headers: {
      "cache-control": "no-store",
      ...(after !== null && { "retry-after": String(after) }),
      ...(status === 401 && { "www-authenticate": "Bearer" }),
    },
  });
}
