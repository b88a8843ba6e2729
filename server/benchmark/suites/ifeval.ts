/**
 * IFEval: 25 kinds of instructions that a program can check (Zhou et al. 2023, arXiv 2311.07911), each read as lm-eval
 * reads it, oddities included. Two kinds and a half need what Python's packages bring as data: the language of a text
 * (`response_language`, and of a text in capitals or small letters whether it is English) is told here by script and
 * frequent words, sentences and words by their punctuation.
 */
import { plainNumbers } from "../../../db/shape/written-json";
import { InputError } from "../../statistics/estimate";
import type { Document } from "../document";
import { findAll, pythonRegex } from "../python/regex";
import { splitAtSpace, strip } from "../python/space";
import { has, listField, textField } from "./fields";
import { languageOf } from "./language";
import type { Process, Suite } from "./suite";

/** The values an instruction is given with; a check asks for those it needs. */
class Given {
  readonly #values: Document;
  readonly #place: string;

  constructor(values: Document, place: string) {
    this.#values = values;
    this.#place = place;
  }

  text(name: string): string {
    return textField(this.#values, name, this.#place);
  }

  texts(name: string): string[] {
    return listField(this.#values, name, this.#place).map(String);
  }

  number(name: string): number {
    const value = this.#values[name];
    if (typeof value === "number") return value;
    throw new InputError(`${this.#place}: ${name} is ${JSON.stringify(value)}; it must be a number.`);
  }

  /** Whether a count is as many as is asked: "less than" or "at least". */
  holds(count: number, threshold: string, relation = "relation"): boolean {
    const wanted = this.text(relation);
    if (wanted === "less than") return count < this.number(threshold);
    if (wanted === "at least") return count >= this.number(threshold);
    throw new InputError(`${this.#place}: ${relation} is ${wanted}; it must be "less than" or "at least".`);
  }

  /** How often a pattern of Python occurs; keywords are such patterns, unescaped. */
  matches(pattern: string, text: string): number {
    return findAll(pythonRegex(pattern, this.#place), text).length;
  }
}

type Check = (answer: string, given: Given) => boolean;

const isUpper = (text: string) => /\p{Lu}/u.test(text) && !/[\p{Ll}\p{Lt}]/u.test(text);
const isLower = (text: string) => /\p{Ll}/u.test(text) && !/[\p{Lu}\p{Lt}]/u.test(text);
const count = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].length;

/** Sentences end at a mark that space follows, unless it is an abbreviation's or an initial's. */
function sentencesIn(text: string): number {
  const abbreviation =
    /(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|Inc|Ltd|Co|No|Fig|approx)|\b[A-Z])\.$/;
  const parts = strip(text).split(/(?<=[.!?]["'”’)\]]*)\s+(?=\S)/);
  return parts.filter(
    (part, index) => part !== "" && (index === parts.length - 1 || !abbreviation.test(part)),
  ).length;
}

/** Words as the Penn Treebank cuts them, as far as capitals are concerned. */
const treebankWords = (text: string) =>
  splitAtSpace(text).flatMap((word) =>
    word
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}.]+$/gu, "")
      .replace(/(n't)$/i, " $1")
      .replace(/('(?:s|re|ve|ll|d|m))$/i, " $1")
      .split(/[\s,;:!?()[\]{}"]+|--/),
  );

const checks: Readonly<Record<string, Check>> = {
  "keywords:existence": (answer, given) =>
    given.texts("keywords").every((keyword) => given.matches(`(?i)${keyword}`, answer) > 0),
  "keywords:frequency": (answer, given) =>
    given.holds(given.matches(`(?i)${strip(given.text("keyword"))}`, answer), "frequency"),
  "keywords:forbidden_words": (answer, given) =>
    given.texts("forbidden_words").every((word) => given.matches(`(?i)\\b${word}\\b`, answer) === 0),
  "keywords:letter_frequency": (answer, given) => {
    const letter = given.text("letter").toLowerCase();
    const found = [...answer.toLowerCase()].filter((character) => character === letter).length;
    return given.holds(found, "let_frequency", "let_relation");
  },
  "language:response_language": (answer, given) => {
    const found = languageOf(answer);
    return found === null || found === given.text("language");
  },
  "length_constraints:number_sentences": (answer, given) => given.holds(sentencesIn(answer), "num_sentences"),
  "length_constraints:number_paragraphs": (answer, given) => {
    const parts = answer.split(/\s?\*\*\*\s?/);
    const empty = (index: number) => strip(parts[index]) === "";
    if (parts.some((_, index) => index > 0 && index < parts.length - 1 && empty(index))) return false;
    const ends = new Set([0, parts.length - 1]);
    return parts.length - [...ends].filter(empty).length === given.number("num_paragraphs");
  },
  "length_constraints:number_words": (answer, given) =>
    given.holds(count(/[\p{L}\p{N}_]+/gu, answer), "num_words"),
  "length_constraints:nth_paragraph_first_word": (answer, given) => {
    const parts = answer.split("\n\n");
    const paragraphs = parts.filter((part) => strip(part) !== "").length;
    const nth = given.number("nth_paragraph");
    const paragraph = strip(parts[nth - 1] ?? "");
    if (nth > paragraphs || paragraph === "") return false;
    const [word] = splitAtSpace(paragraph);
    const [first] = word
      .replace(/^'+/, "")
      .replace(/^"+/, "")
      .split(/[.,?!'"]/);
    return (
      paragraphs === given.number("num_paragraphs") &&
      first.toLowerCase() === given.text("first_word").toLowerCase()
    );
  },
  "detectable_content:number_placeholders": (answer, given) =>
    count(/\[[^\n]*?\]/g, answer) >= given.number("num_placeholders"),
  "detectable_content:postscript": (answer, given) => {
    const marker = strip(given.text("postscript_marker"));
    const known: Readonly<Record<string, string>> = {
      "P.P.S": "\\s*p\\.\\s?p\\.\\s?s.*$",
      "P.S.": "\\s*p\\.\\s?s\\..*$",
    };
    return (
      given.matches(`(?m)${known[marker] ?? `\\s*${marker.toLowerCase()}.*$`}`, answer.toLowerCase()) > 0
    );
  },
  "detectable_format:number_bullet_lists": (answer, given) =>
    count(/^\s*\*[^*].*$/gm, answer) + count(/^\s*-.*$/gm, answer) === given.number("num_bullets"),
  "detectable_format:constrained_response": (answer) =>
    ["My answer is yes.", "My answer is no.", "My answer is maybe."].some((one) =>
      strip(answer).includes(one),
    ),
  "detectable_format:number_highlighted_sections": (answer, given) => {
    const single = (answer.match(/\*[^\n*]*\*/g) ?? []).filter(
      (one) => strip(one.replace(/^\*+|\*+$/g, "")) !== "",
    );
    const double = (answer.match(/\*\*[^\n*]*\*\*/g) ?? []).filter((one) => strip(one.slice(2, -2)) !== "");
    return single.length + double.length >= given.number("num_highlights");
  },
  "detectable_format:multiple_sections": (answer, given) =>
    given.matches(`\\s?${strip(given.text("section_spliter"))}\\s?\\d+\\s?`, answer) >=
    given.number("num_sections"),
  "detectable_format:json_format": (answer) => {
    const fences = ["```json", "```Json", "```JSON", "```"];
    const bare = fences.reduce(
      (left, fence) => (left.startsWith(fence) ? left.slice(fence.length) : left),
      strip(answer),
    );
    try {
      // Python reads NaN and the infinities as numbers too.
      JSON.parse(strip(bare.replace(/```$/, "")).replace(/^(?:NaN|-?Infinity)$/, "0"));
      return true;
    } catch {
      return false;
    }
  },
  "detectable_format:title": (answer) =>
    (answer.match(/<<[^\n]+>>/g) ?? []).some((title) => strip(title.replace(/^<+|>+$/g, "")) !== ""),
  "combination:two_responses": (answer) => {
    const parts = answer.split("******").map(strip);
    if (parts.some((part, index) => part === "" && index > 0 && index < parts.length - 1)) return false;
    const full = parts.filter((part) => part !== "");
    return full.length === 2 && full[0] !== full[1];
  },
  "combination:repeat_prompt": (answer, given) =>
    strip(answer)
      .toLowerCase()
      .startsWith(strip(given.text("prompt_to_repeat")).toLowerCase()),
  "startend:end_checker": (answer, given) =>
    strip(answer)
      .replace(/^"+|"+$/g, "")
      .toLowerCase()
      .endsWith(strip(given.text("end_phrase")).toLowerCase()),
  "startend:quotation": (answer) => /^"[\s\S]*"$/.test(strip(answer)),
  "change_case:capital_word_frequency": (answer, given) => {
    const found = treebankWords(answer).filter(isUpper).length;
    return given.text("capital_relation") === "less than"
      ? found < given.number("capital_frequency")
      : found >= given.number("capital_frequency");
  },
  "change_case:english_capital": (answer) => isUpper(answer) && (languageOf(answer) ?? "en") === "en",
  "change_case:english_lowercase": (answer) => isLower(answer) && (languageOf(answer) ?? "en") === "en",
  "punctuation:no_comma": (answer) => !answer.includes(","),
};

/** The answer, and without its first line, its last, both, each also without asterisks. */
function looseForms(answer: string): string[] {
  const lines = answer.split("\n");
  const cut = [lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((part) => strip(part.join("\n")));
  const all = [answer, ...cut];
  return [...all, ...all.map((text) => text.replaceAll("*", ""))];
}

/** Which instructions an answer follows. @throws InputError naming the instruction that is not known or lacks a value */
function followed(document: Document, answers: readonly string[]): boolean[] {
  const place = `document ${String(plainNumbers(document.key) ?? "")}`.trim();
  const values = listField(document, "kwargs", place);
  return listField(document, "instruction_id_list", place).map((id, index) => {
    const name = String(id);
    if (!Object.hasOwn(checks, name))
      throw new InputError(
        `${place}: instruction_id_list.${index}: ${id} is not one of ${Object.keys(checks).join(", ")}.`,
      );
    const own = values[index];
    const given = new Given(
      typeof own === "object" && own !== null ? { ...own } : {},
      `${place}: kwargs.${index}`,
    );
    return answers.some((answer) => strip(answer) !== "" && checks[name](answer, given));
  });
}

export const ifevalProcess: Process = {
  metrics: [
    "prompt_level_strict_acc",
    "inst_level_strict_acc",
    "prompt_level_loose_acc",
    "inst_level_loose_acc",
  ],
  ofText: (document, answer) => {
    const [strict, loose] = [followed(document, [answer]), followed(document, looseForms(answer))];
    return {
      prompt_level_strict_acc: strict.every(Boolean),
      inst_level_strict_acc: strict,
      prompt_level_loose_acc: loose.every(Boolean),
      inst_level_loose_acc: loose,
    };
  },
};

export const ifeval: Suite = {
  title: "IFEval: instructions whose following a program can check (arXiv 2311.07911)",
  from: "google/IFEval on the Hub: ifeval_input_data.jsonl",
  shape: {
    fits: (row) => has(row, "instruction_id_list", "kwargs", "prompt"),
    documents: (row, place) => {
      listField(row, "kwargs", place);
      listField(row, "instruction_id_list", place);
      textField(row, "prompt", place);
      return [row];
    },
  },
  task: {
    output_type: "generate_until",
    doc_to_text: "prompt",
    doc_to_target: 0,
    generation_kwargs: { until: [], do_sample: false, temperature: 0, max_gen_toks: 1280 },
    process_results: "ifeval",
  },
};
