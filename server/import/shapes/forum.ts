import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { better, fileLabel, judgement } from "../questions";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { numeric } from "./spelling";

const shpColumns = new Set([
  "post_id",
  "domain",
  "history",
  "labels",
  ...["A", "B"].flatMap((side) => [
    `human_ref_${side}`,
    `c_root_id_${side}`,
    `score_${side}`,
    `created_at_utc_${side}`,
  ]),
]);

/** Stanford Human Preferences: two comments on a post, and which one the readers of the forum preferred. */
export const shp = defineShape({
  id: "shp",
  title: "Stanford Human Preferences (SHP)",
  looksLike: "history, human_ref_A, human_ref_B and labels (1: A is better)",
  example: {
    history: "How many moons has Mars?",
    human_ref_A: "Two.",
    human_ref_B: "One.",
    labels: 1,
    score_A: 9,
    score_B: 2,
  },
  fields: ["history", "human_ref_A", "human_ref_B", "labels"],
  row: z.looseObject({
    post_id: idSchema.nullish(),
    domain: z.string().nullish(),
    history: z.string(),
    human_ref_A: z.string(),
    human_ref_B: z.string(),
    c_root_id_A: idSchema.nullish(),
    c_root_id_B: idSchema.nullish(),
    labels: numeric.pipe(z.literal([0, 1])),
  }),
  open: eachRow((row) => [
    {
      prompt: toPrompt([userTurn(row.history)], {
        externalId: row.post_id ?? undefined,
        domain: row.domain ?? undefined,
        metadata: otherColumns(row, shpColumns),
      }),
      responses: (["A", "B"] as const).map((side) => ({
        content: row[`human_ref_${side}`],
        externalId: row[`c_root_id_${side}`] ?? undefined,
        metadata: { score: row[`score_${side}`], created_at_utc: row[`created_at_utc_${side}`] },
      })),
      judgements: [judgement(fileLabel, better(row.labels === 1 ? "a" : "b"))],
    },
  ]),
});

const pairedColumns = new Set(["qid", "question", "response_j", "response_k"]);

/** Stack Exchange's paired answers: `response_j` has more votes than `response_k`. */
export const stackExchange = defineShape({
  id: "stack_exchange",
  title: "Stack Exchange pairs",
  looksLike: "question, response_j (with more votes) and response_k",
  example: { qid: 1, question: "How many moons has Mars?", response_j: "Two.", response_k: "One." },
  fields: ["question", "response_j", "response_k"],
  row: z.looseObject({
    qid: idSchema.nullish(),
    question: z.string(),
    response_j: z.string(),
    response_k: z.string(),
  }),
  open: eachRow((row) => [
    {
      prompt: toPrompt([userTurn(row.question)], {
        externalId: row.qid ?? undefined,
        metadata: otherColumns(row, pairedColumns),
      }),
      responses: [row.response_j, row.response_k].map((content) => ({ content, metadata: {} })),
      judgements: [judgement(fileLabel, better("a"))],
    },
  ]),
});
