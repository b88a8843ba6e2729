/**
 * TAT-QA: questions on a table and its text (Zhu et al., ACL 2021). Scored as its authors do (tatqa_metric.py): numbers
 * with their scale, else words without case, articles and punctuation; lm-eval has no task for it.
 */
import { plainNumbers, pythonFloat } from "../../../db/shape/written-json";
import { isRecord } from "../../import/source/row";
import { InputError } from "../../statistics/estimate";
import type { Document } from "../document";
import { punctuation } from "../python/punctuation";
import { splitAtSpace, strip } from "../python/space";
import { has, listField, objectField, textField } from "./fields";
import type { Process, Suite } from "./suite";

/** One document a question, with the table and the text that all questions of a row share. */
function documents(row: Document, place: string): Document[] {
  const about = objectField(row, "table", place);
  const table = listField(about, "table", `${place}: table`)
    .map((cells) => (Array.isArray(cells) ? cells.map(String).join(" | ") : String(cells)))
    .join("\n");
  const passage = listField(row, "paragraphs", place)
    .map((paragraph) => (isRecord(paragraph) ? String(paragraph.text) : String(paragraph)))
    .join("\n");
  return listField(row, "questions", place).map((asked, index) => {
    const at = `${place}: questions.${index}`;
    if (!isRecord(asked)) throw new InputError(`${at} is no object.`);
    const question = { ...asked };
    textField(question, "question", at);
    const answers = [plainNumbers(question.answer)].flat().map(String);
    const scale = textField(question, "scale", at);
    return {
      ...question,
      uid: String(question.uid ?? ""),
      table_uid: String(about.uid ?? ""),
      table,
      passage,
      answers,
      expected: answers.join("; ") + (scale === "" ? "" : ` ${scale}`),
    };
  });
}

const scales: readonly (readonly [string, number])[] = [
  ["hundred", 100],
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
  ["percent", 0.01],
];
const scaleIn = (text: string) => scales.find(([name]) => text.toLowerCase().includes(name))?.[1] ?? 1;

const bare = (text: string) => text.replace(/['"\\$€£¥%(),[\]]/g, "");

function isNumber(text: string): boolean {
  const words = splitAtSpace(text).map(bare).filter(Boolean);
  if (words.length === 0 || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(words[0])) return false;
  return words.length < 2 || scaleIn(words[1]) !== 1;
}

/** The first number in a text, with its scale word, its per cent sign and the brackets that make it negative. */
function toNumber(text: string): { value: number; isWhole: boolean } | null {
  const found = /([+-]?\d+(?:\.\d+)?)|[+-]?\.\d+/.exec(bare(text))?.[1];
  if (found === undefined) return null;
  const scale = scaleIn(/[\d.]+\s?[a-zA-Z]+/.exec(text)?.[0] ?? "");
  const negative = /\([\d.\s]+\)/.test(strip(text)) ? -1 : 1;
  const percent = /[\d.\s]+%/.test(strip(text)) ? 0.01 : 1;
  return {
    value: rounded(Number(found) * scale * negative * percent, 4),
    isWhole: !found.includes(".") && scale >= 1 && percent === 1,
  };
}

/** As Python rounds: to the nearest, a tie to the even digit. */
function rounded(value: number, digits: number): number {
  const scaled = value * 10 ** digits;
  const low = Math.floor(scaled);
  if (scaled - low === 0.5 && (low + 0.5) / 10 ** digits === value)
    return (low % 2 === 0 ? low : low + 1) / 10 ** digits;
  return Number(value.toFixed(digits));
}

/** Answers as one text: numbers in full, others with the scale behind them, in alphabetical order. */
function answerText(answers: readonly string[], scale: string): string {
  return [...answers]
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((answer) => {
      const number = isNumber(answer) ? toNumber(answer) : null;
      if (number === null) return scale === "" ? answer : `${answer} ${scale}`;
      return (answer.includes("%") ? number.value : rounded(number.value, 2) * scaleIn(scale)).toFixed(4);
    })
    .join(" ");
}

/** As Python prints it: a whole number of whole parts without a point. */
function numberText(text: string): string {
  const number = toNumber(text);
  if (number === null) return "None";
  return number.isWhole ? String(number.value) : pythonFloat(number.value);
}

/** Words in small letters without articles and punctuation; numbers as numbers. */
const normalized = (text: string) =>
  text
    .split(" ")
    .map((token) => {
      const lower = token.toLowerCase();
      const plain = isNumber(lower) ? numberText(lower) : lower.replace(punctuation, "");
      return splitAtSpace(plain.replace(/\b(?:a|an|the)\b/g, " ")).join(" ");
    })
    .filter((token) => strip(token) !== "")
    .join(" ");

/** Of the different words of two texts; precision of no words is 1. */
function f1(said: ReadonlySet<string>, gold: ReadonlySet<string>): number {
  const both = [...gold].filter((word) => said.has(word)).length;
  const precision = said.size === 0 ? 1 : both / said.size;
  const recall = gold.size === 0 ? 1 : both / gold.size;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** What a model wrote: spans apart at semicolons, and the scale that stands behind the last. */
export function written(answer: string): { answers: string[]; scale: string } {
  const line = strip(strip(answer).split("\n")[0]).replace(/\.$/, "");
  const [, before = line, sign] = /^(.*?)\s*(thousand|million|billion|percent|%)$/i.exec(line) ?? [];
  const scale = sign === undefined ? "" : sign === "%" ? "percent" : sign.toLowerCase();
  const answers = before.split(";").map(strip).filter(Boolean);
  return { answers, scale };
}

/** Exact match and F1 of an answer with its scale, as the authors' metric. */
export function tatqaScores(
  gold: { readonly answers: readonly string[]; readonly scale: string; readonly type: string },
  said: { readonly answers: readonly string[]; readonly scale: string },
): { em: number; span_f1: number; scale: number } {
  if (said.answers.length === 0 || gold.answers.length === 0) return { em: 0, span_f1: 0, scale: 0 };
  const right = normalized(answerText(gold.answers, gold.scale));
  const texts = [answerText(said.answers, said.scale)];
  const [only] = said.answers;
  // 0.2342 is 23.42 percent.
  if (said.answers.length === 1 && said.scale === "" && !only.includes("%") && isNumber(only)) {
    const number = toNumber(only);
    if (number !== null) texts.push(number.value.toFixed(4));
  }
  const scored = texts.map((text) => {
    const own = normalized(text);
    const em = own === right ? 1 : 0;
    return { em, f1: rounded(f1(new Set(splitAtSpace(own)), new Set(splitAtSpace(right))), 2) };
  });
  const best = scored.reduce((a, b) => (b.em > a.em || (b.em === a.em && b.f1 > a.f1) ? b : a));
  const counts = gold.type === "arithmetic" || gold.type === "count";
  return { em: best.em, span_f1: counts ? best.em : best.f1, scale: gold.scale === said.scale ? 1 : 0 };
}

export const tatqaProcess: Process = {
  metrics: ["em", "span_f1", "scale"],
  ofText: (document, answer) =>
    tatqaScores(
      {
        answers: listField(document, "answers", "process_results tatqa").map(String),
        scale: String(document.scale),
        type: String(document.answer_type),
      },
      written(answer),
    ),
};

export const tatqa: Suite = {
  title: "TAT-QA: questions on tables and text of financial reports (arXiv 2105.07624)",
  from: "NExTplusplus/TAT-QA on GitHub: dataset_raw/tatqa_dataset_dev.json",
  shape: { fits: (row) => has(row, "table", "paragraphs", "questions"), documents },
  task: {
    output_type: "generate_until",
    description:
      "Answer the question from the table and the text. Separate several answers by semicolons, and write a number with its scale (thousand, million, billion or percent), if it has one.\n\n",
    doc_to_text: "{{table}}\n\n{{passage}}\n\nQuestion: {{question}}\nAnswer:",
    doc_to_target: "expected",
    generation_kwargs: { until: ["\n", "Question:"], do_sample: false, temperature: 0, max_gen_toks: 64 },
    process_results: "tatqa",
    cluster: "table_uid",
  },
};
