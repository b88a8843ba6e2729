import { z } from "zod";
import { prefer } from "../integration/study";

/** Values that the schema alone does not tell. */
const VALUES: Record<string, unknown> = {
  answers: prefer("a"),
  domains: ["medicine"],
  idempotencyKey: "a key of this test",
  languages: ["en"],
  repository: "somebody/something",
  sha256: "0".repeat(64),
};

const schemaOf = z.looseObject({
  /** Several where null is allowed too. */
  type: z.union([z.string(), z.array(z.string()).transform(([first]) => first)]).optional(),
  enum: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
  format: z.string().optional(),
  minLength: z.number().default(1),
  minimum: z.number().default(1),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
});

/**
 * Some value that a schema accepts.
 * @param whole with everything that may be left out, too
 */
export function sample(property: string, schema: unknown, whole = false): unknown {
  if (property in VALUES) return VALUES[property];
  const {
    type,
    items,
    format,
    minLength,
    minimum,
    properties = {},
    required,
    ...rest
  } = schemaOf.parse(schema);
  if (rest.enum) return rest.enum[0];
  if (rest.anyOf) return sample(property, rest.anyOf[0], whole);
  if (format === "date-time") return "2026-01-01T00:00:00Z";
  switch (type) {
    case "string":
      return "x".repeat(minLength);
    case "integer":
    case "number":
      return minimum;
    case "boolean":
      return true;
    case "array":
      return [sample(property, items, whole)];
    default:
      return Object.fromEntries(
        (whole ? Object.keys(properties) : required).map((name) => [
          name,
          sample(name, properties[name], whole),
        ]),
      );
  }
}
