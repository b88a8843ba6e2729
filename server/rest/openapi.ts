import manifest from "../../package.json";
import type { RestRoute } from "../trpc";
import { type FileOperation, fileOperations } from "./files";
import { type Route, routes } from "./routes";

type Json = Record<string, unknown>;

const problemSchema: Json = {
  type: "object",
  properties: {
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: { field: { type: "string" }, message: { type: "string" } },
        required: ["field", "message"],
      },
    },
  },
  required: ["title", "status", "detail"],
};

const DESCRIPTION = `Everything a person can do here, for programs. Send an API token with each request:
\`Authorization: Bearer concord_…\`. Lists come in pages: send \`cursor\` with the \`nextCursor\` of the page before,
until it is null. Errors are problem+json (RFC 9457). A request that changes something may carry an
\`Idempotency-Key\`: repeated within 24 hours, it is answered with the first reply and changes nothing again.
Long operations are runs: poll the run, or read its event stream.`;

interface Operation extends Json {
  operationId: string;
  tags: string[];
  summary: string;
}

export interface OpenApi extends Json {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
}

/** The HTTP API as an OpenAPI 3.1 document, made from the same schemas that check its requests. */
export function openApi(): OpenApi {
  const schemas: Json = { Problem: problemSchema };
  const paths: Record<string, Record<string, Operation>> = {};
  const add = ({ path, method }: RestRoute, operation: Operation) => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  };
  for (const route of routes()) add(route, operationOf(route, schemas));
  for (const file of fileOperations) add(file, fileOperation(file));
  return {
    openapi: "3.1.0",
    info: { title: "Concord", version: manifest.version, description: DESCRIPTION },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }],
    paths,
    components: { schemas, securitySchemes: { token: { type: "http", scheme: "bearer" } } },
  };
}

function operationOf(route: Route, schemas: Json): Operation {
  const { name, input, parameters: inPath } = route;
  const inBody = route.method !== "GET" && route.method !== "DELETE";
  const rest = Object.keys(input.properties).filter((property) => !inPath.includes(property));
  const parameter = (property: string, where: "path" | "query") => ({
    name: property,
    in: where,
    required: where === "path" || input.required.includes(property),
    schema: hoisted(input.properties[property] ?? {}, name, schemas, input.$defs),
  });
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary: route.summary,
    parameters: [
      ...inPath.map((property) => parameter(property, "path")),
      ...(inBody ? [] : rest.map((property) => parameter(property, "query"))),
    ],
    ...(inBody && rest.length > 0 && { requestBody: requestBody(route, rest, schemas) }),
    responses: {
      ...success(route, schemas),
      default: failure,
    },
  };
}

const nounOf = (name: string) => name.split(".")[0] ?? name;

const failure: Json = {
  description: "What went wrong",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function fileOperation({ name, summary, parameters, takes, gives }: FileOperation): Operation {
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary,
    parameters: parameters.map((parameter) => ({
      name: parameter,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...(takes && { requestBody: { required: true, content: { [takes]: {} } } }),
    responses: { 200: { description: "The file", content: { [gives]: {} } }, default: failure },
  };
}

function requestBody({ name, input }: Route, properties: string[], schemas: Json): Json {
  const required = input.required.filter((property) => properties.includes(property));
  const schema = {
    // A choice between shapes has no properties of its own.
    ...input,
    properties: Object.fromEntries(properties.map((property) => [property, input.properties[property]])),
    required,
  };
  return {
    required: required.length > 0,
    content: { "application/json": { schema: hoisted(schema, name, schemas, input.$defs) } },
  };
}

function success({ type, name, output }: Route, schemas: Json): Json {
  if (type === "subscription") {
    return { 200: { description: "Events as they happen", content: { "text/event-stream": {} } } };
  }
  if (!output) return { 204: { description: "Done" } };
  const schema = hoisted(output, name, schemas, output.$defs);
  return { 200: { description: "The result", content: { "application/json": { schema } } } };
}

/** Shapes that contain themselves refer to `#/$defs/…`; in this document they live among the components. */
function hoisted(schema: Json, name: string, schemas: Json, definitions: unknown): unknown {
  const moved = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', `"#/components/schemas/${name}.`));
  for (const [key, definition] of Object.entries(definitions ?? {})) {
    schemas[`${name}.${key}`] = moved(definition);
  }
  const { $defs: _, ...own } = schema;
  return moved(own);
}
