import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { type Answered, better, fileLabel, judgement, leaning, ratingQuestion } from "../questions";
import type { ImportRecord } from "../schema";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { judgeNamed, numeric, unpacked } from "./spelling";

const webGptColumns = new Set([
  "question",
  ...[0, 1].flatMap((side) => [`answer_${side}`, `quotes_${side}`, `tokens_${side}`, `score_${side}`]),
]);

/** WebGPT's comparisons: two answers with their quotes, and a score from −1 to 1 for each. */
export const webGpt = defineShape({
  id: "webgpt",
  title: "WebGPT comparisons",
  looksLike: "question, answer_0, answer_1, score_0 and score_1 (−1 to 1)",
  example: {
    question: { full_text: "How many moons has Mars?" },
    answer_0: "Two.",
    answer_1: "One.",
    score_0: 1,
    score_1: -1,
  },
  fields: ["question", "answer_0", "answer_1", "score_0"],
  row: z.looseObject({
    question: z.preprocess(
      unpacked,
      z.union([
        z.looseObject({ full_text: z.string(), id: idSchema.nullish(), dataset: z.string().nullish() }),
        z.string().transform((full_text) => ({ full_text, id: undefined, dataset: undefined })),
      ]),
    ),
    answer_0: z.string(),
    answer_1: z.string(),
    score_0: numeric.pipe(z.number().min(-1).max(1)),
  }),
  open: eachRow((row) => {
    const { full_text, id, dataset, ...rest } = row.question;
    return [
      {
        prompt: toPrompt([userTurn(full_text)], {
          externalId: id ?? undefined,
          source: dataset ?? undefined,
          metadata: { ...rest, ...otherColumns(row, webGptColumns) },
        }),
        responses: ([0, 1] as const).map((side) => ({
          content: row[`answer_${side}`],
          metadata: present({ quotes: unpacked(row[`quotes_${side}`]), score: row[`score_${side}`] }),
        })),
        judgements: [judgement(fileLabel, leaning(thirds(row.score_0)))],
      },
    ];
  }),
});

/** The score of the first answer as steps of a third, away from the middle; the score itself is kept beside. */
function thirds(score: number): number {
  const steps = Math.max(1, Math.round(Math.abs(score) * 3));
  return score === 0 ? 0 : score > 0 ? -steps : steps;
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  );
}

const postSchema = z.looseObject({
  id: idSchema.nullish(),
  post: z.string().nullish(),
  title: z.string().nullish(),
  subreddit: z.string().nullish(),
  site: z.string().nullish(),
  article: z.string().nullish(),
});
const summary = z.looseObject({ text: z.string(), policy: z.string().nullish() });

const confidenceQuestion = {
  ...ratingQuestion(
    "confidence",
    "How sure are you?",
    [{ id: "confidence", label: "1: the other side, for sure; 9: this side, for sure" }],
    9,
    false,
  ),
  per: "task" as const,
  min: 1,
};

const comparisonColumns = new Set(["info", "summaries", "choice", "worker"]);

/** Summarise from feedback: two summaries of a post, which one the worker chose, and how sure. */
export const summaryComparisons = defineShape({
  id: "summary_comparisons",
  title: "Summaries compared (OpenAI)",
  looksLike: "info (the post), two summaries, choice (0 or 1) and worker",
  example: {
    info: { title: "Mars", post: "Mars has two moons, Phobos and Deimos.", subreddit: "space" },
    summaries: [
      { text: "Mars has two moons.", policy: "model-a" },
      { text: "Mars.", policy: "model-b" },
    ],
    choice: 0,
    worker: "w1",
  },
  fields: ["info", "summaries", "choice"],
  row: z.looseObject({
    info: z.preprocess(unpacked, postSchema),
    summaries: z.preprocess(unpacked, z.tuple([summary, summary])),
    choice: numeric.pipe(z.literal([0, 1])),
    worker: idSchema.nullish(),
    extra: z.preprocess(unpacked, z.looseObject({ confidence: numeric.nullish() }).nullish()),
  }),
  open: eachRow((row) => {
    const confidence = row.extra?.confidence;
    const answered: Answered[] = [better(row.choice === 0 ? "a" : "b")];
    if (confidence && Number.isInteger(confidence) && confidence >= 1 && confidence <= 9)
      answered.push([confidenceQuestion, { type: "rating", values: { confidence: [confidence] } }]);
    return [
      {
        prompt: summaryPrompt(row.info, otherColumns(row, comparisonColumns)),
        responses: row.summaries.map(summaryResponse),
        judgements: [judgement(row.worker ? judgeNamed(row.worker) : fileLabel, ...answered)],
      },
    ];
  }),
});

const axisNames = ["overall", "accuracy", "coverage", "coherence", "compatible"] as const;
const axes = axisNames.map((id) => ({ id, label: id.replace(/^./, (first) => first.toUpperCase()) }));
const axesQuestion = { ...ratingQuestion("summary", "Rate the summary.", axes, 7, false), min: 1 };
const axisColumns = new Set(["info", "summary", "worker"]);

/** Summarise from feedback: one summary, rated from 1 to 7 on several axes. */
export const summaryAxes = defineShape({
  id: "summary_axes",
  title: "Summaries rated (OpenAI)",
  looksLike: "info (the post) and summary with axes (1 to 7)",
  example: {
    info: { title: "Mars", post: "Mars has two moons.", subreddit: "space" },
    summary: { text: "Two moons.", policy: "model-a", axes: { overall: 6 } },
    worker: "w1",
  },
  fields: ["info", "summary", "worker"],
  row: z.looseObject({
    info: z.preprocess(unpacked, postSchema),
    summary: z.preprocess(
      unpacked,
      summary.extend({ axes: z.record(z.string(), numeric.nullable()).default({}) }),
    ),
    worker: idSchema.nullish(),
  }),
  open: eachRow((row) => {
    const { axes, ...text } = row.summary;
    const rated = axisNames.flatMap((name) => {
      const value = axes[name];
      return value === null || value === undefined ? [] : [{ name, value }];
    });
    const others = Object.fromEntries(
      Object.entries(axes).filter(([name]) => !axisNames.some((axis) => axis === name)),
    );
    const response = summaryResponse(text);
    return [
      {
        prompt: summaryPrompt(row.info, otherColumns(row, axisColumns)),
        responses: [{ ...response, metadata: { ...response.metadata, ...others } }],
        judgements:
          rated.length > 0
            ? [
                judgement(row.worker ? judgeNamed(row.worker) : fileLabel, [
                  axesQuestion,
                  {
                    type: "rating",
                    values: Object.fromEntries(rated.map(({ name, value }) => [name, [value]])),
                  },
                ]),
              ]
            : [],
      },
    ];
  }),
});

/** The text to be summarised, in the words of the TL;DR data set. */
function summaryPrompt(
  { id, post, article, title, subreddit, site, ...rest }: z.output<typeof postSchema>,
  metadata: Record<string, unknown>,
): ImportRecord["prompt"] {
  const parts = [
    subreddit && `SUBREDDIT: r/${subreddit}`,
    title && `TITLE: ${title}`,
    post && `POST: ${post}`,
    article && `ARTICLE: ${article}`,
  ].filter(Boolean);
  return toPrompt(parts.length > 0 ? [userTurn(`${parts.join("\n\n")}\n\nTL;DR:`)] : [], {
    externalId: id ?? undefined,
    domain: subreddit ?? undefined,
    source: site ?? undefined,
    metadata: { ...present(rest), ...metadata },
  });
}

function summaryResponse({
  text,
  policy,
  ...rest
}: z.output<typeof summary>): ImportRecord["responses"][number] {
  return { content: text, source: policy ?? undefined, metadata: present(rest) };
}
