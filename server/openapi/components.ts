import { jsonSchema } from "../rest/routes";
import { named } from "./names";

export type Json = Record<string, unknown>;

/** Whether a schema says what comes in or what goes out: defaults may be left out of the one, and are in the other. */
export type Direction = "input" | "output";

/**
 * The schemas of a document, each once and under a name: those of `names.ts` under theirs, all others under the name
 * of what they stand in and of the field that holds them. Generators make a class of each, so a name is an interface.
 */
export class Components {
  readonly schemas: Record<string, Json> = {};
  /** The name of a shape, by its text. */
  readonly #names = new Map<string, string>();

  constructor() {
    for (const [name, schema] of Object.entries(named)) {
      const output = textOf(readable(jsonSchema(schema, "output"), "output"));
      this.#names.set(output, name);
      const input = textOf(readable(jsonSchema(schema, "input"), "input"));
      if (input !== output) this.#names.set(input, `${name}Input`);
    }
  }

  /** @returns the schema with every object, choice and list of values in it replaced by a reference */
  add(schema: Json, name: string, direction: Direction): Json {
    return this.#named(readable(schema, direction), name);
  }

  #named(schema: Json, wanted: string): Json {
    const { default: standard, description, ...shape } = schema;
    const beside = {
      ...(description === undefined ? {} : { description }),
      ...(standard === undefined ? {} : { default: standard }),
    };
    const text = textOf(shape);
    const known = this.#names.get(text);
    if (!known && !isNameable(shape)) return { ...this.#inside(shape, wanted), ...beside };
    const name = known ?? this.#free(wanted);
    if (!this.schemas[name]) {
      this.#names.set(text, name);
      // Its place is kept before what lies in it is named: what contains itself ends there.
      this.schemas[name] = shape;
      this.schemas[name] = this.#inside(shape, name);
    }
    return { $ref: `#/components/schemas/${name}`, ...beside };
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.schemas[name] || name in named; count++) name = `${wanted}${count}`;
    return name;
  }

  /** The same schema with references in the place of what has a name. */
  #inside(schema: Json, name: string): Json {
    const result: Json = { ...schema };
    const each = (value: unknown, nameOf: (key: string, part: Json) => string) =>
      Object.fromEntries(entriesOf(value).map(([key, part]) => [key, this.#named(part, nameOf(key, part))]));
    if (schema.properties) result.properties = each(schema.properties, (key) => name + pascal(key));
    if (isSchema(schema.items)) result.items = this.#named(schema.items, singular(name));
    if (isSchema(schema.additionalProperties))
      result.additionalProperties = this.#named(schema.additionalProperties, `${name}Value`);
    for (const choice of ["anyOf", "oneOf", "prefixItems"]) {
      const options = listOf(schema[choice]);
      if (options.length === 0) continue;
      const some = options.filter(({ type }) => type !== "null").length;
      result[choice] = options.map((option, index) =>
        this.#named(option, some > 1 ? `${name}${tagOf(option) ?? index + 1}` : name),
      );
    }
    const discriminator = this.#discriminator(result);
    return discriminator ? { ...result, discriminator } : result;
  }

  /** The field that tells the alternatives of a choice apart, where each is an object with a constant under it. */
  #discriminator({ oneOf }: Json): Json | undefined {
    const options = listOf(oneOf).map(({ $ref }) => String($ref));
    const constants = options.map((reference) => constantsOf(this.schemas[nameIn(reference)] ?? {}));
    const [first] = constants;
    const property = Object.keys(first ?? {}).find((key) => constants.every((one) => key in one));
    if (property === undefined) return undefined;
    const mapping = Object.fromEntries(
      options.map((option, index) => [constants[index]?.[property], option]),
    );
    return { propertyName: property, mapping };
  }
}

const nameIn = (reference: string) => reference.replace("#/components/schemas/", "");

const isSchema = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isSchema) : []);
const entriesOf = (value: unknown): [string, Json][] =>
  Object.entries(isSchema(value) ? value : {}).filter((entry): entry is [string, Json] => isSchema(entry[1]));

/** Objects with fields, choices between objects, and lists of values deserve a name. */
const isNameable = ({ properties, enum: values, oneOf, anyOf }: Json): boolean =>
  properties !== undefined ||
  (Array.isArray(values) && values.length > 1) ||
  listOf(oneOf).length > 1 ||
  listOf(anyOf).filter((option) => option.properties !== undefined).length > 1;

/** The values of an object's constant fields. */
function constantsOf(schema: Json): Record<string, string> {
  return Object.fromEntries(
    entriesOf(schema.properties).flatMap(([key, { const: value }]) =>
      typeof value === "string" ? [[key, value]] : [],
    ),
  );
}

/** What tells an alternative apart, as the end of its name. */
function tagOf(option: Json): string | undefined {
  const [value] = Object.values(constantsOf(option));
  return value && pascal(value);
}

/** `project.list` and `submitted_at` as `ProjectList` and `SubmittedAt`. */
export const pascal = (text: string) =>
  text.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const singular = (name: string) =>
  /ies$/.test(name) ? name.replace(/ies$/, "y") : /[^s]s$/.test(name) ? name.slice(0, -1) : `${name}Item`;

/** The text of a shape by which it is known again: the order of its fields says nothing. */
function textOf(schema: Json): string {
  const { default: _, description: __, ...shape } = schema;
  return JSON.stringify(shape, (_key, value: unknown) =>
    isSchema(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value,
  );
}

const isSafeBound = (value: unknown) =>
  typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER;

/**
 * A field. The default of one that comes in is told in words: openapi-typescript takes a field with a default for one
 * that is always there, and would ask for it.
 */
function fieldOf(schema: Json, direction: Direction): Json {
  const { default: standard, description, ...field } = readable(schema, direction);
  if (direction === "output" || standard === undefined)
    return {
      ...field,
      ...(description === undefined ? {} : { description }),
      ...(standard === undefined ? {} : { default: standard }),
    };
  const said = typeof description === "string" ? `${description} ` : "";
  return { ...field, description: `${said}Default: ${JSON.stringify(standard)}.` };
}

/** A schema as other people's generators can read it; it accepts the same values. */
function readable(schema: Json, direction: Direction): Json {
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    if (!isSchema(value)) return value;
    return readable(value, direction);
  };
  const result: Json = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      // What is named by people may have a keyword for its name; values are no schemas.
      key === "properties"
        ? Object.fromEntries(entriesOf(value).map(([name, part]) => [name, fieldOf(part, direction)]))
        : ["default", "enum", "const", "required"].includes(key)
          ? value
          : deep(value),
    ]),
  );
  // "Any text" is what a name is anyhow.
  if (isSchema(result.propertyNames) && JSON.stringify(result.propertyNames) === '{"type":"string"}')
    delete result.propertyNames;
  // A record of known names is an object with those fields.
  const { propertyNames, additionalProperties, ...record } = result;
  const keys = isSchema(propertyNames) && Array.isArray(propertyNames.enum) ? propertyNames.enum : [];
  if (keys.length > 0 && isSchema(additionalProperties))
    return {
      ...record,
      properties: Object.fromEntries(keys.map((key) => [key, additionalProperties])),
      additionalProperties: false,
    };
  if (result.type === "integer") {
    if (isSafeBound(result.minimum)) delete result.minimum;
    if (isSafeBound(result.maximum)) delete result.maximum;
  }
  const options = listOf(result.anyOf);
  if (options.length > 0 && options.every((option) => "const" in option)) {
    const values = options.map((option) => option.const);
    delete result.anyOf;
    result.type = values.every(Number.isInteger) ? "integer" : typeof values[0];
    result.enum = values;
  }
  if (result.prefixItems && result.items === false) {
    delete result.items;
    result.minItems = result.maxItems = listOf(result.prefixItems).length;
  }
  // A field that an operation does not know is refused (server/unknown.ts).
  if (direction === "input" && result.properties && result.additionalProperties === undefined)
    result.additionalProperties = false;
  return result;
}
