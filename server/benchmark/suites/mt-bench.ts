import { InputError } from "../../statistics/estimate";
import type { Document } from "../document";
import { has, listField, textField } from "./fields";
import type { Judge, Process, Suite } from "./suite";

/** Kinds of questions that are judged beside a reference answer, as FastChat has it. */
const needsReference = new Set(["math", "reasoning", "coding"]);
const JUDGE_TOKENS = 2048;

const form = `Be as objective as possible. After providing your explanation, you must rate the response on a scale of 1 to 10 by strictly following this format: "[[rating]]", for example: "Rating: [[5]]".`;
const general =
  "Your evaluation should consider factors such as the helpfulness, relevance, accuracy, depth, creativity, and level of detail of the response.";
const checked =
  "Your evaluation should consider correctness and helpfulness. You will be given a reference answer and the assistant's answer.";
const explained = "Begin your evaluation by providing a short explanation.";
const compared =
  "Begin your evaluation by comparing the assistant's answer with the reference answer. Identify and correct any mistakes.";

/** The judge's question on the first answer: FastChat's `single-v1` and `single-math-v1`, word by word. */
const firstAsked = (question: string, answer: string, reference: string | null) =>
  `[Instruction]
Please act as an impartial judge and evaluate the quality of the response provided by an AI assistant to the user question displayed below. ${reference === null ? `${general} ${explained}` : `${checked} ${compared}`} ${form}

[Question]
${question}

${reference === null ? "" : `[The Start of Reference Answer]\n${reference}\n[The End of Reference Answer]\n\n`}[The Start of Assistant's Answer]
${answer}
[The End of Assistant's Answer]`;

/** On the second, with the first: `single-v1-multi-turn` and `single-math-v1-multi-turn`. */
const secondSystem = (isChecked: boolean) =>
  `Please act as an impartial judge and evaluate the quality of the response provided by an AI assistant to the user question${isChecked ? "" : " displayed below"}. ${isChecked ? checked : general} You evaluation should focus on the assistant's answer to the second ${isChecked ? "" : "user "}question. ${isChecked ? compared : explained} ${form}\n\n`;

const conversation = (title: string, name: string, turns: readonly string[], answers: readonly string[]) =>
  `<|The Start of ${title}|>\n\n${turns
    .map((turn, index) => `### User:\n${turn}\n\n### ${name}:\n${answers[index]}\n\n`)
    .join("")}<|The End of ${title}|>`;

const secondAsked = (
  turns: readonly string[],
  answers: readonly string[],
  reference: readonly string[] | null,
) =>
  (reference === null
    ? ""
    : `${conversation("Reference Answer", "Reference answer", turns, reference)}\n\n\n`) +
  conversation("Assistant A's Conversation with User", "Assistant A", turns, answers);

/** The rating in a judge's words, as FastChat finds it: the first in double brackets, else in single ones. */
export function ratingIn(words: string): number | null {
  const [, found] = /\[\[(\d+\.?\d*)\]\]/.exec(words) ?? /\[(\d+\.?\d*)\]/.exec(words) ?? [];
  const rating = Number(found ?? Number.NaN);
  return rating >= 1 && rating <= 10 ? rating : null;
}

async function rated(judge: Judge, system: string, content: string) {
  const messages = [
    { role: "system" as const, content: system },
    { role: "user" as const, content },
  ];
  const words = await judge.write(messages, JUDGE_TOKENS);
  return { words, rating: ratingIn(words) };
}

/**
 * Two turns, each answer rated from 1 to 10 by a judge (Zheng et al. 2023, arXiv 2306.05685). An answer for which the
 * judge gives no rating counts in `rated` alone.
 */
export const mtBenchProcess: Process = {
  metrics: ["score", "first_turn", "second_turn", "rated"],
  async ofJudged(document, [first = ""], { judge, answer }) {
    const place = `document ${String(document.question_id ?? "")}`.trim();
    const turns = textsOf(document, "turns", place);
    const category = textField(document, "category", place);
    const reference = needsReference.has(category) ? referenceOf(document, category, place) : null;
    const second = await answer([
      { role: "user", content: turns[0] },
      { role: "assistant", content: first },
      { role: "user", content: turns[1] },
    ]);
    const found = [
      await rated(judge, "You are a helpful assistant.", firstAsked(turns[0], first, reference?.[0] ?? null)),
      await rated(judge, secondSystem(reference !== null), secondAsked(turns, [first, second], reference)),
    ];
    const [one, two] = found.map(({ rating }) => rating);
    const ratings = [one, two].filter((rating) => rating !== null);
    return {
      scores: {
        ...(ratings.length > 0 && { score: ratings.reduce((sum, each) => sum + each, 0) / ratings.length }),
        ...(one !== null && { first_turn: one }),
        ...(two !== null && { second_turn: two }),
        rated: ratings.length / 2,
      },
      said: [second, ...found.map(({ words }) => words)],
    };
  },
};

const textsOf = (document: Document, field: string, place: string) =>
  listField(document, field, place).map(String);

function referenceOf(document: Document, category: string, place: string): string[] {
  const reference = document.reference === undefined ? [] : textsOf(document, "reference", place);
  if (reference.length >= 2) return reference;
  throw new InputError(
    `${place}: reference is missing: a question of the category ${category} is judged beside a reference answer to each turn.`,
  );
}

function documents(row: Document, place: string): Document[] {
  const turns = textsOf(row, row.turns === undefined ? "prompt" : "turns", place);
  if (turns.length !== 2) throw new InputError(`${place}: turns has ${turns.length} texts; two are asked.`);
  const question = { ...row, turns };
  if (needsReference.has(textField(question, "category", place)))
    referenceOf(question, String(row.category), place);
  return [question];
}

export const mtBench: Suite = {
  title: "MT-Bench: two turns, each rated by a judge from 1 to 10 (arXiv 2306.05685)",
  from: "HuggingFaceH4/mt_bench_prompts on the Hub; or FastChat's question.jsonl with its reference answers as the field reference",
  shape: {
    fits: (row) =>
      has(row, "category") && (has(row, "turns") || (has(row, "reference") && Array.isArray(row.prompt))),
    documents,
  },
  task: {
    output_type: "generate_until",
    doc_to_text: "{{turns[0]}}",
    doc_to_target: "",
    apply_chat_template: true,
    generation_kwargs: { until: [], do_sample: false, max_gen_toks: 1024 },
    process_results: "mt_bench",
    groups: ["category"],
  },
};
