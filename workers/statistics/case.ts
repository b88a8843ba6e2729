import { z } from "zod";
import { numberOf } from "../../server/group";
import { InputError } from "../../server/statistics/estimate";

/** What a case gives besides its input and its options: read by people and by whoever compares, never by us. */
const DESCRIPTIVE = ["id", "fn", "expected", "by", "tol", "note", "data", "analytic"];

/** Computes one case: its fields in, its value out. */
export type Answer = (fields: Record<string, unknown>) => unknown;

/**
 * One function that cases may ask for: the shape of its input, the options beside it, and the answer. What neither names
 * is refused, since a misspelt option would otherwise be a wrong figure.
 */
export function answers<Input extends z.ZodType, Options extends z.ZodRawShape>(
  input: Input,
  options: Options,
  answer: (input: z.output<Input>, options: z.output<z.ZodObject<Options>>) => unknown,
): Answer {
  const shape = z.strictObject(options);
  return ({ input: givenInput, ...rest }) => {
    const given = Object.fromEntries(Object.entries(rest).filter(([key]) => !DESCRIPTIVE.includes(key)));
    const readInput = input.safeParse(givenInput);
    if (!readInput.success) throw new InputError(`input${problemsOf(readInput.error)}`);
    const readOptions = shape.safeParse(given);
    if (!readOptions.success) throw new InputError(`option${problemsOf(readOptions.error)}`);
    return answer(readInput.data, readOptions.data);
  };
}

/** The first few things that are wrong, each with its place. */
function problemsOf(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map(({ path, message }) => {
    const place = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
    return `${place}: ${message}`;
  });
  const more = error.issues.length - issues.length;
  return issues.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** A number, or in words what to write where there is none. */
export const number = z.number({
  error: ({ code, input }) =>
    code === "invalid_type" ? `${JSON.stringify(input) ?? "nothing"} is not a finite number` : undefined,
});
export const numbers = z.array(number);
export const maybe = z
  .number({
    error: ({ input }) => `${JSON.stringify(input)} is not a finite number; write null for a missing one`,
  })
  .nullable();
export const index = z.int().min(0);

/** Names as numbers from 0, in order of appearance. */
export function numbered(names: readonly (string | number)[]): Int32Array {
  const known = new Map<string | number, number>();
  return Int32Array.from(names, (name) => numberOf(known, name));
}
