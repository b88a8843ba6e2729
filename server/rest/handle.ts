import { callTRPCProcedure, getTRPCErrorFromUnknown, isTrackedEnvelope, TRPCError } from "@trpc/server";
import { z } from "zod";
import { parseRowJson, writeJson } from "../../db/shape/written-json";
import { limits } from "../limits";
import { log } from "../log";
import { type Problem, problem, problemOf, problemResponse } from "../problem";
import { appRouter } from "../root";
import { shutdownSignal } from "../shutdown";
import { joined } from "../signal";
import type { Context } from "../trpc";
import { unknownFields } from "../unknown";
import { requireBounded, textOf } from "./answer";
import { type KeyedRequest, once, type Reply } from "./idempotency";
import { queryInput } from "./query";
import { matchRoute, type Route } from "./routes";

const PREFIX = "/api/v1";
const LONGEST_KEY = 255;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:;|$)/i;

type Input = Record<string, unknown>;

/** Answers a request of the HTTP API: finds the procedure, gathers its input, calls it as the viewer. */
export async function handleRest(request: Request, context: Context): Promise<Response> {
  if (!context.viewer) {
    const detail = "Send an API token: Authorization: Bearer concord_…";
    return problemResponse(problem(401, detail), { "www-authenticate": "Bearer" });
  }
  const { pathname, search, searchParams } = new URL(request.url);
  const path = decoded(pathname.slice(PREFIX.length));
  if (path === undefined)
    return problemResponse(problem(400, "The address holds a percent sign that encodes nothing."));
  const match = matchRoute(request.method, path);
  if ("allowed" in match) {
    if (match.allowed.length === 0) return problemResponse(problem(404, `There is no ${PREFIX}${path}.`));
    const allow = match.allowed.join(", ");
    return problemResponse(problem(405, `${PREFIX}${path} takes ${allow}.`), { allow });
  }
  const { route, parameters } = match;
  const text = await readBody(request, route.rows ? limits.jsonBytes : limits.callBytes);
  if (typeof text !== "string") return problemResponse(text);
  // A page elsewhere may send text/plain without being asked whether it may; JSON it may not.
  if (text && !JSON_TYPE.test(request.headers.get("content-type") ?? ""))
    return problemResponse(problem(415, "Send the body with Content-Type: application/json."));
  const body = parseBody(text);
  if (!body) return problemResponse(problem(400, "The body must be a JSON object."));
  const query = queryInput(searchParams, route.input);
  const unknown = unknownTo(route, query, body);
  if (unknown.length > 0) return problemResponse(unknownProblem(unknown));
  const input = { ...query, ...body, ...parameters };

  if (route.type === "subscription") return stream(route, request, context, input);

  const work = () => call(route, request, context, input);
  const key = request.headers.get("idempotency-key");
  if (!key || request.method === "GET") return respond(await work());
  if (key.length > LONGEST_KEY) {
    return problemResponse(problem(400, `An Idempotency-Key has at most ${LONGEST_KEY} characters.`));
  }
  const { personId } = context.viewer;
  // Of a request that brings a secret not even a hash is kept, which could be guessed backwards.
  const content = `${request.method} ${path}${search}\n${route.secret ? "" : text}`;
  const projectId = z.uuid().safeParse(parameters.projectId).data;
  const keyed: KeyedRequest = { personId, key, projectId, content, secret: route.secret };
  const outcome = await once(context.db, keyed, work);
  if ("refused" in outcome) return problemResponse(outcome.refused);
  return respond(outcome.reply, outcome.replayed ? { "idempotency-replayed": "true" } : {});
}

/** Fields that an operation does not take where they stand. */
function unknownTo(route: Route, query: Input, body: Input): string[] {
  const { input, parameters, method } = route;
  const known = Object.fromEntries(
    Object.entries(input.properties).filter(([name]) => !parameters.includes(name)),
  );
  const inBody = method !== "GET" && method !== "DELETE";
  return [
    ...unknownFields(query, { properties: inBody ? {} : known }),
    // Whoever deletes may say it in the body, too.
    ...unknownFields(body, { ...input, properties: method === "GET" ? {} : known }),
  ];
}

function unknownProblem(fields: readonly string[]): Problem {
  const errors = fields.map((field) => ({ field, message: "This operation does not know this field." }));
  const detail = `Not known here: ${fields.join(", ")}. Correct or remove ${fields.length === 1 ? "it" : "them"}; /docs/api lists what there is.`;
  return { ...problem(400, detail), errors };
}

/** @returns undefined for what is no address */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** @returns the body's text, empty without one; a problem where it is too long, too deep or of too many values */
async function readBody(request: Request, atMost: number): Promise<string | Problem> {
  try {
    const text = await textOf(request, atMost);
    requireBounded(text);
    return text;
  } catch (error) {
    if (error instanceof TRPCError) return problemOf(error);
    throw error;
  }
}

const bodySchema = z.record(z.string(), z.unknown());

function parseBody(text: string): Input | undefined {
  if (!text) return {};
  try {
    return bodySchema.safeParse(parseRowJson(text)).data;
  } catch {
    return undefined;
  }
}

async function callProcedure(
  route: Route,
  ctx: Context,
  input: Input,
  signal: AbortSignal,
): Promise<unknown> {
  return callTRPCProcedure({
    router: appRouter,
    path: route.name,
    type: route.type,
    ctx,
    getRawInput: async () => input,
    signal,
    batchIndex: 0,
  });
}

async function call(route: Route, request: Request, context: Context, input: Input): Promise<Reply> {
  try {
    const body = await callProcedure(route, context, input, request.signal);
    return body === undefined ? { status: 204 } : { status: 200, body };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    const body = problemOf(error);
    if (body.status === 500)
      log.error({ err: error.cause ?? error, operation: route.name }, "operation failed");
    return { status: body.status, body };
  }
}

function respond({ status, body }: Reply, headers: Record<string, string> = {}): Response {
  if (status === 204) return new Response(null, { status, headers });
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(writeJson(body), {
    status,
    headers: { ...headers, "content-type": type, "cache-control": "no-store" },
  });
}

const asyncIterable = z.custom<AsyncIterable<unknown>>(
  (value) => typeof value === "object" && value !== null && Symbol.asyncIterator in value,
);

/** Server-sent events. A reader that comes back sends `Last-Event-ID` and misses nothing. */
async function stream(route: Route, request: Request, context: Context, input: Input): Promise<Response> {
  const signal = joined(request, shutdownSignal());
  const lastEventId = request.headers.get("last-event-id") ?? undefined;
  let events: AsyncIterator<unknown>;
  try {
    const result = await callProcedure(route, context, { lastEventId, ...input }, signal);
    events = asyncIterable.parse(result)[Symbol.asyncIterator]();
  } catch (cause) {
    return problemResponse(problemOf(getTRPCErrorFromUnknown(cause)));
  }
  const text = new ReadableStream<string>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done) controller.close();
      else controller.enqueue(eventText(value));
    },
    async cancel() {
      await events.return?.();
    },
  });
  return new Response(text.pipeThrough(new TextEncoderStream()), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

function eventText(event: unknown): string {
  const [id, data] = isTrackedEnvelope<unknown>(event) ? event : [undefined, event];
  return `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data ?? null)}\n\n`;
}
