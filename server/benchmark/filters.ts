/** What is made of a model's texts before they are scored: lm-eval's filters by their names and options. */
import { z } from "zod";
import { InputError } from "../statistics/estimate";
import type { Document } from "./document";
import { findAll, pythonRegex } from "./python/regex";
import { strip } from "./python/space";
import type { FilterStep } from "./task";

/** The answers of one document, and what becomes of them. */
type Filter = (answers: readonly string[], document: Document) => string[];

const regexOptions = z.strictObject({
  function: z.string(),
  regex_pattern: z.string().default("#### (\\-?[0-9\\.\\,]+)"),
  group_select: z.int().default(0),
  fallback: z.string().default("[invalid]"),
});
const choiceOptions = regexOptions.extend({
  ignore_case: z.boolean().default(false),
  ignore_punctuation: z.boolean().default(false),
  regexes_to_ignore: z.array(z.string()).nullish(),
});
const bare = z.strictObject({ function: z.string() });

type Options<Shape extends z.ZodType> = z.infer<Shape>;
interface Kind {
  readonly make: (step: FilterStep, place: string) => Filter;
}

function kind<Shape extends z.ZodType>(
  shape: Shape,
  make: (options: Options<Shape>, place: string) => Filter,
): Kind {
  return {
    make(step, place) {
      const parsed = shape.safeParse(step);
      if (parsed.success) return make(parsed.data, place);
      const [{ path, message }] = parsed.error.issues;
      throw new InputError(`${place}.${path.join(".") || step.function}: ${message}.`);
    },
  };
}

const each =
  (change: (answer: string) => string): Filter =>
  (answers) =>
    answers.map(change);

const kinds: Readonly<Record<string, Kind>> = {
  regex: kind(regexOptions, ({ regex_pattern, group_select, fallback }, place) => {
    const pattern = pythonRegex(regex_pattern, `${place}.regex_pattern`);
    return each((answer) => {
      const match = selected(findAll(pattern, answer), group_select);
      return match === undefined ? fallback : strip(firstGroup(match) ?? fallback);
    });
  }),
  multi_choice_regex: kind(choiceOptions, multiChoice),
  remove_whitespace: kind(bare, () => each(strip)),
  lowercase: kind(bare, () => each((answer) => answer.toLowerCase())),
  uppercase: kind(bare, () => each((answer) => answer.toUpperCase())),
  map: kind(
    z.strictObject({
      function: z.string(),
      mapping_dict: z.record(z.string(), z.coerce.string()).default({}),
      default_value: z.coerce.string().optional(),
    }),
    ({ mapping_dict, default_value = "None" }) =>
      each((answer) => (Object.hasOwn(mapping_dict, answer) ? mapping_dict[answer] : default_value)),
  ),
  take_first: kind(bare, () => (answers) => answers.slice(0, 1)),
  take_first_k: kind(
    z.strictObject({ function: z.string(), k: z.int().positive() }),
    ({ k }) =>
      (answers) => {
        if (answers.length < k)
          throw new InputError(`take_first_k wants ${k} answers; set repeats to as many.`);
        return answers.slice(0, k);
      },
  ),
  majority_vote: kind(bare, () => (answers) => {
    const counts = new Map<string, number>();
    for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return [...counts]
      .filter(([, count]) => count === most)
      .map(([answer]) => answer)
      .slice(0, 1);
  }),
};

/**
 * The filters of one entry of filter_list as one: the answers of a document to the one that is scored.
 * @throws InputError naming a filter or an option that is not known
 */
export function filterOf(
  steps: readonly FilterStep[],
  place: string,
): (answers: readonly string[], document: Document) => string {
  const made = steps.map((step, index) => {
    if (!Object.hasOwn(kinds, step.function)) {
      const names = Object.keys(kinds).join(", ");
      throw new InputError(`${place}.filter.${index}.function: ${step.function} is not one of ${names}.`);
    }
    return kinds[step.function].make(step, `${place}.filter.${index}`);
  });
  return (answers, document) => made.reduce((left, one) => one(left, document), [...answers])[0] ?? "";
}

type Match = string | string[];

const selected = (matches: readonly Match[], select: number): Match | undefined => {
  if (matches.length === 0) return undefined;
  const match = matches.at(select);
  if (match === undefined) throw new InputError(`group_select is ${select} of ${matches.length} matches.`);
  return match;
};

/** The first group that matched something; undefined where none did. */
const firstGroup = (match: Match): string | undefined =>
  typeof match === "string" ? match : match.find((group) => group !== "");

/** The answer's letter by the pattern, else by a choice's text, else by a letter after a colon. */
function multiChoice(
  {
    regex_pattern,
    group_select,
    fallback,
    ignore_case,
    ignore_punctuation,
    regexes_to_ignore,
  }: Options<typeof choiceOptions>,
  place: string,
): Filter {
  const pattern = pythonRegex(regex_pattern, `${place}.regex_pattern`);
  const ignored = (regexes_to_ignore ?? []).map((one) => pythonRegex(one, `${place}.regexes_to_ignore`));
  const bareText = (text: string) => {
    let left = ignored.reduce((rest, one) => rest.replace(one, ""), text);
    if (ignore_case) left = left.toLowerCase();
    return ignore_punctuation ? left.replace(/\p{P}/gu, "") : left;
  };
  const found = (regex: RegExp, text: string, letters: ReadonlyMap<string, string> = new Map()) => {
    const match = selected(findAll(regex, text), group_select);
    if (match === undefined) return "";
    const plain = strip(firstGroup(match) ?? "");
    return letters.get(plain) ?? plain;
  };
  return (answers, document) => {
    const { choices } = document;
    if (!Array.isArray(choices)) throw new InputError(`${place}: the documents have no list "choices".`);
    const letter = (index: number) => String.fromCharCode(65 + index);
    const texts = choices.map((choice) => bareText(strip(String(choice))));
    const byText = new Map(texts.map((text, index) => [text, `(${letter(index)})`]));
    const byLetter = new Map(texts.map((_, index) => [letter(index), `(${letter(index)})`]));
    const longest = [...texts].sort((a, b) => b.length - a.length);
    const anyText = new RegExp(longest.map(escaped).join("|"), "gu");
    const afterColon = new RegExp(`:\\s*(${[...byLetter.keys()].join("|")})`, "gu");
    return answers.map(
      (answer) =>
        found(pattern, answer) ||
        found(anyText, bareText(answer), byText) ||
        found(afterColon, answer, byLetter) ||
        fallback,
    );
  };
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
