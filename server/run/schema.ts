import { z } from "zod";
import { runProgressSchema } from "../../db/shape/run";
import { runKindNames, runStatuses } from "../../db/shape/run-kinds";

export const runKindSchema = z.enum(runKindNames);

/** A run as the dashboard and the HTTP API show it. */
export const runSchema = z.object({
  id: z.uuid(),
  projectId: z.uuid().nullable(),
  kind: runKindSchema,
  title: z.string(),
  /** What a person wrote about it. */
  note: z.string(),
  tags: z.array(z.string()),
  status: z.enum(runStatuses),
  spec: z.record(z.string(), z.unknown()),
  progress: runProgressSchema.nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
  attempt: z.number().int(),
  /** Asked by a person and not done yet. */
  stopRequested: z.boolean(),
  cancelRequested: z.boolean(),
  /** The run whose success it waits for. */
  afterId: z.uuid().nullable(),
  /** The sweep it belongs to. */
  groupId: z.uuid().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
});

/** A run as a row among others. */
export const runRowSchema = runSchema
  .pick({
    id: true,
    kind: true,
    title: true,
    note: true,
    tags: true,
    status: true,
    error: true,
    progress: true,
    result: true,
    groupId: true,
    createdAt: true,
    startedAt: true,
    finishedAt: true,
  })
  .extend({
    /** What it was told; the engine's defaults hold for all others. Empty for what does not train. */
    options: z.record(z.string(), z.unknown()),
    /** The version it learns from, by name and number. */
    dataset: z.string().nullable(),
    /** The model it starts from. */
    model: z.string().nullable(),
    /** The last value of each metric that was asked for and that it has; null for one that is no finite number. */
    metrics: z.record(z.string(), z.number().nullable()),
  });
export type RunRow = z.infer<typeof runRowSchema>;

/** What a person says about a run; what is left out stays. */
export const runWordsSchema = z.object({
  note: z.string().max(10_000).optional(),
  tags: z
    .array(z.string().trim().min(1).max(40))
    .max(20)
    .transform((tags) => [...new Set(tags)])
    .optional(),
});

/** Something that happened to a run: `log`, `metrics`, `samples`, or another change of it, after which to look again. */
export const runEventSchema = z.object({ kind: z.string(), payload: z.record(z.string(), z.unknown()) });
