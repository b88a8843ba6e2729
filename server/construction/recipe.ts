import { z } from "zod";
import { InputError } from "../statistics/estimate";
import { orders } from "./mixing";
import { type StepName, steps } from "./steps";

/** How rows are chosen: sources, filters in their order, pairs, mixture. Whatever decides a row stands here. */

const field = z.string().min(1);
const positive = z.number().positive();
const count = z.int().positive();

const source = z.strictObject({
  /** Files of an ablation are called after it. */
  name: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, "write letters, digits, spaces and . _ -"),
  file: z.string().min(1),
  /** Of two duplicates that of the lower number stays: people 1, reviewed 2, models 3. */
  priority: z.int().default(1),
  weight: z.number().nonnegative().default(1),
  cap: count.nullable().default(null),
  stage: z.int().default(1),
});

const pairing = z.discriminatedUnion("by", [
  z.strictObject({
    by: z.literal("score"),
    prompt: field,
    answer: field,
    score: field,
    most: count.default(1),
    margin: z.number().nonnegative().default(0),
  }),
  z.strictObject({
    by: z.literal("source"),
    prompt: field,
    answer: field,
    source: field,
    /** From the better to the worse. */
    order: z.array(z.string()).min(2),
  }),
]);

const mixing = z.strictObject({
  total: count.nullable().default(null),
  temperature: positive.default(1),
  count_at_most: count.nullable().default(null),
  order: z.enum(orders).default("shuffled"),
  /** What the order goes by: a field with a number, or the length of the text in characters. */
  rank: field.default("length"),
  /** Seeds of mixtures that leave one source out each, at equal size; none by default. */
  ablation: z.array(z.int().nonnegative()).default([]),
});

const shape = z.strictObject({
  seed: z.int().nonnegative().default(1),
  sources: z.array(source).min(1),
  text: z.union([field.transform((one) => [one]), z.array(field).min(1)]),
  /** Fields by which losses are told apart. */
  by: z.array(field).default(["domain", "language"]),
  steps: z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).default([]),
  pair: pairing.optional(),
  mix: mixing.optional(),
});

interface RecipeStep {
  readonly name: StepName;
  readonly settings: Record<string, unknown>;
  readonly run: ReturnType<(typeof steps)[StepName]["with"]>["run"];
}

export type Recipe = Omit<z.output<typeof shape>, "steps"> & { readonly steps: readonly RecipeStep[] };

/**
 * @param place what the recipe is called in an error
 * @throws InputError naming place and field
 */
export function readRecipe(given: unknown, place: string): Recipe {
  const { steps: named, ...recipe } = checked(place, "", () => shape.parse(given));
  const names = recipe.sources.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined)
    throw new InputError(`${place}: two sources are called ${double}; give each a name of its own.`);
  const read = {
    ...recipe,
    steps: named.map((one, index) => {
      const entries = typeof one === "string" ? [[one, {}] as const] : Object.entries(one);
      const [[name, settings] = [""], ...more] = entries;
      if (more.length > 0 || !isStep(name))
        throw new InputError(
          `${place}: steps.${index}: ${more.length > 0 ? "one step has one name" : `${name || "an empty step"} is no step`}; write one of ${Object.keys(steps).join(", ")}, each with a "- " of its own.`,
        );
      return { name, ...checked(place, `steps.${index}.${name}`, () => steps[name].with(settings ?? {})) };
    }),
  };
  if (read.steps.findLastIndex(({ name }) => name === "scrub") > 0)
    throw new InputError(
      `${place}: steps: scrub comes first and once: what is drawn or compared before it would hold what it takes away.`,
    );
  return read;
}

const isStep = (name: string): name is StepName => Object.hasOwn(steps, name);

/** The files that steps name beside the sources. */
export const filesOf = ({ steps }: Recipe): string[] => [
  ...new Set(
    steps.flatMap(({ settings }) =>
      [settings.against, settings.seeds].flat().filter((path) => typeof path === "string"),
    ),
  ),
];

function checked<T>(place: string, way: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    const [{ path, message }] = cause.issues;
    const at = [...(way ? [way] : []), ...path].join(".");
    throw new InputError(`${place}: ${at ? `${at}: ` : ""}${message}.`, { cause });
  }
}
