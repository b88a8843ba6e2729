import { RETRY_AFTER_SECONDS } from "../errors";
import type { Json } from "./components";

const PROBLEM: Json = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
};

export const problemSchema: Json = {
  type: "object",
  description: "What went wrong (RFC 9457).",
  properties: {
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "A sentence for whoever reads it, with what to do." },
    errors: {
      type: "array",
      description: "Every field that is wrong, for 400 only.",
      items: { $ref: "#/components/schemas/FieldError" },
    },
  },
  required: ["title", "status", "detail"],
};

export const fieldErrorSchema: Json = {
  type: "object",
  properties: {
    field: { type: "string", description: "The way to it, with points; empty for the whole." },
    message: { type: "string" },
  },
  required: ["field", "message"],
};

/** Every way in which a request is refused, by status. */
const refusals = {
  400: { name: "Invalid", description: "A field is wrong or not known; `errors` names each." },
  401: {
    name: "Unknown",
    description: "The token is missing, has ended or was revoked.",
    headers: { "WWW-Authenticate": { schema: { type: "string" } } },
  },
  403: { name: "Forbidden", description: "This needs a role that you do not have." },
  404: { name: "NotFound", description: "There is no such thing, or none that you may see." },
  409: {
    name: "Conflict",
    description: "It does not fit how things stand, or the first request with this key is still worked on.",
  },
  413: { name: "TooLarge", description: "The body is larger than is taken here." },
  415: { name: "WrongType", description: "The body is not of the type that is taken here." },
  416: {
    name: "OutOfRange",
    description: "The range lies outside the file.",
    headers: { "Content-Range": { schema: { type: "string" }, description: "`bytes */SIZE`" } },
  },
  422: { name: "KeyUsed", description: "This Idempotency-Key was used for another request." },
  429: { name: "TooMany", description: "Too many wrong passwords." },
  500: { name: "Defect", description: "A defect of the site. Its log says what." },
  503: {
    name: "Away",
    description: "The database is away or the disk is full. Ask again.",
    headers: {
      "Retry-After": {
        schema: { type: "integer" },
        description: `Seconds to wait, such as ${RETRY_AFTER_SECONDS}.`,
      },
    },
  },
} as const;
type Refusal = keyof typeof refusals;

/** The answers to what is refused, once for the whole document. */
export const refusalResponses: Json = Object.fromEntries(
  Object.values(refusals).map(({ name, ...response }) => [name, { ...response, content: PROBLEM }]),
);

/** What is known of an operation that decides how it can be refused. */
interface Kind {
  changes: boolean;
  body: "none" | "json" | "bytes";
  /** Its address or its body names something that may not be there. */
  names: boolean;
  resumable?: boolean;
  asksPassword?: boolean;
}

/** The refusals that an operation can answer with. */
export function refusalsOf({ changes, body, names, resumable, asksPassword }: Kind): Json {
  const can: Record<Refusal, boolean> = {
    400: true,
    401: true,
    403: true,
    404: names,
    409: changes,
    413: body !== "none",
    415: body === "json",
    416: resumable === true,
    422: changes && body !== "bytes",
    429: asksPassword === true,
    500: true,
    503: true,
  };
  const statuses = Object.entries(refusals).filter(([status]) =>
    Object.entries(can).some(([name, may]) => may && name === status),
  );
  return Object.fromEntries(
    statuses.map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]),
  );
}
