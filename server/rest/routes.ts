import { z } from "zod";
import { appRouter } from "../root";
import type { RestRoute } from "../trpc";

/** A procedure as an operation of the HTTP API. */
export interface Route extends RestRoute {
  /** `noun.verb`. */
  name: string;
  type: "query" | "mutation" | "subscription";
  input: JsonObjectSchema;
  /** Absent: the operation answers with nothing. */
  output?: Record<string, unknown>;
  /** Names in braces in the path, in order. */
  parameters: string[];
}

export const jsonObjectSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({})).default({}),
  required: z.array(z.string()).default([]),
});
export type JsonObjectSchema = z.infer<typeof jsonObjectSchema>;

/** What tRPC keeps about a procedure; its own types hide the schemas. */
const definition = z.object({
  type: z.enum(["query", "mutation", "subscription"]),
  meta: z
    .object({
      rest: z
        .object({
          method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
          path: z.templateLiteral(["/", z.string()]),
          summary: z.string(),
          secret: z.literal(true).optional(),
          rows: z.literal(true).optional(),
          events: z.instanceof(z.ZodType).optional(),
        })
        .optional(),
    })
    .optional(),
  inputs: z.array(z.instanceof(z.ZodType)).default([]),
  output: z.instanceof(z.ZodType).optional(),
});

let known: Route[] | undefined;

/** Every operation, literal paths before those with a parameter in the same place. */
export function routes(): Route[] {
  known ??= Object.entries(appRouter._def.procedures)
    .flatMap(([name, procedure]) => routeOf(name, procedure) ?? [])
    .sort((a, b) => a.parameters.length - b.parameters.length || a.path.localeCompare(b.path));
  return known;
}

function routeOf(name: string, procedure: unknown): Route | undefined {
  if (typeof procedure !== "function" || !("_def" in procedure)) return undefined;
  const { type, meta, inputs, output } = definition.parse(procedure._def);
  if (!meta?.rest) return undefined;
  return {
    ...meta.rest,
    name,
    type,
    input: merged(inputs.map((schema) => jsonObjectSchema.parse(jsonSchema(schema, "input")))),
    output: output && jsonSchema(output, "output"),
    parameters: [...meta.rest.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter ?? ""),
  };
}

/** A zod schema as JSON Schema; `$defs` only where a shape contains itself. */
export function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    // The format says it better than a pattern of two hundred characters.
    override: ({ jsonSchema: json }) => {
      if (json.format === "uuid" || json.format === "date-time" || json.format === "date")
        delete json.pattern;
    },
    // JSON has no dates: they travel as RFC 3339 text.
    unrepresentable: ({ zodSchema }) =>
      zodSchema._zod.def.type === "date" ? { type: "string", format: "date-time" } : "any",
  });
  return json;
}

/** A procedure that builds on another one adds to its input: `projectId`, then the rest. */
function merged(parts: JsonObjectSchema[]): JsonObjectSchema {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return {
    type: "object",
    properties: Object.assign({}, ...parts.map((part) => part.properties)),
    required: [...new Set(parts.flatMap((part) => part.required))],
    $defs: Object.assign({}, ...parts.map((part) => part.$defs)),
  };
}

export type Match =
  | { route: Route; parameters: Record<string, string> }
  /** No such path, or none for this method. */
  | { allowed: string[] };

/** Finds the operation of a request. `path` is what follows `/api/v1`. */
export function matchRoute(method: string, path: string): Match {
  const allowed: string[] = [];
  for (const route of routes()) {
    const parameters = matchPath(route, path);
    if (!parameters) continue;
    if (route.method === method) return { route, parameters };
    allowed.push(route.method);
  }
  return { allowed };
}

function matchPath(route: Route, path: string): Record<string, string> | undefined {
  const expected = route.path.split("/");
  const given = path.split("/");
  if (expected.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith("{")) parameters[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
}
