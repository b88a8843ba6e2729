import { z } from "zod";
import type { JsonObjectSchema } from "./routes";

const property = z.looseObject({
  type: z.string().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});

/** Reads a query string as the input schema means it. What does not fit stays text, and validation names it. */
export function queryInput(query: URLSearchParams, input: JsonObjectSchema): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    const schema = alternative(input.properties[name]);
    result[name] =
      schema?.type === "array" ? values.map((value) => typed(value, schema.items)) : typed(values[0], schema);
  }
  return result;
}

/** Of "this or null", this. */
function alternative(schema: unknown): z.infer<typeof property> | undefined {
  const { data } = property.safeParse(schema);
  if (!data?.anyOf) return data;
  return data.anyOf.map((option) => alternative(option)).find((option) => option?.type !== "null");
}

function typed(text: string | undefined, schema: unknown): unknown {
  switch (alternative(schema)?.type) {
    case "integer":
    case "number":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    default:
      return text;
  }
}
