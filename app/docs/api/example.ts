import { z } from "zod";

const schemaOf = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  default: z.unknown().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  minimum: z.number().default(0),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
});

const TEXTS: Record<string, string> = {
  uuid: "00000000-0000-0000-0000-000000000000",
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  uri: "https://example.org",
};

/** The smallest value of a schema, to begin with: what has to be there, and nothing else. */
export function exampleOf(schema: unknown, schemas: Readonly<Record<string, unknown>>): unknown {
  const given = schemaOf.parse(schema ?? {});
  if (given.default !== undefined) return given.default;
  if (given.$ref) return exampleOf(schemas[given.$ref.split("/").at(-1) ?? ""], schemas);
  if (given.const !== undefined) return given.const;
  if (given.enum) return given.enum[0];
  const [choice] = given.oneOf ?? given.anyOf ?? [];
  if (choice !== undefined) return exampleOf(choice, schemas);
  switch (Array.isArray(given.type) ? given.type[0] : given.type) {
    case "string":
      return TEXTS[given.format ?? ""] ?? "…";
    case "integer":
    case "number":
      return given.minimum;
    case "boolean":
      return false;
    case "array":
      return given.minItems ? [exampleOf(given.items, schemas)] : [];
    case "object":
      return Object.fromEntries(
        given.required.map((name) => [name, exampleOf(given.properties?.[name], schemas)]),
      );
    default:
      return null;
  }
}
