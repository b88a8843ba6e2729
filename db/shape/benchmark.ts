/** What is stored of a benchmark. */
import { z } from "zod";

const count = z.number().int().min(0);

/** A file of a benchmark's data: its documents are asked about, or shots are taken from them. */
export const benchmarkFileSchema = z.object({
  name: z.string().min(1).max(500),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  holds: z.enum(["questions", "shots"]).default("questions"),
});
export type BenchmarkFile = z.infer<typeof benchmarkFileSchema>;

/** What is asked, of whichever model. */
export const askedBenchmarkSchema = z.object({
  suite: z.string().max(100).describe("A suite by name, or `own`: then `fields` says the whole task."),
  files: z
    .array(benchmarkFileSchema)
    .min(1)
    .max(200)
    .refine(
      (files) => new Set(files.map(({ name }) => name)).size === files.length,
      "Two files have one name.",
    )
    .refine(
      (files) => files.some(({ holds }) => holds === "questions"),
      "One file at least holds what is asked.",
    ),
  limit: z.int().min(1).nullable().default(null).describe("The first documents only; null for all."),
  shots: z.int().min(0).max(100).nullable().default(null).describe("Null: as many as the suite has."),
  chat: z.boolean().default(false).describe("Ask through the model's chat template."),
  cluster: z
    .string()
    .max(200)
    .nullable()
    .default(null)
    .describe("A field of the documents; those that share its value are not independent."),
  judgeModelId: z
    .uuid()
    .optional()
    .describe("A registered model that judges the answers, where the suite asks for one."),
  fields: z
    .string()
    .max(50_000)
    .default("")
    .describe("YAML: fields of a task, which win over the suite's. See workers/benchmark/README.md."),
});
export type AskedBenchmark = z.infer<typeof askedBenchmarkSchema>;

/** A figure of a benchmark with what it takes to read it. */
export const benchmarkFigureSchema = z.object({
  metric: z.string(),
  filter: z.string(),
  /** Null where it is undefined. */
  value: z.number().nullable(),
  /** Items, and the independent clusters of them. */
  n: count,
  clusters: count,
  /** The 95 % interval, and how it was made. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  interval: z.string(),
  /** A failed item counts as wrong, ties share the credit, answers are read as a reader would. */
  strict: z.object({ value: z.number(), failed: count, ties: count }).nullable(),
  /** Prompts of which the model did not read the beginning. */
  cut: count,
  setting: z.string(),
});
export type BenchmarkFigure = z.infer<typeof benchmarkFigureSchema>;

const taintCounts = {
  n: count,
  tainted: count,
  gram13: count,
  share8: count,
  exact: count,
};

/** What of a benchmark stands in the rows that the model, or one it was made from, was trained on. */
export const benchmarkContaminationSchema = z.object({
  ...taintCounts,
  /** Each version by itself. Empty: nothing that lies behind the model was trained here. */
  versions: z.array(z.object({ versionId: z.uuid(), ...taintCounts })),
  clean: z.array(benchmarkFigureSchema),
  dirty: z.array(benchmarkFigureSchema),
});
export type BenchmarkContamination = z.infer<typeof benchmarkContaminationSchema>;

/** By a field of the documents and its value. */
export const benchmarkGroupSchema = z.object({
  field: z.string(),
  kind: z.string(),
  figures: z.array(benchmarkFigureSchema),
});
export type BenchmarkGroup = z.infer<typeof benchmarkGroupSchema>;

/** How a document stands in training data. */
export interface ItemTaint {
  gram13: boolean;
  share8: number | null;
  exact: boolean;
  /** Where it was met first: the version, and its row by index. */
  versionId: string | null;
  row: number | null;
}

/** What was asked beside the prompt, and what came back. */
export interface ItemAsked {
  /** What may follow, one each; of generated texts none. */
  continuations: string[];
  /** As it would be said: of choices their texts. */
  target: string[];
}
