import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { languageSchema } from "../content/schema";
import { answersSchema, questionSchema } from "../form/schema";

/** Whoever judged in the imported study. `label`: the file states a verdict but not whose it is. */
const importedRaterSchema = z.object({
  id: z.string().min(1),
  kind: z.enum(["person", "model", "label"]),
});
export type ImportedRater = z.infer<typeof importedRaterSchema>;

/** A judgement that comes with the file: answers to the questions it was asked, in the record's response order. */
const judgementSchema = z.object({
  rater: importedRaterSchema,
  questions: z.array(questionSchema),
  answers: answersSchema,
  at: z.date().optional(),
});
export type Judgement = z.infer<typeof judgementSchema>;

const metadata = z.record(z.string(), z.unknown());

const importedResponseSchema = z.object({
  /** What raters read: the reply, or a whole exchange when the alternatives span several turns. */
  content: z.string(),
  source: z.string().optional(),
  externalId: z.string().optional(),
  /** `messages` holds the turns when the reply has more than one. */
  metadata,
});
export type ImportedResponse = z.infer<typeof importedResponseSchema>;

const importedPromptSchema = z.object({
  messages: z.array(messageSchema),
  tools: z.array(z.unknown()).optional(),
  language: languageSchema.optional(),
  domain: z.string().optional(),
  source: z.string().optional(),
  externalId: z.string().optional(),
  metadata,
});
export type ImportedPrompt = z.infer<typeof importedPromptSchema>;

/** What every file shape is converted to: one task, with the judgements that already exist. */
const importRecordSchema = z.object({
  prompt: importedPromptSchema,
  responses: z.array(importedResponseSchema),
  judgements: z.array(judgementSchema),
});
export type ImportRecord = z.infer<typeof importRecordSchema>;

/** Where something stands in the import. Rows count from 1 without the header; lines as an editor shows them. */
const placeSchema = z.object({
  file: z.string(),
  row: z.number().int().optional(),
  line: z.number().int().optional(),
});
export type Place = z.infer<typeof placeSchema>;

/**
 * Everything an import recognises as wrong or worth knowing. An `error` keeps the row (or file) out, a `warning`
 * imports it and says so.
 */
export const problemCatalogue = {
  "unrecognised-shape": {
    severity: "error",
    advice: "Choose which columns hold the prompt and the responses, or convert the file to a known shape.",
  },
  "unsupported-format": {
    severity: "error",
    advice: "Provide JSONL, a JSON array, CSV, TSV or Parquet, plain or gzipped.",
  },
  "git-lfs-pointer": {
    severity: "error",
    advice: "Run `git lfs pull` where the file came from and import the real file.",
  },
  "web-page": {
    severity: "error",
    advice: "The download was answered with a web page. Download the raw file, signed in if it needs it.",
  },
  "empty-file": { severity: "error", advice: "Check that the file was written and copied completely." },
  "no-rows": { severity: "error", advice: "Check that this is the file you meant." },
  "truncated-gzip": { severity: "error", advice: "Copy or download the file again; its end is missing." },
  "unpacks-too-far": {
    severity: "error",
    advice: "Split the file, or import it without compression.",
  },
  "too-many-rows": { severity: "error", advice: "Import the rows in several files, one after the other." },
  "corrupt-gzip": { severity: "error", advice: "Copy or download the file again; its bytes are damaged." },
  "truncated-json": { severity: "error", advice: "Copy or export the file again; its end is missing." },
  "corrupt-parquet": { severity: "error", advice: "Copy or export the file again." },
  "wrong-encoding": {
    severity: "error",
    advice: "Save the file as UTF-8, or choose its encoding in the import.",
  },
  "utf-16": { severity: "warning", advice: "Nothing to do: the text was converted to UTF-8." },
  "byte-order-mark": { severity: "warning", advice: "Nothing to do: the mark was left out." },
  "bad-json": { severity: "error", advice: "Correct the row; every row must be one valid JSON object." },
  "not-an-object": { severity: "error", advice: "Give each row as an object with named fields." },
  "row-too-long": { severity: "error", advice: "Split the row, or remove what does not belong in it." },
  "nested-too-deep": { severity: "error", advice: "Remove what does not belong in the row." },
  "bad-quoting": {
    severity: "error",
    advice: 'Quote cells with " and double the quotes inside them.',
  },
  "column-count": { severity: "error", advice: "Give the row as many cells as the header." },
  "missing-companion": { severity: "error", advice: "Add the named file to the same import." },
  "missing-reference": { severity: "error", advice: "Add the row it refers to, or leave this row out." },
  "wrong-type": { severity: "error", advice: "Correct the field." },
  "wrong-role": { severity: "error", advice: "Use the roles system, user, assistant and tool." },
  media: {
    severity: "error",
    advice: "Leave the row out, or describe in the prompt's text what it shows and remove the field.",
  },
  "no-prompt": { severity: "error", advice: "Give the prompt in a field of its own." },
  "no-reply": { severity: "error", advice: "End the conversation with a reply of the assistant." },
  "open-conversation": {
    severity: "warning",
    advice: "Nothing to do: it is a prompt to be answered. To teach a reply, end the conversation with it.",
  },
  "weight-zero": {
    severity: "warning",
    advice: "Nothing to do: a reply that is not to be learnt is no demonstration.",
  },
  "empty-prompt": { severity: "error", advice: "Fill the prompt or leave the row out." },
  "empty-reply": { severity: "error", advice: "Fill the reply or leave the row out." },
  "empty-model-reply": {
    severity: "warning",
    advice:
      "Nothing to do: the empty reply was kept, because it is what its named source gave or raters judged.",
  },
  "converted-value": {
    severity: "warning",
    advice: "Nothing to do: the value was taken as the text it spells.",
  },
  "identical-replies": {
    severity: "error",
    advice: "A choice between equal texts teaches nothing: leave the row out.",
  },
  "same-text": { severity: "warning", advice: "Nothing to do: both replies were kept, with their sources." },
  "bad-answer": { severity: "error", advice: "Correct the judgement or leave it out." },
  "no-verdict": {
    severity: "warning",
    advice: "Nothing to do: the texts were imported without this judgement.",
  },
  "bad-language": {
    severity: "warning",
    advice: "The prompt was imported without a language. Use tags such as en, ar or pt-BR.",
  },
  "nul-character": {
    severity: "error",
    advice: "Remove the character U+0000; no database text can hold it.",
  },
  "lone-surrogate": {
    severity: "error",
    advice: "Half of a character was cut off. Export the row again without cutting inside characters.",
  },
  "line-separator": {
    severity: "warning",
    advice: "Nothing to do: it was kept. Tools that split lines at U+2028 would break this row.",
  },
  "replacement-character": {
    severity: "warning",
    advice: "The text was damaged by an earlier conversion; compare it with its source.",
  },
  "special-token": {
    severity: "warning",
    advice: "Nothing to do: it is kept as text. Check that no chat template was applied before the export.",
  },
  "several-turns": {
    severity: "warning",
    advice: "Nothing to do: the alternatives differ in several turns and are judged as whole exchanges.",
  },
  "never-chosen": {
    severity: "error",
    advice:
      "Nothing to do: what a model wrote under attack is no reply to learn from. To have it rejected, freeze a version in the project of the attack.",
  },
  "benchmark-canary": {
    severity: "warning",
    advice: "The authors ask that this benchmark never enters training data. Use it for evaluation only.",
  },
  "unused-column": {
    severity: "warning",
    advice: "Choose the columns yourself to take it over; as it is, its values are kept as metadata.",
  },
  "revised-judgement": {
    severity: "warning",
    advice:
      "The earlier judgement is kept in the history. To keep it in force, import with corrections: none.",
  },
  "kept-judgement": {
    severity: "warning",
    advice: "To let the file's judgement take its place, import with corrections: all.",
  },
  "other-details": {
    severity: "warning",
    advice: "The text was imported once, with the first row's details. Join the rows if the others matter.",
  },
  duplicate: { severity: "warning", advice: "Nothing to do: it was imported once." },
  "repeated-judgement": {
    severity: "warning",
    advice: "Nothing to do: the same rater's first judgement of this task was kept.",
  },
} as const satisfies Record<string, { severity: "error" | "warning"; advice: string }>;

export type ProblemCode = keyof typeof problemCatalogue;
const problemCodes = z.custom<ProblemCode>(
  (value) => typeof value === "string" && Object.hasOwn(problemCatalogue, value),
  "unknown problem code",
);

export const problemSchema = placeSchema.extend({
  code: problemCodes,
  severity: z.enum(["error", "warning"]),
  field: z.string().optional(),
  message: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A column, or a place within one: `labels.better`, `turns[-1].text`, `turns[:-1]`, `replies[*].text`. */
const path = z.string().min(1).max(500);

const saidSchema = z.union([z.string(), z.number(), z.boolean()]);

/**
 * Which values of a column mean one thing, one or several: a text is the value itself, a comparison of numbers
 * (`> 3`, `>= 3`, `< 0`, `<= 0`, `= 0`), or what another column of the row says (`{{model_a}}`).
 */
const whenSchema = z.union([saidSchema, z.array(saidSchema).min(1).max(100)]);
export type When = z.infer<typeof whenSchema>;

/** What is asked of each response stands in one column for each of them, or in one column as a list. */
const perResponse = z.array(path).min(1).max(26);
const mappedId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, "Use lower-case letters, digits and _, starting with a letter.");
const mappedLabel = z.string().trim().min(1).max(120).optional();

const mappedVerdictSchema = z.strictObject({
  column: path,
  first: whenSchema,
  second: whenSchema,
  tie: whenSchema.optional(),
  bothBad: whenSchema.optional(),
  /** Values that are no verdict; so is an empty cell. */
  none: whenSchema.optional(),
  /** How much better; an empty cell leaves it open. The strongest that fits is meant. */
  strength: z
    .strictObject({
      column: path,
      slightly: whenSchema.optional(),
      clearly: whenSchema.optional(),
      much: whenSchema.optional(),
    })
    .refine(({ slightly, clearly, much }) => (slightly ?? clearly ?? much) !== undefined, {
      message: "Say which values mean slightly, clearly or much better.",
    })
    .optional(),
});

const mappedRatingSchema = z
  .strictObject({
    id: mappedId,
    label: mappedLabel,
    per: z.enum(["response", "task"]).default("response"),
    min: z.number().int().min(0).max(10),
    max: z.number().int().min(1).max(100),
    attributes: z
      .array(
        z.strictObject({
          id: mappedId,
          label: mappedLabel,
          columns: perResponse,
          /** Words that stand for numbers. */
          values: z.record(z.string(), z.number().int()).optional(),
        }),
      )
      .min(1)
      .max(12),
  })
  .refine(({ min, max }) => min < max, { path: ["max"], message: "max must be above min." });

const mappedChoiceSchema = z.strictObject({
  id: mappedId,
  label: mappedLabel,
  per: z.enum(["response", "task"]).default("task"),
  /** Whether a cell may hold several, as a list. */
  multiple: z.boolean().default(false),
  columns: perResponse,
  options: z
    .array(
      z.strictObject({
        value: z.string().trim().min(1).max(80),
        label: mappedLabel,
        /** The values that mean this option; absent: its own. */
        when: whenSchema.optional(),
      }),
    )
    .min(2)
    .max(40),
});

/** Which columns hold what, chosen by a person in the preview when no shape fits. The same object in API and CLI. */
export const columnMappingSchema = z
  .strictObject({
    /** A text with `{{column}}` where cells go; `{{column}}` alone takes the column as it is, also as messages. */
    prompt: z
      .string()
      .max(20_000)
      .regex(/\{\{[^{}]+\}\}/, "Name at least one column, as {{column}}."),
    system: path.optional(),
    tools: path.optional(),
    /** A column with `[*]` gives one response for each element; `sourceColumn` and `id` follow it by place. */
    responses: z
      .array(
        z.strictObject({
          column: path,
          source: z.string().min(1).optional(),
          sourceColumn: path.optional(),
          id: path.optional(),
        }),
      )
      .max(26)
      .default([]),
    /** A reply written by a person, or taken as right. */
    demonstration: path.optional(),
    /**
     * Which of the two responses is better, and how the column says so. A column with `[*]`, as `annotations[*].winner`,
     * gives one judgement for each element: with the rater, the time and whatever else is read from the same list.
     */
    preference: mappedVerdictSchema.optional(),
    /** `ranks`: 1 (or 0) the best. `scores`: the highest the best. `order`: the best first, by letter, number or source; one alone is the winner. */
    ranking: z.strictObject({ columns: perResponse, as: z.enum(["ranks", "scores", "order"]) }).optional(),
    ratings: z.array(mappedRatingSchema).max(12).default([]),
    choices: z.array(mappedChoiceSchema).max(12).default([]),
    rationale: path.optional(),
    rater: path.optional(),
    raterKind: z.enum(["person", "model"]).default("person"),
    /** When it was judged: ISO 8601 (UTC where it names no zone), or seconds or milliseconds since 1970. */
    time: path.optional(),
    language: path.optional(),
    domain: path.optional(),
    source: path.optional(),
    externalId: path.optional(),
  })
  .superRefine(({ preference, ranking, ratings, choices }, context) => {
    if (preference && ranking)
      context.addIssue({
        code: "custom",
        path: ["ranking"],
        message: "Map a preference or a ranking, not both.",
      });
    const seen = new Set<string>(["better", "better_by", "ranking", "demonstration", "rationale"]);
    for (const [list, questions] of Object.entries({ ratings, choices }))
      questions.forEach(({ id }, index) => {
        if (seen.has(id))
          context.addIssue({
            code: "custom",
            path: [list, index, "id"],
            message: `The id "${id}" is taken.`,
          });
        seen.add(id);
      });
  });
export type ColumnMapping = z.infer<typeof columnMappingSchema>;
export type ColumnMappingInput = z.input<typeof columnMappingSchema>;

export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "gb18030", "shift_jis"] as const;

/** How to read the files. Everything is found out when left open. */
export const importOptionsSchema = z.strictObject({
  shape: z.string().optional(),
  mapping: columnMappingSchema.optional(),
  encoding: z.enum(encodings).optional(),
  /** For rows that do not say it themselves. */
  language: languageSchema.optional(),
  domain: z.string().trim().min(1).max(200).optional(),
  source: z.string().trim().min(1).max(200).optional(),
  /** What single replies (SFT rows) become: demonstrations as they are, or responses to be judged. */
  replies: z.enum(["demonstration", "response"]).default("demonstration"),
  /** Whether judgements stated in the file are taken over. */
  judgements: z.boolean().default(true),
  /**
   * Whose judgements take the place of those that an earlier import brought for the same task: those of raters whom
   * the file names (each is a revision of the rater's own), those of labels without a name as well, or nobody's.
   */
  corrections: z.enum(["named", "all", "none"]).default("named"),
});
export type ImportOptions = z.infer<typeof importOptionsSchema>;

const mappingName = z.string().trim().min(1).max(120);

/** The same as they are asked for: a saved mapping goes by its name. */
const requestedOptionsSchema = importOptionsSchema.extend({
  mapping: z.union([columnMappingSchema, mappingName]).optional(),
});
export type RequestedOptions = z.infer<typeof requestedOptionsSchema>;

export const savedMappingSchema = z.object({
  id: z.uuid(),
  name: mappingName,
  mapping: columnMappingSchema,
  createdAt: z.date(),
});
export type SavedMapping = z.infer<typeof savedMappingSchema>;
export type ImportOptionsInput = z.input<typeof importOptionsSchema>;

/** A file in the artifact store, under the name it was uploaded with. */
const uploadSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(500)
    .refine((name) => !name.includes("\0"), "A file name has no NUL."),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "Give the sha256 in hexadecimal, as the upload answered it."),
});

/** How an import is to be done. */
export const importSpecSchema = z.strictObject({
  files: z.array(uploadSchema).min(1).max(500),
  options: importOptionsSchema.prefault({}),
  /** Only say what would happen. */
  dryRun: z.boolean().default(false),
  /** `refuse`: a bad row stops the import, and nothing changes. `skip`: bad rows come back as a file. */
  badRows: z.enum(["refuse", "skip"]).default("refuse"),
  /**
   * How many raters shall judge each new task here, beside the judgements in the file. Absent: the project's overlap
   * for tasks without judgements, none for tasks that come with them; the check and the result then say in `seats`
   * what the desk is left with, and what asking experts would come to.
   */
  seats: z.number().int().min(0).max(100).optional(),
});
export type ImportSpec = z.infer<typeof importSpecSchema>;

/** The same as it is asked for. */
export const requestedImportSchema = importSpecSchema.extend({
  options: requestedOptionsSchema.prefault({}),
});
export type RequestedImport = z.infer<typeof requestedImportSchema>;

/** A shape of files that an import recognises. */
export const shapeSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Which columns a row has, in words. */
  looksLike: z.string(),
  /** Such files complete others of the same import and are read before them. */
  companion: z.boolean(),
  /** Its rows name tasks of another file, which belongs into the same import. */
  refers: z.boolean(),
  /** A row of it. */
  example: z.record(z.string(), z.unknown()),
});

/** A file as it was understood. */
const readFileSchema = z.object({
  name: z.string(),
  format: z.string().nullable(),
  shape: z.object({ id: z.string(), title: z.string() }).nullable(),
  /** Why it was taken for this shape; why it was refused. */
  reason: z.string(),
});

/** What a value of a file can become. Nothing of a row is left out: what no other place takes is metadata. */
const destinationSchema = z.enum(["prompt", "response", "judgement", "rater", "provenance", "metadata"]);
export type Destination = z.infer<typeof destinationSchema>;

/** A column of a file and what becomes of its values. */
const columnUseSchema = z.object({
  file: z.string(),
  name: z.string(),
  /** Rows taken over in which the column holds something. */
  rows: z.number().int(),
  /** Several for a conversation, which is a prompt and a reply; none where no row said. */
  goesTo: z.array(destinationSchema),
  /** What the column looks like although nothing reads it: its values are kept as metadata alone. */
  looksLike: z.enum(["prompt", "reply", "verdict", "score", "rater"]).optional(),
});
export type ColumnUse = z.infer<typeof columnUseSchema>;

/** What a column looks like, in words that complete "it looks like …". */
export const lookWords: Readonly<Record<NonNullable<ColumnUse["looksLike"]>, string>> = {
  prompt: "part of the prompt",
  reply: "a reply",
  verdict: "a verdict",
  score: "a score",
  rater: "a rater",
};

/** A place in the rows that a mapping can name, and the short values that stand there. */
const mappablePlaceSchema = z.object({
  path: z.string(),
  kind: z.enum(["text", "number", "conversation", "turn", "list", "object"]),
  values: z.array(z.string()),
});
export type MappablePlace = z.infer<typeof mappablePlaceSchema>;

/** What a row becomes, as the desk shows it, with what the file says about it. */
const shownRecordSchema = z.object({
  prompt: z.object({
    messages: z.array(messageSchema),
    tools: z.array(z.unknown()).nullable(),
    language: z.string().nullable(),
    domain: z.string().nullable(),
  }),
  responses: z.array(z.object({ content: z.string(), source: z.string().nullable() })),
  judgements: z.array(judgementSchema.omit({ at: true }).extend({ at: z.iso.datetime().nullable() })),
});

const shownRowSchema = z.object({
  row: z.number().int(),
  /** None where the row is refused, completes others, or says again what an earlier one said. */
  records: z.array(shownRecordSchema),
  problems: z.array(problemSchema),
});
export type ShownRow = z.infer<typeof shownRowSchema>;

/** What the preview shows of a file. */
export const filePreviewSchema = readFileSchema.extend({
  size: z.number().int(),
  columns: z.array(z.string()),
  /** The first rows as they stand there; long texts are shortened. */
  rows: z.array(z.record(z.string(), z.unknown())),
  problems: z.array(problemSchema),
  /** Other shapes that the first rows have. */
  alternatives: z.array(z.object({ id: z.string(), title: z.string(), looksLike: z.string() })),
  places: z.array(mappablePlaceSchema),
  /** A mapping to begin with, where the columns are to be chosen. */
  guess: columnMappingSchema.nullable(),
  /** Columns that look as if they mattered and are not used, each with the mapping that uses it where one is guessed. */
  unused: z.array(
    columnUseSchema.pick({ name: true, rows: true }).extend({
      looksLike: columnUseSchema.shape.looksLike.unwrap(),
      mapping: columnMappingSchema.nullable(),
    }),
  ),
  /** What the first rows become. */
  shown: z.array(shownRowSchema),
});
export type FilePreview = z.infer<typeof filePreviewSchema>;

/** What the files hold, and what is wrong with them. */
const importSurveySchema = z.object({
  files: z.array(readFileSchema),
  rows: z.number().int(),
  /** Records that can be imported. */
  records: z.number().int(),
  judgements: z.number().int(),
  /** What becomes of every column, file by file. */
  columns: z.array(columnUseSchema).default([]),
  /** How often each problem occurs. */
  problems: z.record(z.string(), z.number().int()),
  errors: z.number().int(),
  /** The first problems; `problems.jsonl` has more of them. */
  firstProblems: z.array(problemSchema),
  rejectedRows: z.number().int(),
  /** Problems and rows left out that were counted only: the files have room for so many. */
  unreported: z.number().int().default(0),
});
export type ImportSurvey = z.infer<typeof importSurveySchema>;

const newAndKnown = z.object({ added: z.number().int(), known: z.number().int() });

/** What an import changed. `known`: what the project had already. */
const importCountsSchema = z.object({
  prompts: newAndKnown,
  responses: newAndKnown,
  tasks: newAndKnown,
  judgements: newAndKnown,
  /** Of the known judgements, those that the files state otherwise and that were revised. */
  revised: z.number().int().default(0),
  raters: z.number().int(),
  preferences: z.number().int(),
  /** Questions that the project's form gained, so that imported answers have a place. */
  questions: z.array(z.string()),
});
export type ImportCounts = z.infer<typeof importCountsSchema>;

/** What an import leaves for the project's experts to judge. */
const importSeatsSchema = z.object({
  /** New tasks that the form asks something of: those that come with judgements, and those without. */
  tasks: z.object({ judged: z.number().int(), unjudged: z.number().int() }),
  /** How many experts are asked for each of them. */
  each: z.object({ judged: z.number().int(), unjudged: z.number().int() }),
  /** Judgements that experts are asked for in all: 0 leaves the desk as it is. */
  open: z.number().int(),
  /** How many raters judge each task of the project. */
  overlap: z.number().int(),
  /** How long a judgement takes: the project's median, or a guess where too few were timed. */
  secondsEach: z.number(),
  secondsFrom: z.enum(["project", "guess"]),
  /** The same in a sentence, with what else could be chosen. */
  says: z.string(),
});
export type ImportSeats = z.infer<typeof importSeatsSchema>;

/** The result of an import run; `counts` is absent after a dry run. */
export const importResultSchema = z.object({
  survey: importSurveySchema,
  counts: importCountsSchema.optional(),
  /** Absent in results of before. */
  seats: importSeatsSchema.optional(),
});
