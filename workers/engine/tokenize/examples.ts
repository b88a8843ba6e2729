import { z } from "zod";
import { parseJson, plainNumbers, WrittenNumber, writeJson } from "../../../db/shape/written-json";
import { EngineError } from "../errors";

/** Rows of a dataset as they lie in the file: TRL's formats, conversational or plain. */

const turn = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(z.record(z.string(), z.unknown())), z.null()]).optional(),
});
export type Message = z.infer<typeof turn>;
/**
 * One turn of a conversation; templates may read further keys (name, tool_calls, reasoning_content, …). It stays as it
 * is, with its keys in their order.
 */
const message = z.custom<Message>((value) => turn.safeParse(value).success);

/** A side of a row: plain text, or the messages that follow the prompt's. */
export const text = z.union([z.string(), z.array(message)]);
export type Text = z.infer<typeof text>;

/** An object for the template, as it stands: `entriesOf` reads it in its order. */
const writtenObject = z.custom<Record<string, unknown>>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber),
);
const toolList = z.array(writtenObject);

/** What a template sees of a row, and therefore must come to it as it was written. */
const seenByTemplates = new Set([
  ...["prompt", "chosen", "rejected", "completion", "completions", "messages"],
  ...["tools", "chat_template_kwargs"],
]);

/** Function schemas and variables for the chat template. */
export const templateInputs = {
  /** Function schemas for the template: a list, or the list as a JSON string (Parquet keeps only that intact). */
  tools: z
    .union([
      toolList,
      z.null(),
      z.string().transform((json, context) => {
        const parsed = z.union([toolList, z.null()]).safeParse(parseOrNothing(json));
        if (parsed.success) return parsed.data;
        context.addIssue({ code: "custom", message: "must be a list of functions or such a list as JSON" });
        return z.NEVER;
      }),
    ])
    .optional(),
  chat_template_kwargs: writtenObject.nullish(),
};

const preference = z.object({ prompt: text.optional(), chosen: text, rejected: text, ...templateInputs });
const kto = z.object({ prompt: text, completion: text, label: z.boolean(), ...templateInputs });

/** k answers to one prompt with a score each, higher is better; equal scores are ties. */
const ranked = z.object({
  prompt: text,
  completions: z.array(text).min(2),
  scores: z.array(z.number()),
  ...templateInputs,
});

export const exampleShapes = {
  preference,
  reward: preference.extend({ margin: z.number().optional() }),
  kto,
  sft: z.union([
    z.object({ prompt: text, completion: text, ...templateInputs }),
    z.object({ messages: z.array(message).min(1), ...templateInputs }),
    z.object({ text: z.string() }),
  ]),
  ranked,
  /** A comparison and, if there is one, what the rater finds wrong with the rejected answer. */
  hindsight: preference.extend({ critique: z.string().optional() }),
  /** Answers whose quality is known: ranked, named or marked good or bad. */
  quality: z.union([
    ranked,
    z.object({ prompt: text, completion: text, quality: z.string().min(1), ...templateInputs }),
    kto,
  ]),
} as const;

export type ExampleKind = keyof typeof exampleShapes;
export type Example<Kind extends ExampleKind> = z.infer<(typeof exampleShapes)[Kind]>;
export type PreferenceExample = z.infer<typeof exampleShapes.preference>;
export type RewardExample = z.infer<typeof exampleShapes.reward>;
export type KtoExample = z.infer<typeof exampleShapes.kto>;
export type SftExample = z.infer<typeof exampleShapes.sft>;
export type RankedExample = z.infer<typeof exampleShapes.ranked>;
export type HindsightExample = z.infer<typeof exampleShapes.hindsight>;
export type QualityExample = z.infer<typeof exampleShapes.quality>;

export interface TemplateInputs {
  tools?: Record<string, unknown>[] | null;
  chat_template_kwargs?: Record<string, unknown> | null;
}

/** Where a row came from, for messages: "rows.jsonl, row 3". */
export interface Place {
  file: string;
  /** 1-based, as an editor counts lines. */
  row: number;
}

export const placeOf = ({ file, row }: Place) => `${file}, row ${row}`;

const expectations: Record<ExampleKind, string> = {
  preference: "chosen and rejected, and usually prompt: each a text or a list of messages of the same sort",
  reward: "chosen and rejected, and usually prompt: each a text or a list of messages of the same sort",
  kto: "prompt and completion (texts or lists of messages) and label (true or false)",
  sft: "prompt and completion, or messages, or text",
  hindsight: "prompt, chosen and rejected, and possibly critique (a text)",
  quality:
    "prompt, completions and scores, or prompt, completion and quality (a word) or label (true or false)",
  ranked: "prompt, completions (a list of texts or of lists of messages) and scores (a number for each)",
};

/**
 * Checks one parsed JSON value as a row of `kind`.
 * @throws EngineError naming file, row and field.
 */
export function parseExample<Kind extends ExampleKind>(
  kind: Kind,
  value: unknown,
  place: Place,
): z.infer<(typeof exampleShapes)[Kind]>;
export function parseExample(kind: ExampleKind, value: unknown, place: Place) {
  const parsed = exampleShapes[kind].safeParse(withPlainNumbers(value));
  if (!parsed.success) {
    throw new EngineError(
      `${placeOf(place)}: ${describeExampleIssue(parsed.error, value)}; a ${kind} row has ${expectations[kind]}.`,
    );
  }
  refuseLoneSurrogates(parsed.data, place);
  refuseMixedSides(parsed.data, place);
  if (
    "scores" in parsed.data &&
    Array.isArray(parsed.data.completions) &&
    Array.isArray(parsed.data.scores)
  ) {
    const [answers, scores] = [parsed.data.completions.length, parsed.data.scores.length];
    if (answers !== scores) {
      throw new EngineError(
        `${placeOf(place)}: scores has ${scores} numbers for ${answers} completions; give one for each.`,
      );
    }
  }
  return parsed.data;
}

/** Margins and scores are computed with. */
function withPlainNumbers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    seenByTemplates.has(name) ? item : plainNumbers(item),
  ]);
  return Object.fromEntries(entries);
}

function describeExampleIssue(error: z.ZodError, value: unknown): string {
  const issue = error.issues[0];
  if (issue === undefined) return "it cannot be read";
  if (issue.code === "invalid_union" && issue.path.length === 0) return "its keys are of no known form";
  const field = issue.path.join(".");
  if (field === "") return "it is not an object";
  const root = z.record(z.string(), z.unknown()).safeParse(value);
  const missing = root.success && issue.path.length === 1 && root.data[field] === undefined;
  return missing ? `${field} is missing` : `${field} is not valid`;
}

/** A half of a surrogate pair is no character: the reference cannot encode it and neither can a tokenizer. */
function refuseLoneSurrogates(row: object, place: Place): void {
  for (const [field, value] of Object.entries(row)) {
    if (value !== undefined && /\\ud[89a-f]/i.test(writeJson(value).replaceAll("\\\\", ""))) {
      throw new EngineError(
        `${placeOf(place)}: ${field} contains half a surrogate pair (\\ud800–\\udfff), which is no character; repair the text.`,
      );
    }
  }
}

function refuseMixedSides(row: object, place: Place): void {
  const sides = Object.entries(row).filter(([field]) =>
    ["prompt", "chosen", "rejected", "completion"].includes(field),
  );
  const [first] = sides;
  const odd = sides.find(([, value]) => Array.isArray(value) !== Array.isArray(first?.[1]));
  if (first !== undefined && odd !== undefined) {
    throw new EngineError(
      `${placeOf(place)}: ${first[0]} and ${odd[0]} differ in form, one a text and the other messages; give both in the same form.`,
    );
  }
  const empty = sides.find(
    ([field, value]) => field === "prompt" && Array.isArray(value) && value.length === 0,
  );
  if (empty !== undefined) {
    throw new EngineError(
      `${placeOf(place)}: prompt is an empty list of messages; give at least one message.`,
    );
  }
}

/** Whether nothing is said on this side: empty text, no messages, or messages that all have no content. */
function isEmptySide(side: Text): boolean {
  if (typeof side === "string") return side === "";
  return side.every(({ content, tool_calls }) => {
    const called = Array.isArray(tool_calls) && tool_calls.length > 0;
    return !called && (content === undefined || content === null || content.length === 0);
  });
}

/**
 * Training refuses a row with an empty side: there is nothing to learn from it, and it usually betrays a broken
 * export. (`npm run tokenize` shows what the reference would make of it.)
 * @throws EngineError naming file, row and field.
 */
export function refuseEmptySides(row: object, place: Place): void {
  for (const field of ["chosen", "rejected", "completion", "messages", "text"]) {
    const side = text.safeParse(Object.entries(row).find(([name]) => name === field)?.[1]);
    if (side.success && isEmptySide(side.data)) {
      throw new EngineError(`${placeOf(place)}: ${field} is empty; remove the row or fill in the text.`);
    }
  }
}

function parseOrNothing(json: string): unknown {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
