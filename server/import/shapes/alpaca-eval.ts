import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { better, fileLabel, judgement } from "../questions";
import type { ImportedResponse, ImportRecord } from "../schema";
import { describePrompt, promptFields, promptMessages } from "./fields";
import { columnsOf, defineShape, eachRow, otherColumns, perImport } from "./shape";

const outputsByInstruction = perImport(
  () => new Map<string, { dataset?: string; responses: ImportedResponse[] }>(),
);

const outputRow = z.looseObject({
  instruction: z.string(),
  output: z.string(),
  generator: z.string(),
  dataset: z.string().optional(),
});
const outputColumns = columnsOf(outputRow);

/** AlpacaEval's model outputs: the files of several models give one task for each instruction. */
export const alpacaEvalOutputs = defineShape({
  id: "alpaca_eval_outputs",
  title: "AlpacaEval outputs",
  looksLike: "instruction, output and generator",
  example: { instruction: "How many moons has Mars?", output: "Two.", generator: "model-a" },
  fields: ["instruction", "output", "generator"],
  row: outputRow,
  open: ({ session }) => {
    const tasks = outputsByInstruction(session);
    return {
      row(row) {
        const { instruction, output, generator, dataset } = row;
        const task = tasks.get(instruction) ?? { dataset, responses: [] };
        const metadata = otherColumns(row, outputColumns);
        task.responses.push({ content: output, source: generator, metadata });
        tasks.set(instruction, task);
        return [];
      },
      end() {
        const records = [...tasks].map(
          ([instruction, { dataset, responses }]): ImportRecord => ({
            prompt: toPrompt([userTurn(instruction)], { source: dataset }),
            responses,
            judgements: [],
          }),
        );
        tasks.clear();
        return records;
      },
    };
  },
});

const columns = [
  "output_1",
  "output_2",
  "generator_1",
  "generator_2",
  "preference",
  "label",
  "annotator",
  "index",
  "subset",
];

/** Two outputs and which is preferred: AlpacaEval's annotations (1, 2, 0 or 1.5 a tie, or graded) and LLMBar. */
export const judgedOutputs = defineShape({
  id: "judged_outputs",
  title: "Judged output pairs (AlpacaEval, LLMBar)",
  looksLike: "instruction or input, output_1, output_2, and preference or label (1 or 2)",
  example: {
    instruction: "How many moons has Mars?",
    output_1: "Two.",
    output_2: "One.",
    generator_1: "model-a",
    generator_2: "model-b",
    preference: 1,
  },
  fields: ["output_1", "output_2"],
  row: z.looseObject({
    ...promptFields,
    output_1: z.string(),
    output_2: z.string(),
    generator_1: z.string().optional(),
    generator_2: z.string().optional(),
    annotator: z.string().optional(),
    preference: z.number().min(0).max(2).nullish(),
    label: z.number().min(0).max(2).nullish(),
    index: z.union([z.string(), z.number()]).optional(),
    subset: z.string().optional(),
  }),
  open: eachRow((row, context) => {
    const grade = row.preference ?? row.label ?? null;
    if (grade === null)
      context.warn({ code: "no-verdict", field: "preference", message: "There is no verdict." });
    const graded = grade !== null && !Number.isInteger(grade);
    const rater = row.annotator ? { id: row.annotator, kind: "model" as const } : fileLabel;
    const outcome = grade === 0 || grade === 1.5 ? "tie" : grade !== null && grade < 1.5 ? "a" : "b";
    return [
      {
        prompt: {
          ...describePrompt(promptMessages(row), row, columns),
          ...(row.subset ? { source: row.subset } : {}),
          ...(row.index === undefined ? {} : { externalId: String(row.index) }),
        },
        responses: [
          { content: row.output_1, source: row.generator_1, metadata: {} },
          { content: row.output_2, source: row.generator_2, metadata: graded ? { preference: grade } : {} },
        ],
        judgements: grade === null ? [] : [judgement(rater, better(outcome))],
      },
    ];
  }),
});
