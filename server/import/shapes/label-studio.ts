import { z } from "zod";
import type { ImportedRater } from "../schema";
import { isRecord, type RowValue } from "../source/row";
import { ranksNamed, type TaskContent, taskContent } from "./alternatives";
import { idSchema } from "./fields";
import { columnsOf, defineShape, otherColumns, parseRow } from "./shape";
import { moment, unpacked } from "./spelling";
import { type Opinion, type Said, type StudyTask, studied } from "./study";

const person = z.union([
  idSchema,
  z.looseObject({ id: idSchema.nullish(), email: z.string().nullish(), username: z.string().nullish() }),
]);
const region = z.looseObject({ from_name: z.string(), type: z.string(), value: z.looseObject({}) });
const annotationSchema = z.looseObject({
  id: idSchema.nullish(),
  completed_by: person.nullish(),
  result: z.array(region).default([]),
  was_cancelled: z.boolean().nullish(),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
  lead_time: z.number().nullish(),
});
const predictionSchema = z.looseObject({
  model_version: z.string().nullish(),
  result: z.array(region).default([]),
  created_at: z.unknown().optional(),
});
const taskSchema = z.looseObject({
  id: idSchema.nullish(),
  data: z.looseObject({}),
  annotations: z.array(annotationSchema),
  predictions: z.array(z.unknown()).nullish(),
});

const taskColumns = columnsOf(taskSchema);

function raterOf(by: z.output<typeof person> | null | undefined): ImportedRater {
  const id = typeof by === "string" ? by : (by?.email ?? by?.username ?? by?.id);
  return id ? { id, kind: "person" } : { id: "annotator", kind: "label" };
}

function exportedTask(row: RowValue): StudyTask {
  const { id, data, annotations, predictions } = parseRow(taskSchema, row);
  /** What is told of the annotations beside their answers, and answers for which there is no question. */
  const told: unknown[] = [];
  const content = taskContent(data, { externalId: id ?? undefined });
  const opinions = annotations.flatMap((annotation): Opinion[] => {
    const { said, rest } = saidIn(annotation.result, content);
    const { id, lead_time, was_cancelled } = annotation;
    told.push({
      id,
      lead_time,
      ...(was_cancelled ? { was_cancelled } : {}),
      ...(rest.length > 0 ? { rest } : {}),
    });
    return was_cancelled
      ? []
      : [{ rater: raterOf(annotation.completed_by), at: moment(annotation.created_at), said }];
  });
  const models = (predictions ?? []).flatMap((value): Opinion[] => {
    const prediction = predictionSchema.safeParse(value);
    if (!prediction.success) return [];
    const { model_version, result, created_at } = prediction.data;
    const { said } = saidIn(result, content);
    return [{ rater: { id: model_version || "prediction", kind: "model" }, at: moment(created_at), said }];
  });
  const kept = Object.entries(otherColumns(row, taskColumns)).filter(([, value]) => !isEmpty(value));
  content.prompt.metadata = { ...Object.fromEntries(kept), ...content.prompt.metadata };
  if (told.length > 0) content.prompt.metadata.annotations = told;
  return { prompt: content.prompt, responses: content.responses, opinions: [...opinions, ...models] };
}

/** The tool writes `drafts: []` and `meta: {}` for every task. */
const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

/** The answers of an annotation, and its regions that answer none of our kinds of questions. */
function saidIn(result: readonly z.output<typeof region>[], content: TaskContent) {
  const said: Record<string, Said> = {};
  const rest: unknown[] = [];
  for (const { from_name, type, value, ...more } of result) {
    const answer = saidBy(value, content);
    if (answer && said[from_name] === undefined) said[from_name] = answer;
    else rest.push({ from_name, type, value, ...more });
  }
  return { said, rest };
}

/** One control's value: `{selected}`, `{rating}`, `{number}`, `{choices}`, `{text}`, `{ranker}` or `{taxonomy}`. */
function saidBy(value: RowValue, { responses, names }: TaskContent): Said | null {
  const { selected, rating, number, choices, text, ranker, taxonomy } = value;
  if (selected === "left" || selected === "right")
    return responses.length === 2 ? { type: "comparison", outcome: selected === "left" ? "a" : "b" } : null;
  // Five stars, unless the project asked for more.
  if (typeof rating === "number") return { type: "numbers", per: "task", values: [rating], scale: [1, 5] };
  if (typeof number === "number") return { type: "numbers", per: "task", values: [number] };
  if (Array.isArray(choices)) return { type: "options", per: "task", values: [choices.map(String)] };
  if (Array.isArray(taxonomy))
    return {
      type: "options",
      per: "task",
      values: [taxonomy.map((path) => (Array.isArray(path) ? path.join(" / ") : String(path)))],
    };
  if (value.start === undefined && (typeof text === "string" || Array.isArray(text)))
    return { type: "words", text: [text].flat().map(String).join("\n") };
  return ranker === undefined ? null : rankedBy(ranker, names);
}

/** One list, the best first; or buckets, the best first, whose members share a rank. */
function rankedBy(ranker: unknown, names: TaskContent["names"]): Said | null {
  if (Array.isArray(ranker)) return rankedBy({ _: ranker }, names);
  if (!isRecord(ranker)) return null;
  const buckets = Object.values(ranker).map((ids) => (Array.isArray(ids) ? ids.map(String) : []));
  const [only] = buckets;
  if (buckets.length === 1 && only) {
    const ranks = ranksNamed(only, names);
    return ranks && { type: "order", ranks };
  }
  const ranks = names.map((known) => {
    const bucket = buckets.findIndex((ids) => ids.some((id) => known.includes(id)));
    return bucket < 0 ? null : 1 + buckets.slice(0, bucket).reduce((sum, ids) => sum + ids.length, 0);
  });
  return ranks.every((rank) => rank !== null) ? { type: "order", ranks } : null;
}

export const labelStudio = defineShape({
  id: "label_studio",
  title: "Label Studio (JSON)",
  looksLike: "data with the task, and annotations with completed_by and result",
  example: {
    id: 1,
    data: { prompt: "How many moons has Mars?", answer1: "Two.", answer2: "One." },
    annotations: [
      { completed_by: 1, result: [{ from_name: "better", type: "pairwise", value: { selected: "left" } }] },
    ],
  },
  fields: ["data", "annotations"],
  when: (row) => taskSchema.safeParse(row).success,
  row: z.looseObject({}),
  open: studied(exportedTask),
});

const rowSchema = z.looseObject({
  id: idSchema.nullish(),
  annotator: person.nullish(),
  annotation_id: idSchema,
});
/** Columns of the tool's own. */
const toolColumns = new Set(["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"]);

/** Label Studio's short exports: a row for each annotation, task and answers side by side in its columns. */
export const labelStudioRows = defineShape({
  id: "label_studio_rows",
  title: "Label Studio (JSON_MIN, CSV, TSV)",
  looksLike: "annotation_id and annotator, beside the columns of the task and of its answers",
  example: {
    prompt: "How many moons has Mars?",
    answer1: "Two.",
    answer2: "One.",
    id: 1,
    better: [{ selected: "left" }],
    annotator: 1,
    annotation_id: 1,
  },
  fields: ["annotation_id", "annotator"],
  row: z.looseObject({}),
  open(context) {
    const controls = controlsIn(context.sample);
    return studied((row) => annotatedRow(row, controls))(context);
  },
});

function annotatedRow(row: RowValue, controls: ReadonlySet<string>): StudyTask {
  const { id, annotator, annotation_id } = parseRow(rowSchema, row);
  const data: RowValue = {};
  const answers: [string, unknown][] = [];
  for (const [name, value] of Object.entries(row)) {
    if (toolColumns.has(name) || value === null || value === "") continue;
    if (controls.has(name) || isControl(name, value)) answers.push([name, unpacked(value)]);
    else data[name] = value;
  }
  const content = taskContent(data, { externalId: id ?? undefined });
  const said: Record<string, Said> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of answers) {
    const [first] = Array.isArray(value) ? value : [value];
    const answer = isRecord(first)
      ? saidBy(first, content)
      : saidBy(name === "selected" ? { selected: value } : { text: value }, content);
    if (answer) said[name] = answer;
    else rest[name] = value;
  }
  content.prompt.metadata.annotations = [
    {
      id: annotation_id,
      ...(row.lead_time ? { lead_time: Number(row.lead_time) } : {}),
      ...(Object.keys(rest).length > 0 ? { rest } : {}),
    },
  ];
  return {
    prompt: content.prompt,
    responses: content.responses,
    opinions: [{ rater: raterOf(annotator), at: moment(row.created_at), said }],
  };
}

const answerKeys = ["selected", "rating", "number", "choices", "taxonomy", "ranker", "text"];

/** Whether a value can only be an answer: the tool writes most of them as lists of objects. */
function isControl(name: string, value: unknown): boolean {
  const [first] = [unpacked(value)].flat();
  const isAnswer = isRecord(first) && Object.keys(first).some((key) => answerKeys.includes(key));
  return (
    isAnswer ||
    name === "selected" ||
    /^(why|reason|rationale|comment|explanation|feedback|note)s?$/i.test(name)
  );
}

/**
 * Columns of answers that are plain texts and look like any other: they differ between annotations of one task, or
 * stand between the task's id and the annotator, where JSON_MIN has the answers.
 */
function controlsIn(sample: readonly RowValue[]): Set<string> {
  const controls = new Set<string>();
  const values = new Map<string, unknown>();
  for (const row of sample) {
    const names = Object.keys(row);
    const from = names.indexOf("id");
    if (from > 0) for (const name of names.slice(from + 1, names.indexOf("annotator"))) controls.add(name);
    for (const name of new Set(sample.flatMap((other) => Object.keys(other)))) {
      const key = JSON.stringify([row.id, name]);
      const value = JSON.stringify(row[name] ?? "");
      if (values.has(key) && values.get(key) !== value) controls.add(name);
      values.set(key, value);
    }
  }
  return controls;
}
