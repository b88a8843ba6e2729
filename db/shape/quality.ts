import { z } from "zod";

/** Which votes a look at a project's quality counts; every given field narrows it. */
export const qualityFilterSchema = z.object({
  language: z.string().min(1).max(100).optional(),
  domain: z.string().min(1).max(200).optional(),
  raterId: z.uuid().optional(),
  /** The source of a response that was judged: of one of the two, where two were compared. */
  source: z.string().min(1).max(400).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type QualityFilter = z.infer<typeof qualityFilterSchema>;

/** Measures of how far raters agree; what each is stands in server/quality/catalog.ts. */
export const measureNames = [
  "rawAgreement",
  "alpha",
  "alphaPlain",
  "alphaStrength",
  "ac",
  "kappa",
  "icc",
  "kendallW",
  "tauB",
] as const;
export type MeasureName = (typeof measureNames)[number];

const estimate = z.number().nullable();
const bounds = { estimate, low: estimate, high: estimate };

/** A value between its bounds, and why one of them is not known. */
export const boundedSchema = z.object({ ...bounds, reason: z.string().optional() });

/** A statistic with its interval, and why there is none where there is none. */
export const measureSchema = z.object({
  ...bounds,
  /** Independent units that the interval counts: prompts. */
  n: z.number().int(),
  method: z.string(),
  reason: z.string().optional(),
});
export type Measure = z.infer<typeof measureSchema>;

const measure = measureSchema.optional();
/** Absent is what does not apply: κ where there are not two raters, W where nothing was ranked. */
const optionalMeasures = {
  rawAgreement: measure,
  alpha: measure,
  alphaPlain: measure,
  alphaStrength: measure,
  ac: measure,
  kappa: measure,
  icc: measure,
  kendallW: measure,
  tauB: measure,
} satisfies Record<MeasureName, typeof measure>;

/** So many that came out alike, of so many comparisons. */
export const alikeSchema = z.object({ alike: z.number().int(), of: z.number().int() });

/** What is known of one rater on one part of the form. */
const partRaterSchema = z.object({
  raterId: z.uuid(),
  votes: z.number().int(),
  /** Chance of a right vote by the annotator model; null where the part has none. */
  reliability: boundedSchema.nullable(),
  /** Against each other vote on the same item. */
  others: alikeSchema,
  /** Against the adjudications of the same items. */
  adjudicated: alikeSchema,
  /** Log-odds that the rater adds in favour of the response shown first, with ± 1.96 posterior deviations. */
  position: z.object(bounds).nullable(),
  /** Decided votes for the response shown first, and for the longer of two of unequal length. */
  firstShown: alikeSchema,
  longer: alikeSchema,
  /** The longest run of one answer as it stood on the screen, and how likely one as long is by chance, at most. */
  run: z.object({ length: z.number().int(), said: z.string(), chance: z.number() }).nullable(),
});

/** One thing that was asked: a question, or one attribute of a question that rates several. */
const partSchema = z.object({
  questionId: z.string(),
  /** Null where the question asks one thing. */
  attribute: z.string().nullable(),
  /** sha256 of the votes that the measures are made of. */
  inputs: z.string(),
  votes: z.number().int(),
  items: z.number().int(),
  /** Items with two votes or more: the others say nothing of agreement. */
  shared: z.number().int(),
  measures: z.object(optionalMeasures),
  /** Of the raters with the most votes: how often two of them said the same. */
  matrix: z.array(alikeSchema.extend({ one: z.uuid(), other: z.uuid() })),
  /** What raters differ on most: tasks with the least agreement first. */
  disputed: z.array(z.object({ taskId: z.uuid(), agreement: z.number(), votes: z.number().int() })),
  /** α by day or week, as items got their last vote. */
  trend: z.array(z.object({ from: z.iso.date(), ...bounds, n: z.number().int() })),
  /** What all raters share: log-odds for the first shown, and for one more in log(1 + length). */
  swayed: z.object({ position: estimate, length: estimate, reason: z.string().optional() }).nullable(),
  raters: z.array(partRaterSchema),
});
export type QualityPart = z.infer<typeof partSchema>;

/** How a rater works, whatever the question. */
const paceSchema = z.object({
  raterId: z.uuid(),
  judgements: z.number().int(),
  /** Judgements whose time in view is known, and the sum of those times in hours. */
  timed: z.number().int(),
  hours: z.number(),
  /** Characters of prompt and responses per second in view, the median. */
  charactersPerSecond: estimate,
  /** Judgements made faster than the text can be read. */
  tooFast: z.number().int(),
  /** Agreement with others in the first and in the last third of sessions of 20 judgements or more. */
  fresh: alikeSchema,
  tired: alikeSchema,
  /** How likely a fall as great from the first to the last third is by chance. */
  fatigue: estimate,
});
export type RaterPace = z.infer<typeof paceSchema>;

export const alarmKinds = ["fast", "straight", "position", "adjudications", "fatigue"] as const;
export type AlarmKind = (typeof alarmKinds)[number];

/** Something about a rater that somebody should look at. It says nothing about why. */
export const alarmSchema = z.object({
  raterId: z.uuid(),
  /** Null where it is about the rater's work as a whole. */
  questionId: z.string().nullable(),
  kind: z.enum(alarmKinds),
  says: z.string(),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** What a worker made of a project's votes. */
export const qualityReportSchema = z.object({
  parts: z.array(partSchema),
  pace: z.array(paceSchema),
  alarms: z.array(alarmSchema),
  /** sha256 of what pace and the raters' figures are made of; empty until they are. */
  raterInputs: z.string(),
});
export type QualityReport = z.infer<typeof qualityReportSchema>;
