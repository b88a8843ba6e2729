import { z } from "zod";
import { answerCases } from "@/workers/statistics/answer-cases";

const object = z.record(z.string(), z.unknown());

/** What one case is answered with, or its error in words. */
export function answered(fn: string, input: unknown, options: Record<string, unknown> = {}): unknown {
  const [found] = answerCases(JSON.stringify([{ id: "it", fn, input, ...options }]));
  return "error" in found ? found.error : found.value;
}

/** One field of an answer that is an object. */
export function field(name: string, fn: string, input: unknown, options?: Record<string, unknown>): unknown {
  return object.parse(answered(fn, input, options))[name];
}

export const number = (value: unknown) => z.number().parse(value);
export const list = (value: unknown) => z.array(z.number()).parse(value);
export const rows = (value: unknown) => z.array(z.array(z.number())).parse(value);

/** Turned round, as a list of places would be: a fixed order that is neither the first nor the last. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => [random(), value] as const)
    .sort(([one], [other]) => one - other)
    .map(([, value]) => value);
}
