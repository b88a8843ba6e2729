import { z } from "zod";

const jsonSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  items: z.unknown().optional(),
  prefixItems: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
});

/** Finds the names of other shapes in a text of `shapeText`. */
export const REFERENCE = /⟦(\w+)⟧/;

/** A JSON Schema as a reader of TypeScript sees it: `{ id: uuid, name?: string }`. */
export function shapeText(schema: unknown, indent = ""): string {
  const { data } = jsonSchema.safeParse(schema);
  if (!data) return "any";
  if (data.$ref) return `⟦${data.$ref.split("/").at(-1)}⟧`;
  if (data.const !== undefined) return JSON.stringify(data.const);
  if (data.enum) return data.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = data.anyOf ?? data.oneOf;
  if (choices) return choices.map((choice) => shapeText(choice, indent)).join(" | ");
  if (data.allOf) return data.allOf.map((part) => shapeText(part, indent)).join(" & ");
  if (data.prefixItems) return `[${data.prefixItems.map((item) => shapeText(item, indent)).join(", ")}]`;
  if (data.type === "array") return listText(shapeText(data.items, indent));
  if (data.properties) return objectText(data.properties, data.required, indent);
  if (data.type === "object") return `{ [name]: ${shapeText(data.additionalProperties, indent)} }`;
  return data.format ?? (typeof data.type === "string" ? data.type : (data.type?.join(" | ") ?? "any"));
}

const listText = (item: string) => (item.includes(" | ") ? `(${item})[]` : `${item}[]`);

function objectText(properties: Record<string, unknown>, required: string[], indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${inner}${name}${required.includes(name) ? "" : "?"}: ${shapeText(schema, inner)}`,
  );
  return lines.length ? `{\n${lines.join("\n")}\n${indent}}` : "{}";
}
