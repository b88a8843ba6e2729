import { z } from "zod";
import { toPrompt, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import {
  type Answered,
  choiceQuestion,
  demonstrationQuestion,
  fileLabel,
  judgement,
  written,
} from "../questions";
import { demonstrated } from "./demonstration";
import { columnsOf, defineShape, eachRow, otherColumns, perImport } from "./shape";

const letter = z.enum(["A", "B", "C", "D"]);

/** MMLU's tables without a header: question, four options, the letter of the right one. */
export const multipleChoice = defineShape({
  id: "multiple_choice",
  title: "Multiple choice (MMLU)",
  looksLike: "six columns without header: question, A, B, C, D and the letter of the answer",
  example: {
    column1: "How many moons has Mars?",
    column2: "1",
    column3: "2",
    column4: "3",
    column5: "4",
    column6: "B",
  },
  fields: ["column1", "column2", "column3", "column4", "column5", "column6"],
  when: (row) => letter.safeParse(row.column6).success,
  row: z.object({
    column1: z.string(),
    column2: z.string(),
    column3: z.string(),
    column4: z.string(),
    column5: z.string(),
    column6: letter,
  }),
  open: eachRow((row, { file }) => {
    const options = [row.column2, row.column3, row.column4, row.column5];
    const lines = options.map((option, index) => `${"ABCD"[index]}. ${option}`);
    const domain = /([^/]+?)(?:_(?:dev|test|val))?\.csv/.exec(file)?.[1].replaceAll("_", " ");
    const prompt = toPrompt([userTurn([row.column1, ...lines].join("\n"))], { domain, source: "MMLU" });
    return [demonstrated(prompt, row.column6)];
  }),
});

const instance = z.looseObject({ input: z.string(), output: z.string() });
const instanceColumns = columnsOf(instance);

/** Self-Instruct's seed tasks: an instruction with one or more worked instances. */
export const seedTasks = defineShape({
  id: "seed_tasks",
  title: "Self-Instruct seed tasks",
  looksLike: "instruction and instances of {input, output}",
  example: { instruction: "Count the moons.", instances: [{ input: "Mars", output: "2" }] },
  fields: ["instruction", "instances"],
  row: z.object({
    id: z.string().optional(),
    instruction: z.string(),
    instances: z.array(instance).min(1),
  }),
  open: eachRow((row) =>
    row.instances.map((worked) =>
      demonstrated(
        toPrompt([userTurn([row.instruction, worked.input].filter(Boolean).join("\n\n"))], {
          externalId: row.id,
          metadata: otherColumns(worked, instanceColumns),
        }),
        worked.output,
      ),
    ),
  ),
});

const tatAnswer = z.union([
  z.string(),
  z.number().transform(String),
  z.array(z.union([z.string(), z.number().transform(String)])).transform((parts) => parts.join("; ")),
]);

/** TAT-QA: a table and paragraphs of an annual report, with questions on them. */
export const tableQuestions = defineShape({
  id: "tat_qa",
  title: "Questions on tables (TAT-QA)",
  looksLike: "table, paragraphs and questions with answers",
  example: {
    table: {
      table: [
        ["Planet", "Moons"],
        ["Mars", "2"],
      ],
    },
    paragraphs: [{ order: 1, text: "Moons of planets." }],
    questions: [{ uid: "q1", question: "How many moons has Mars?", answer: "2" }],
  },
  fields: ["table", "paragraphs", "questions"],
  row: z.object({
    table: z.looseObject({ table: z.array(z.array(z.string())) }),
    paragraphs: z.array(z.looseObject({ order: z.number(), text: z.string() })),
    questions: z.array(
      z.looseObject({
        uid: z.string(),
        question: z.string(),
        answer: tatAnswer,
        scale: z.string().optional(),
      }),
    ),
  }),
  open: eachRow(({ table, paragraphs, questions }) => {
    const passage = [
      markdownTable(table.table),
      ...paragraphs.toSorted((a, b) => a.order - b.order).map(({ text }) => text),
    ];
    return questions.map(({ uid, question, answer, scale, ...rest }) =>
      demonstrated(
        toPrompt([userTurn([...passage, question].join("\n\n"))], {
          externalId: uid,
          source: "TAT-QA",
          metadata: { ...rest, scale },
        }),
        scale ? `${answer} ${scale}` : answer,
      ),
    );
  }),
});

function markdownTable([header = [], ...body]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...body.map(line)].join("\n");
}

const decision = z.enum(["yes", "no", "maybe"]);
const decisionQuestion = choiceQuestion("decision", "What do the abstracts say?", decision.options, "task");

/** PubMedQA: two annotators' decisions, one with the conclusion at hand and one without, and the long answer. */
export const pubMedQa = defineShape({
  id: "pubmed_qa",
  title: "PubMedQA",
  looksLike: "an object by PubMed id with QUESTION, CONTEXTS, final_decision and LONG_ANSWER",
  example: {
    QUESTION: "Has Mars moons?",
    CONTEXTS: ["Phobos and Deimos circle it."],
    final_decision: "yes",
    LONG_ANSWER: "It has two.",
  },
  fields: ["QUESTION", "CONTEXTS", "final_decision"],
  row: z.object({
    "@key": z.string().optional(),
    QUESTION: z.string(),
    CONTEXTS: z.array(z.string()),
    LABELS: z.array(z.string()).default([]),
    MESHES: z.array(z.string()).default([]),
    YEAR: z.string().nullish(),
    reasoning_required_pred: decision.optional(),
    reasoning_free_pred: decision.optional(),
    final_decision: decision,
    LONG_ANSWER: z.string(),
  }),
  open: eachRow((row) => {
    const context = row.CONTEXTS.map((text, index) =>
      row.LABELS[index] ? `${row.LABELS[index]}: ${text}` : text,
    );
    const chose = (value: z.output<typeof decision>): Answered => [
      decisionQuestion,
      { type: "choice", values: [[value]] },
    ];
    const annotators = [
      ["reasoning_required", row.reasoning_required_pred],
      ["reasoning_free", row.reasoning_free_pred],
    ] as const;
    return [
      {
        prompt: toPrompt([userTurn([...context, row.QUESTION].join("\n\n"))], {
          domain: "medicine",
          source: "PubMedQA",
          externalId: row["@key"],
          metadata: { question: row.QUESTION, year: row.YEAR ?? undefined, mesh: row.MESHES },
        }),
        responses: [],
        judgements: [
          judgement(fileLabel, chose(row.final_decision), written(demonstrationQuestion, row.LONG_ANSWER)),
          ...annotators.flatMap(([id, value]) =>
            value ? [judgement({ id, kind: "person" as const }, chose(value))] : [],
          ),
        ],
      },
    ];
  }),
});

/** Prompt templates of the import: file name and text. */
const templates = perImport(() => new Map<string, string>());

export const promptTemplate = defineShape({
  id: "prompt_template",
  title: "Prompt template",
  looksLike: "a text with {{column}} where the cells of a table go",
  companion: true,
  example: { "@template": "How many moons has {{planet}}?" },
  fields: ["@template"],
  row: z.looseObject({ "@template": z.string() }),
  open: ({ session, file }) => ({
    row(row) {
      templates(session).set(file, row["@template"]);
      return [];
    },
  }),
});

/** LegalBench's tables: the prompt is a template of the same name filled with the row, the answer a column. */
export const templatedTable = defineShape({
  id: "templated_table",
  title: "Tables with a prompt template (LegalBench)",
  looksLike: "index and answer with further columns, and a template file of the same name",
  example: { index: "0", answer: "2", planet: "Mars" },
  fields: ["index", "answer"],
  row: z.looseObject({ index: z.string(), answer: z.string() }),
  open: ({ session, file }) => ({
    row(row) {
      const name = baseName(file);
      const template = [...templates(session)].find(([path]) => baseName(path) === name)?.[1];
      if (template === undefined)
        throw new RowRefused({
          code: "missing-companion",
          field: "index",
          message: `The rows are parts of a prompt; its text is in ${name}.base_prompt.txt.`,
        });
      const used = new Set(["index", "answer"]);
      const prompt = template.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, column: string) => {
        used.add(column);
        const cell = row[column];
        if (typeof cell === "string") return cell;
        throw new RowRefused({
          code: "missing-reference",
          field: column,
          message: `The template asks for a column "${column}", which the row does not have.`,
        });
      });
      return [
        demonstrated(
          toPrompt([userTurn(prompt)], {
            domain: name.replaceAll("_", " "),
            externalId: `${name}/${row.index}`,
            metadata: otherColumns(row, used),
          }),
          row.answer,
        ),
      ];
    },
  }),
});

function baseName(file: string): string {
  return file.replace(/^.*\//, "").replace(/(\.base_prompt)?\.\w+(\.gz)?$/, "");
}
