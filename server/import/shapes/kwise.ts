import { z } from "zod";
import { fileLabel, judgement, ranked, ranksByScore, ratingQuestion } from "../questions";
import type { ImportedResponse, ImportRecord } from "../schema";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow } from "./shape";

const fields = z.looseObject({
  output: z.string().optional(),
  response: z.string().optional(),
  text: z.string().optional(),
  content: z.string().optional(),
  generator: z.string().optional(),
  model: z.string().optional(),
  source: z.string().optional(),
  rank: z.number().optional(),
  score: z.number().optional(),
  rating: z.number().optional(),
  preference: z.number().optional(),
});
type Candidate = z.output<typeof fields>;

const textOf = (entry: Candidate) => entry.output ?? entry.response ?? entry.text ?? entry.content;
const candidate = fields.refine(
  (entry) => textOf(entry) !== undefined,
  "has none of output, response, text and content",
);

const textFields = new Set(["output", "response", "text", "content", "generator", "model", "source"]);
const columns = ["responses", "reference", "target"];

const row = z.looseObject({
  ...promptFields,
  responses: z.union([z.array(z.union([z.string(), candidate])).min(1), z.record(z.string(), z.string())]),
  reference: candidate.nullish(),
  target: z.string().nullish(),
});

/** One prompt with several replies: a list of texts, an object of texts by model, or a list of scored replies. */
export const kwise = defineShape({
  id: "kwise",
  title: "Several responses to a prompt",
  looksLike: "prompt, instruction, question or query, and responses (a list, or texts by model)",
  example: {
    prompt: "How many moons has Mars?",
    responses: [
      { text: "Two.", model: "model-a" },
      { text: "One.", model: "model-b" },
    ],
  },
  fields: ["responses"],
  when: hasPrompt,
  row,
  open: eachRow((row) => [toRecord(row)]),
});

type KwiseRow = z.output<typeof row>;

function toRecord(row: KwiseRow): ImportRecord {
  const prompt = describePrompt(promptMessages(row), row, columns);
  if (row.target) prompt.metadata.target = row.target;
  if (!Array.isArray(row.responses)) {
    const responses = Object.entries(row.responses).map(([source, content]) => ({
      content,
      source,
      metadata: {},
    }));
    return { prompt, responses, judgements: [] };
  }
  const entries = row.responses.map(
    (entry): Candidate => (typeof entry === "string" ? { output: entry } : entry),
  );
  if (row.reference) return againstReference(prompt, entries, row.reference);
  const scores = entries.map(
    (entry) => entry.score ?? entry.rating ?? (entry.rank === undefined ? undefined : -entry.rank),
  );
  const complete = scores.filter((score) => score !== undefined);
  return {
    prompt,
    responses: entries.map(toResponse),
    judgements:
      complete.length === entries.length && entries.length > 1
        ? [judgement(fileLabel, ranked(ranksByScore(complete)))]
        : [],
  };
}

const winQuestion = ratingQuestion(
  "win_over_reference",
  "How probably is the response better than the reference, in per cent?",
  [{ id: "win", label: "Win over the reference (%)" }],
  100,
  false,
);

/**
 * Samples of one model, each graded from 1 (the reference is better) to 2 (the sample is) as AlpacaEval's weighted
 * judge does. The grade rounds to whole per cent; its exact value stays in the response's metadata.
 */
function againstReference(
  prompt: ImportRecord["prompt"],
  entries: Candidate[],
  reference: Candidate,
): ImportRecord {
  const grades = entries.map(({ preference }) =>
    preference === undefined ? null : Math.round((preference - 1) * 100),
  );
  return {
    prompt,
    responses: [...entries, reference].map(toResponse),
    judgements: grades.every((grade) => grade === null)
      ? []
      : [judgement(fileLabel, [winQuestion, { type: "rating", values: { win: [...grades, null] } }])],
  };
}

function toResponse(entry: Candidate): ImportedResponse {
  const metadata = Object.fromEntries(Object.entries(entry).filter(([name]) => !textFields.has(name)));
  return {
    content: textOf(entry) ?? "",
    source: entry.generator ?? entry.model ?? entry.source,
    metadata,
  };
}
