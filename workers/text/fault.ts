import { APICallError } from "@ai-sdk/provider";
import { ReachError } from "../../server/endpoint/reach";
import { isRecord } from "../../server/import/source/row";
import { jsonOrText } from "./json";
import { TextError } from "./model";
import type { Meaning, Provider } from "./provider";

/** What an HTTP status says about asking again. */
const LATER = new Set([408, 409, 425, 429]);
/** A gateway gave up waiting; the model behind it may have worked on. */
const MAYBE_CHARGED = new Set([408, 504, 524]);

const meaningOfStatus: Readonly<Record<number, Meaning>> = {
  401: "key",
  402: "spent",
  403: "key",
  404: "model",
};

/** Why there is no answer, in words, with what is known about asking again. */
export function textError(cause: unknown, model: string, { explain }: Provider): TextError {
  if (cause instanceof TextError) return cause;
  const unreached = reachErrorIn(cause);
  if (unreached) return new TextError(unreached.message, "later", { maybeCharged: unreached.sent, cause });
  if (!APICallError.isInstance(cause)) {
    const filtered = explain?.(cause).meaning === "filtered";
    const said = short(saidIn(cause));
    return new TextError(`${model} broke its answer off: ${said}`, "later", {
      ...{ maybeCharged: true, filtered, cause },
    });
  }
  const { statusCode: status, responseHeaders = {}, responseBody = "" } = cause;
  if (status === undefined || (status >= 200 && status < 300))
    return new TextError(`${model} answered what cannot be read: ${short(cause.message)}`, "later", {
      maybeCharged: true,
      cause,
    });
  const body = jsonOrText(responseBody);
  const { meaning = meaningOfStatus[status], retryAfterMs } = explain?.(body) ?? {};
  const said = short(cause.message || saidIn(body));
  const isLater = meaning === undefined && (LATER.has(status) || status >= 500);
  return new TextError(sentenceOf(status, model, said, meaning), isLater ? "later" : "never", {
    status,
    retryAfterMs: retryAfterOf(responseHeaders) ?? retryAfterMs,
    maybeCharged: MAYBE_CHARGED.has(status),
    forAll: meaning !== undefined && meaning !== "filtered",
    filtered: meaning === "filtered",
    cause,
  });
}

/** The packages wrap what they take for a lost connection; only what is inside says whether anything was sent. */
function reachErrorIn(error: unknown): ReachError | null {
  if (error instanceof ReachError) return error;
  return error instanceof Error ? reachErrorIn(error.cause) : null;
}

function sentenceOf(status: number, model: string, said: string, meaning: Meaning | undefined): string {
  const why = said ? `(${status}: ${said})` : `(${status})`;
  if (status >= 300 && status < 400)
    return `The address answers with a redirect, which is not followed ${why}: set the address it leads to.`;
  switch (meaning) {
    case "key":
      return `The provider does not accept the key for ${model} ${why}: store the right one, or ask the provider for access to the model.`;
    case "spent":
      return `The account behind ${model} has no credit or quota left ${why}: top it up, or wait until the quota is renewed.`;
    case "model":
      return `There is no ${model} at this address ${why}: check both.`;
    case "filtered":
      return `The provider withholds an answer to this prompt ${why}.`;
    case undefined:
      return said ? `${model} answered ${status}: ${said}` : `${model} answered ${status} without a word.`;
  }
}

const SAID_CHARACTERS = 300;
const short = (text: string) => text.replace(/\s+/g, " ").trim().slice(0, SAID_CHARACTERS);

/** The words in whatever a server or a gateway before it answers: JSON of any shape, a page, a line. */
function saidIn(body: unknown): string {
  if (body instanceof Error) return body.message;
  if (typeof body === "string") return body.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, " ");
  if (!isRecord(body)) return body === null || body === undefined ? "" : JSON.stringify(body);
  for (const name of ["message", "Message", "error", "detail", "errors"])
    if (name in body) return saidIn(body[name]);
  return JSON.stringify(body);
}

/** Seconds, milliseconds or a date (RFC 9110), whichever the provider writes. */
function retryAfterOf(headers: Record<string, string>): number | undefined {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds);
  const after = headers["retry-after"];
  if (after === undefined) return undefined;
  const seconds = Number(after);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
