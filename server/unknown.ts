import { z } from "zod";

const schemaOf = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/**
 * The fields of a value that its schema does not know, as ways to them. A program that misspells a field would have
 * its wish silently ignored; the pages of the site, which are checked by the compiler, go on.
 */
export function unknownFields(value: unknown, schema: unknown, way = ""): string[] {
  const { data } = schemaOf.safeParse(schema);
  if (!data || typeof value !== "object" || value === null) return [];
  const below = (name: string | number) => (way ? `${way}.${name}` : String(name));
  const options = data.oneOf ?? data.anyOf;
  if (options) {
    // What one of the alternatives knows is known: which of them is meant, validation says.
    const each = options
      .filter((option) => fits(value, option))
      .map((option) => unknownFields(value, option, way));
    return each.toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => unknownFields(item, data.items, below(index)));
  const { properties, additionalProperties } = data;
  return Object.entries(value).flatMap(([name, part]) => {
    if (properties && Object.hasOwn(properties, name))
      return unknownFields(part, properties[name], below(name));
    if (properties && !additionalProperties) return [below(name)];
    return unknownFields(part, additionalProperties, below(name));
  });
}

const constant = z.looseObject({ const: z.unknown().optional() });

/** Whether a value can be meant for an alternative: its constant fields are those of the alternative. */
function fits(value: object, option: unknown): boolean {
  const { properties = {}, items } = schemaOf.safeParse(option).data ?? {};
  if (Array.isArray(value)) return items !== undefined;
  const given = new Map<string, unknown>(Object.entries(value));
  return Object.entries(properties).every(([name, part]) => {
    const { data } = constant.safeParse(part);
    return data?.const === undefined || data.const === given.get(name);
  });
}
