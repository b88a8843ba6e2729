import { z } from "zod";
import type { Values } from "./options";
import { type Peft, peftOf } from "./peft-fields";

/** A run that is started over: what it was told. */
export interface Cloned {
  kind: string;
  spec: Record<string, unknown>;
}

const specSchema = z.looseObject({
  name: z.string().default(""),
  modelId: z.string().optional(),
  options: z.record(z.string(), z.unknown()).default({}),
  samplePrompts: z.array(z.string()).default([]),
  chatTemplate: z.string().default(""),
});

/** What a form about a run begins with, and what it was told; null where it begins anew. */
export const clonedSpec = (cloned: Cloned | undefined) => (cloned ? specSchema.parse(cloned.spec) : null);

/** What a cloned run trains: what it says, and nothing where it says nothing. */
export const clonedPeft = (before: NonNullable<ReturnType<typeof clonedSpec>>): Peft | null =>
  peftOf(before.options.peft) ?? null;

/**
 * The options that a run is started with: those of the form, and of a cloned run all that it had, also what this form
 * does not show, while the method stays. What is absent stays absent.
 * @param known the options that the form shows for the method
 * @param kept the options of the cloned run, where its method is the one chosen
 */
export function launchOptions({
  values,
  peft,
  known,
  kept,
}: {
  values: Values;
  /** Null leaves it out: every weight is trained, or the adapter that training goes on from decides. */
  peft: Peft | null;
  known: ReadonlySet<string>;
  kept: Values;
}): Record<string, unknown> {
  const chosen = Object.entries(values).filter(
    ([name, value]) => value !== undefined && name !== "peft" && (known.has(name) || name in kept),
  );
  return { ...Object.fromEntries(chosen), ...(peft ? { peft } : {}) };
}

/** One prompt a line, eight at most. */
export const promptsIn = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 8);
