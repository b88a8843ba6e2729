import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { better, judgement, rationaleQuestion, written } from "../questions";
import type { ImportRecord, Judgement } from "../schema";
import { isRecord, type RowValue } from "../source/row";
import { idSchema } from "./fields";
import { columnsOf, defineShape, otherColumns, perImport } from "./shape";

const verdict = z.union([z.literal([0, 1, 2]), z.enum(["0", "1", "2"]).transform(Number)]);
const outcomes = ["tie", "a", "b"] as const;

/** The test set's pairs by `idx`, which the verdict files of judge models refer to. */
const pairs = perImport(() => new Map<string, Omit<ImportRecord, "judgements">>());

/** Its conversion turned replies such as `true` into values; they are the text again. */
const reply = z.union([z.string(), z.boolean(), z.number()]);

const pairRow = z.looseObject({
  idx: idSchema,
  instruction: z.string(),
  input: z.string().default(""),
  response1: reply,
  response2: reply,
  cmp_key: z.string().optional(),
  motivation_app: z.string().optional(),
});
const pairColumns = columnsOf(pairRow);
const isAnnotator = (column: string): boolean => /^annotator\d+$/.test(column);

/** PandaLM's human test set: two replies and the verdicts of annotator1, annotator2, … (1, 2, 0 a tie). */
export const pandalm = defineShape({
  id: "pandalm",
  title: "PandaLM test set",
  looksLike: "instruction, input, response1, response2 and annotator1, annotator2, …",
  companion: true,
  example: {
    idx: 1,
    instruction: "How many moons has Mars?",
    input: "",
    response1: "Two.",
    response2: "One.",
    annotator1: 1,
    annotator2: 1,
  },
  fields: ["instruction", "response1", "response2", "annotator1"],
  row: pairRow,
  open: ({ session, warn }) => ({
    row(row) {
      for (const field of ["response1", "response2"] as const)
        if (typeof row[field] !== "string")
          warn({ code: "converted-value", field, message: `${field} is ${row[field]}, not text.` });
      const [first, second] = row.cmp_key?.split("_") ?? [];
      const others = Object.entries(otherColumns(row, pairColumns)).filter(([name]) => !isAnnotator(name));
      const pair = {
        prompt: toPrompt([userTurn(row.input ? `${row.instruction}\n\n${row.input}` : row.instruction)], {
          domain: row.motivation_app,
          metadata: Object.fromEntries(others),
        }),
        responses: [
          { content: String(row.response1), source: first, externalId: `${row.idx}/1`, metadata: {} },
          { content: String(row.response2), source: second, externalId: `${row.idx}/2`, metadata: {} },
        ],
      };
      pairs(session).set(row.idx, pair);
      return [{ ...pair, judgements: humanVerdicts(row) }];
    },
  }),
});

function humanVerdicts(row: RowValue): Judgement[] {
  return Object.keys(row)
    .filter(isAnnotator)
    .map((id) => {
      const value = verdict.safeParse(row[id]);
      if (!value.success)
        throw new RowRefused({
          code: "wrong-type",
          field: id,
          message: `${id} must be 1, 2 or 0 for a tie.`,
        });
      return judgement({ id, kind: "person" }, better(outcomes[value.data]));
    });
}

const modelVerdict = z.union([
  verdict,
  z.literal("Tie").transform(() => 0),
  z.literal("garbage").transform(() => null),
]);

/** The verdicts of one judge model on the test set, with its reasons. */
function verdictsOf(prefix: "gpt" | "pandalm", model: string) {
  const result = `${prefix}_result`;
  const reason = `${prefix}_reason`;
  const columns = new Set(["idx", result, reason]);
  return defineShape({
    id: `pandalm_${prefix}_verdicts`,
    title: `PandaLM verdicts of ${model}`,
    looksLike: `idx, ${result} and ${reason}`,
    example: { idx: 1, [result]: 1, [reason]: "The first is right." },
    fields: ["idx", result],
    row: z.preprocess(
      (row) =>
        isRecord(row)
          ? { idx: row.idx, verdict: row[result], reason: row[reason], others: otherColumns(row, columns) }
          : row,
      z.object({
        idx: idSchema,
        verdict: modelVerdict,
        reason: z.string().nullish(),
        others: z.record(z.string(), z.unknown()),
      }),
    ),
    open: ({ session, warn }) => ({
      row({ idx, verdict, reason: why, others }) {
        const known = pairs(session);
        if (known.size === 0)
          throw new RowRefused({
            code: "missing-companion",
            field: "idx",
            message: "Verdicts only number the pairs; their texts are in testset.json.",
          });
        const pair = known.get(idx);
        if (!pair)
          throw new RowRefused({
            code: "missing-reference",
            field: "idx",
            message: `The test set has no pair ${idx}.`,
          });
        if (verdict === null) {
          warn({ code: "no-verdict", field: result, message: `${model} gave no readable verdict.` });
          return [];
        }
        const answers = [
          better(outcomes[verdict]),
          ...(why?.trim() ? [written(rationaleQuestion, why)] : []),
        ];
        const prompt = { ...pair.prompt, metadata: { ...others, ...pair.prompt.metadata } };
        return [{ ...pair, prompt, judgements: [judgement({ id: model, kind: "model" }, ...answers)] }];
      },
    }),
  });
}

export const pandalmGptVerdicts = verdictsOf("gpt", "gpt-3.5-turbo");
export const pandalmOwnVerdicts = verdictsOf("pandalm", "pandalm-7b");
