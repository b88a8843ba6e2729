import { z } from "zod";
import { toMessages, toPrompt } from "../conversation";
import { better, fileLabel, judgement, ranked } from "../questions";
import type { ImportedRater } from "../schema";
import { idSchema } from "./fields";
import { defineShape, eachRow, otherColumns, type ShapeContext } from "./shape";
import { moment } from "./spelling";

const text = z.union([z.string(), z.looseObject({ text: z.string() }).transform((entry) => entry.text)]);
const common = {
  answer: z.enum(["accept", "reject", "ignore"]),
  _session_id: z.string().nullish(),
  _annotator_id: z.string().nullish(),
  _timestamp: z.unknown().optional(),
};
const commonColumns = Object.keys(common);

function raterOf(row: { _session_id?: string | null; _annotator_id?: string | null }): ImportedRater {
  const id = row._annotator_id ?? row._session_id;
  return id ? { id, kind: "person" } : fileLabel;
}

function warnIgnored(context: ShapeContext): void {
  context.warn({
    code: "no-verdict",
    field: "answer",
    message: "The annotator passed the task over; its texts were imported without a verdict.",
  });
}

const comparedColumns = new Set(["id", "input", "accept", "reject", "mapping", ...commonColumns]);

/** Prodigy's `compare`: of two outputs in random order, `answer` names the better one by its place. */
export const prodigyCompare = defineShape({
  id: "prodigy_compare",
  title: "Prodigy, compared outputs",
  looksLike: "input, accept, reject, mapping and answer (accept, reject or ignore)",
  example: {
    input: { text: "How many moons has Mars?" },
    accept: { text: "Two." },
    reject: { text: "One." },
    mapping: { A: "accept", B: "reject" },
    answer: "accept",
    _session_id: "study-u1",
  },
  fields: ["input", "accept", "reject", "answer"],
  row: z.looseObject({
    ...common,
    id: idSchema.nullish(),
    input: text,
    accept: text,
    reject: text,
    mapping: z.record(z.string(), z.string()).nullish(),
  }),
  open: eachRow((row, context) => {
    if (row.answer === "ignore") warnIgnored(context);
    /** `mapping` says which of the two compared files stood where. */
    const sourceAt = (place: string) => Object.entries(row.mapping ?? {}).find(([, at]) => at === place)?.[0];
    return [
      {
        prompt: toPrompt(toMessages(row.input, "input", "user"), {
          externalId: row.id ?? undefined,
          metadata: otherColumns(row, comparedColumns),
        }),
        responses: (["accept", "reject"] as const).map((place) => ({
          content: row[place],
          source: sourceAt(place),
          metadata: {},
        })),
        judgements:
          row.answer === "ignore"
            ? []
            : [
                {
                  ...judgement(raterOf(row), better(row.answer === "accept" ? "a" : "b")),
                  at: moment(row._timestamp),
                },
              ],
      },
    ];
  }),
});

const option = z.looseObject({ id: idSchema, text: z.string() });
const choiceColumns = new Set(["text", "options", "accept", ...commonColumns]);

/** Prodigy's `choice`: of several options, those accepted are better than the others. */
export const prodigyChoice = defineShape({
  id: "prodigy_choice",
  title: "Prodigy, chosen options",
  looksLike: "text, options with id and text, accept (ids) and answer",
  example: {
    text: "How many moons has Mars?",
    options: [
      { id: 1, text: "Two." },
      { id: 2, text: "One." },
    ],
    accept: [1],
    answer: "accept",
  },
  fields: ["text", "options", "accept", "answer"],
  row: z.looseObject({
    ...common,
    text: z.string(),
    options: z.array(option).min(1),
    accept: z.array(idSchema),
  }),
  open: eachRow((row, context) => {
    const accepted = row.options.map(({ id }) => row.accept.includes(id));
    const decided = row.answer === "accept" && accepted.some((is) => is) && accepted.some((is) => !is);
    if (!decided) warnIgnored(context);
    const best = accepted.filter((is) => is).length;
    return [
      {
        prompt: toPrompt(toMessages(row.text, "text", "user"), {
          metadata: otherColumns(row, choiceColumns),
        }),
        responses: row.options.map(({ id, text, ...metadata }) => ({
          content: text,
          externalId: id,
          metadata,
        })),
        judgements: decided
          ? [
              {
                ...judgement(raterOf(row), ranked(accepted.map((is) => (is ? 1 : best + 1)))),
                at: moment(row._timestamp),
              },
            ]
          : [],
      },
    ];
  }),
});
