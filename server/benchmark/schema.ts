import { z } from "zod";
import {
  askedBenchmarkSchema,
  benchmarkContaminationSchema,
  benchmarkFigureSchema,
  benchmarkGroupSchema,
} from "../../db/shape/benchmark";
import { runStatuses } from "../../db/shape/run-kinds";

/** Where nothing of a suite fits: all of the task is said by its fields. */
export const ownSuite = "own";

export const benchmarkSpecSchema = askedBenchmarkSchema.extend({
  modelId: z.uuid(),
  /** What people call it; else the suite and its first file. */
  name: z.string().trim().min(1).max(120).optional(),
});

/** What the run of a benchmark is told: all else stands in its row. */
export const benchmarkRunSchema = z.object({ modelId: z.uuid(), benchmarkId: z.uuid() });

export const suiteSchema = z.object({
  name: z.string(),
  title: z.string(),
  /** Where its files are had. */
  from: z.string(),
  shots: z.int(),
  /** Whether shots come from files of their own. */
  shotFiles: z.boolean(),
  /** Whether the model writes, which takes longest. */
  writes: z.boolean(),
  /** Whether another model judges what it writes. */
  judged: z.boolean(),
});
export type BenchmarkSuite = z.infer<typeof suiteSchema>;

/** Characters of a token, about: English has four, and most other languages fewer. */
export const CHARACTERS_A_TOKEN = 4;

/** What files hold, and what asking about them would come to. */
export const lookSchema = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      rows: z.int().nullable(),
      /** Suites whose rows look like this file's. */
      suites: z.array(z.string()),
      problem: z.string().nullable(),
    }),
  ),
  /** The suite that was asked for, or the one that all files look like. */
  suite: z.string().nullable(),
  /** Why it cannot be asked so. */
  problem: z.string().nullable(),
  plan: z
    .object({
      /** Documents that are asked about, and how many there are. */
      documents: z.int(),
      of: z.int(),
      /** Continuations to score, or texts to write. */
      requests: z.int(),
      /** All that the model reads at most, in characters. */
      characters: z.int(),
      /** Tokens to write at most. */
      writes: z.int(),
      /** Seconds it would take this model, from what it read or wrote a second before; null where it never did. */
      seconds: z.number().nullable(),
      /** The first question as it is asked, without the chat template, and what may follow. */
      prompt: z.string(),
      continuations: z.array(z.string()),
      target: z.string(),
      /** Fields whose values several documents share: items that hang together. */
      shared: z.array(z.string()),
      /** Fields by which figures are given apart. */
      groups: z.array(z.string()),
    })
    .nullable(),
});
export type BenchmarkLook = z.infer<typeof lookSchema>;

export const benchmarkSchema = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  model: z.string(),
  runId: z.uuid().nullable(),
  status: z.enum(runStatuses).nullable(),
  name: z.string(),
  /** Figures of one key may be compared: same questions, same setting. */
  key: z.string(),
  asked: askedBenchmarkSchema,
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
  documents: z.int().nullable(),
  seconds: z.number(),
  figures: z.array(benchmarkFigureSchema),
  contamination: benchmarkContaminationSchema.nullable(),
});
export type Benchmark = z.infer<typeof benchmarkSchema>;

export const benchmarkDetailSchema = benchmarkSchema.extend({
  groups: z.array(benchmarkGroupSchema),
  /** Names of the versions that it was looked for in. */
  versions: z.array(z.object({ id: z.uuid(), name: z.string() })),
});
export type BenchmarkDetail = z.infer<typeof benchmarkDetailSchema>;

export const itemKinds = ["all", "wrong", "right", "failed", "tainted", "cut"] as const;

export const benchmarkItemSchema = z.object({
  position: z.int(),
  prompt: z.string(),
  continuations: z.array(z.string()),
  target: z.string(),
  /** What came back, as text: log-likelihoods with three digits, or what was written. */
  replies: z.array(z.string()),
  /** By filter: what it left of the replies, and by metric its score. */
  read: z.array(
    z.object({
      filter: z.string(),
      left: z.array(z.string()),
      scores: z.array(z.object({ metric: z.string(), value: z.string() })),
    }),
  ),
  score: z.number().nullable(),
  failed: z.boolean(),
  cut: z.boolean(),
  /** Where it was met in training data, in words. */
  tainted: z.string().nullable(),
});
export type BenchmarkItem = z.infer<typeof benchmarkItemSchema>;
