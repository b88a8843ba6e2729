import manifest from "../../package.json";
import { jsonObjectSchema, jsonSchema, type Route, routes } from "../rest/routes";
import type { RestRoute } from "../trpc";
import { Components, type Json, pascal } from "./components";
import { type FileOperation, fileOperations } from "./files";
import { nouns } from "./names";
import { fieldErrorSchema, problemSchema, refusalResponses, refusalsOf } from "./responses";

const DESCRIPTION = `Everything a person can do here, for programs. Send an API token with each request:
\`Authorization: Bearer concord_…\`. Lists come in pages: send \`cursor\` with the \`nextCursor\` of the page before,
until it is null. Errors are problem+json (RFC 9457). A request that changes something may carry an
\`Idempotency-Key\`: repeated within 24 hours, it is answered with the first reply and changes nothing again.
A field that an operation does not know is refused. Long operations are runs: poll the run, or read its event stream.`;

interface Operation extends Json {
  operationId: string;
  tags: string[];
  summary: string;
  responses: Json;
}

export interface OpenApi extends Json {
  info: Json & { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: Json & { schemas: Record<string, Json> };
}

const IDEMPOTENCY_KEY = "IdempotencyKey";
const LAST_EVENT_ID = "LastEventId";

const sharedParameters: Json = {
  [IDEMPOTENCY_KEY]: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "The same key with the same request, within 24 hours: the first reply again, and nothing is changed.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
  },
  [LAST_EVENT_ID]: {
    name: "Last-Event-ID",
    in: "header",
    description: "The id of the last event that was read; the stream begins after it. 0: from the first.",
    schema: { type: "string", pattern: "^\\d{1,15}$" },
  },
  Range: {
    name: "Range",
    in: "header",
    description: "One range of bytes, such as `bytes=1000-`.",
    schema: { type: "string" },
  },
  IfRange: {
    name: "If-Range",
    in: "header",
    description:
      "The ETag of the part that is there already: the range is sent only if the file is still the same.",
    schema: { type: "string" },
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The ETag of what is there already: 304 if the file is still the same.",
    schema: { type: "string" },
  },
};
const shared = (name: string): Json => ({ $ref: `#/components/parameters/${name}` });

let document: OpenApi | undefined;

/** The HTTP API as an OpenAPI 3.1 document, made from the same schemas that check its requests. */
export function openApi(): OpenApi {
  document ??= make();
  return document;
}

function make(): OpenApi {
  const components = new Components();
  Object.assign(components.schemas, { Problem: problemSchema, FieldError: fieldErrorSchema });
  const paths: Record<string, Record<string, Operation>> = {};
  const add = ({ path, method }: RestRoute, operation: Operation) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of routes()) add(route, operationOf(route, components));
  for (const file of fileOperations) add(file, fileOperation(file, components));
  return {
    openapi: "3.1.0",
    info: {
      title: "Concord",
      version: manifest.version,
      description: DESCRIPTION,
      license: { name: "Apache 2.0", identifier: manifest.license },
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }],
    tags: Object.entries(nouns).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.schemas,
      parameters: sharedParameters,
      responses: refusalResponses,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, made under your account." },
      },
    },
  };
}

export const nounOf = (name: string) => name.split(".")[0] ?? name;

function operationOf(route: Route, components: Components): Operation {
  const { name, input, method, parameters: inPath } = route;
  const changes = method !== "GET";
  const takesBody = changes && method !== "DELETE";
  const rest = Object.keys(input.properties).filter((property) => !inPath.includes(property));
  const hasBody = takesBody && rest.length > 0;
  const parameter = (property: string, where: "path" | "query") => ({
    name: property,
    in: where,
    required: where === "path" || input.required.includes(property),
    schema: components.add(input.properties[property] ?? {}, pascal(name) + pascal(property), "input"),
  });
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary: route.summary,
    parameters: [
      ...inPath.map((property) => parameter(property, "path")),
      ...(takesBody
        ? []
        : rest
            .filter((property) => property !== "lastEventId")
            .map((property) => parameter(property, "query"))),
      ...(changes ? [shared(IDEMPOTENCY_KEY)] : []),
      ...(route.type === "subscription" ? [shared(LAST_EVENT_ID)] : []),
    ],
    ...(hasBody && { requestBody: requestBody(route, rest, components) }),
    responses: {
      ...success(route, components),
      ...refusalsOf({
        changes,
        body: hasBody ? "json" : "none",
        names: inPath.length > 0 || changes,
        asksPassword: "currentPassword" in input.properties,
      }),
    },
  };
}

function fileOperation(file: FileOperation, components: Components): Operation {
  const { name, summary, parameters, query, takes, gives } = file;
  const asked = query && jsonObjectSchema.parse(jsonSchema(query, "input"));
  const bytes: Json = { type: "string", contentMediaType: gives.media };
  const content = {
    [gives.media]: {
      schema: gives.schema
        ? components.add(jsonSchema(gives.schema, "output"), `${pascal(name)}Answer`, "output")
        : gives.media.startsWith("text/")
          ? { type: "string" }
          : { ...bytes, format: "binary" },
    },
  };
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary,
    parameters: [
      ...parameters.map((parameter) => ({
        name: parameter,
        in: "path",
        required: true,
        schema: parameter === "name" ? { type: "string" } : { type: "string", format: "uuid" },
        ...(parameter === "name" && { description: "As the run's files are listed; it may hold slashes." }),
      })),
      ...Object.entries(asked?.properties ?? {}).map(([property, schema]) => ({
        name: property,
        in: "query",
        required: false,
        schema: components.add(schema, pascal(name) + pascal(property), "input"),
      })),
      ...(gives.resumable ? ["Range", "IfRange", "IfNoneMatch"].map(shared) : []),
    ],
    ...(takes && {
      requestBody: { required: true, content: { [takes]: { schema: { type: "string", format: "binary" } } } },
    }),
    responses: {
      [gives.status]: {
        description: gives.schema ? "What was kept" : "The file",
        ...(gives.resumable && { headers: fileHeaders }),
        content,
      },
      ...(gives.resumable && {
        206: {
          description: "The part of the file that was asked for",
          headers: { ...fileHeaders, "Content-Range": header("`bytes FIRST-LAST/SIZE`") },
          content,
        },
        304: { description: "The file is still the same", headers: { ETag: fileHeaders.ETag } },
      }),
      ...refusalsOf({
        changes: false,
        body: takes ? "bytes" : "none",
        names: true,
        resumable: gives.resumable,
      }),
    },
  };
}

const header = (description: string): Json => ({ schema: { type: "string" }, description });
const fileHeaders = {
  ETag: header("The file's sha256, in quotes."),
  "Accept-Ranges": header("`bytes`"),
  "Content-Disposition": header("The name to keep it under."),
};

function requestBody({ name, input }: Route, properties: string[], components: Components): Json {
  const required = input.required.filter((property) => properties.includes(property));
  const { $defs: _, ...whole } = input;
  const schema = {
    // A choice between shapes has no properties of its own.
    ...whole,
    properties: Object.fromEntries(properties.map((property) => [property, input.properties[property]])),
    required,
  };
  return {
    required: required.length > 0,
    content: { "application/json": { schema: components.add(schema, `${pascal(name)}Body`, "input") } },
  };
}

function success({ type, name, method, output, events }: Route, components: Components): Json {
  const headers =
    method === "GET"
      ? {}
      : { headers: { "Idempotency-Replayed": header("`true` where it is the first reply again.") } };
  if (type === "subscription" && events) {
    const event = components.add(jsonSchema(events, "output"), `${pascal(name)}Event`, "output");
    return {
      200: {
        description: "Events as they happen: lines `id: …` and `data: …`, an empty line after each event.",
        content: {
          "text/event-stream": {
            schema: { type: "string", contentMediaType: "text/event-stream", contentSchema: event },
          },
        },
      },
    };
  }
  if (!output) return { 204: { description: "Done", ...headers } };
  const schema = components.add(output, `${pascal(name)}Answer`, "output");
  return { 200: { description: "The result", ...headers, content: { "application/json": { schema } } } };
}
