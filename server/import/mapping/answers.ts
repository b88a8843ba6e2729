import type { QuestionOf } from "../../form/schema";
import { type Finding, RowRefused } from "../problems";
import {
  type Answered,
  betterQuestion,
  demonstrationQuestion,
  marginQuestion,
  ranked,
  ranksByScore,
  rationaleQuestion,
  written,
} from "../questions";
import type { ColumnMapping, ImportedResponse } from "../schema";
import type { RowValue } from "../source/row";
import { valueAt } from "./path";
import { filled, listAt, ofEach, parsed, textAt, textOf } from "./row";
import { fits, isNumber, wordsOf } from "./when";

/** The responses that a row has, among those that were mapped. */
export interface RowResponses {
  list: readonly ImportedResponse[];
  /** Their places among the mapped ones, and how many those are. */
  of: readonly number[];
  all: number;
}

/** What the row at hand says, as answers; none where it judges nothing. */
type Reader = (row: RowValue, responses: RowResponses, warn: (finding: Finding) => void) => Answered[];

/** How a mapping's judgements are read. Its questions are made once, so that all rows share them. */
export function answerReader(mapping: ColumnMapping): Reader {
  const readers: Reader[] = [
    ...(mapping.preference ? [verdictReader(mapping.preference)] : []),
    ...(mapping.ranking ? [rankingReader(mapping.ranking)] : []),
    ...mapping.ratings.map(ratingReader),
    ...mapping.choices.map(choiceReader),
    ...(mapping.demonstration ? [textReader(demonstrationQuestion, mapping.demonstration)] : []),
    ...(mapping.rationale ? [textReader(rationaleQuestion, mapping.rationale)] : []),
  ];
  return (...at) => readers.flatMap((read) => read(...at));
}

const levels = ["much", "clearly", "slightly"] as const;

function verdictReader(mapping: NonNullable<ColumnMapping["preference"]>): Reader {
  const { column, first, second, tie, bothBad, none, strength } = mapping;
  const offers = { bothBad: bothBad !== undefined };
  const plain: QuestionOf<"preference"> = offers.bothBad ? { ...betterQuestion, ...offers } : betterQuestion;
  const graded: QuestionOf<"preference"> = offers.bothBad ? { ...marginQuestion, ...offers } : marginQuestion;
  const outcomes = [
    ["a", first],
    ["b", second],
    ["tie", tie],
    ["both_bad", bothBad],
  ] as const;
  return (row, _, warn) => {
    const fill = (template: string) => filled(row, template);
    const value = textAt(row, column);
    // An empty cell says nothing, also where another column that is named is empty, too.
    const isSaid = value.trim() !== "";
    const outcome = outcomes.find(([, when]) => isSaid && when !== undefined && fits(when, value, fill))?.[0];
    if (!outcome) {
      if (isSaid && !(none !== undefined && fits(none, value, fill)))
        throw unexpected(column, value, wordsOf(first, second, tie, bothBad, none));
      warn({ code: "no-verdict", field: column, message: `${column} has no verdict.` });
      return [];
    }
    const question = strength ? graded : plain;
    if (outcome === "tie" || outcome === "both_bad") return [[question, { type: "preference", outcome }]];
    const said = strength ? textAt(row, strength.column) : "";
    if (!strength || said.trim() === "") return [[plain, { type: "preference", outcome, level: 1 }]];
    const level = levels.findIndex((name) => {
      const when = strength[name];
      return when !== undefined && fits(when, said, fill);
    });
    if (level < 0)
      throw unexpected(strength.column, said, wordsOf(strength.slightly, strength.clearly, strength.much));
    return [[graded, { type: "preference", outcome, level: 3 - level }]];
  };
}

function unexpected(field: string, value: string, expected: string): RowRefused {
  return new RowRefused({
    code: "bad-answer",
    field,
    message: `${field} is "${value}", not one of ${expected}.`,
  });
}

function rankingReader({ columns, as }: NonNullable<ColumnMapping["ranking"]>): Reader {
  return (row, responses, warn) => {
    if (responses.list.length < 2) return [];
    if (as === "order") {
      const ranks = ranksInOrder(row, columns[0], responses);
      return ranks ? [ranked(ranks)] : [];
    }
    const said = ofEach(row, columns, responses).map((value) => textOf(value, columns[0]));
    if (said.every((value) => value.trim() === "")) {
      warn({ code: "no-verdict", field: columns[0], message: `${columns.join(", ")}: no ranking.` });
      return [];
    }
    const numbers = said.map((value) => numberIn(value, columns[0]));
    return [ranked(ranksByScore(as === "scores" ? numbers : numbers.map((rank) => -rank)))];
  };
}

/**
 * Ranks from an order such as `["B", "A"]`, `B > A = C` or `2,1`: letters, numbers from 1 (or 0), or sources. A winner
 * alone goes by a number from 1: whether a file counts its winners from 0, no single row says.
 */
function ranksInOrder(row: RowValue, column: string, { list, of }: RowResponses): number[] | null {
  const groups = orderAt(row, column);
  if (groups.length === 0) return null;
  const zeroBased = groups.flat().includes("0");
  if (zeroBased && groups.flat().length === 1 && !list.some(({ source }) => source === "0"))
    throw new RowRefused({
      code: "bad-answer",
      field: column,
      message: `${column} is "0": a winner alone is named by a number from 1, a letter or a source.`,
    });
  const placeOf = (name: string): number => {
    const bySource = list.findIndex(({ source }) => source === name);
    if (bySource >= 0) return bySource;
    if (/^\d+$/.test(name)) return of.indexOf(Number(name) - (zeroBased ? 0 : 1));
    return /^[a-z]$/i.test(name) ? of.indexOf(name.toUpperCase().charCodeAt(0) - 65) : -1;
  };
  const ranks = list.map(() => 0);
  let better = 0;
  for (const group of groups) {
    for (const name of group) {
      const place = placeOf(name);
      if (place < 0 || ranks[place] !== 0)
        throw new RowRefused({
          code: "bad-answer",
          field: column,
          message: `${column} names "${name}", which is ${place < 0 ? "no response of the row" : "named twice"}.`,
        });
      ranks[place] = better + 1;
    }
    better += group.length;
  }
  // One name alone is the winner's.
  if (better === 1) return ranks.map((rank) => rank || 2);
  if (better !== list.length)
    throw new RowRefused({
      code: "bad-answer",
      field: column,
      message: `${column} orders ${better} of ${list.length} responses.`,
    });
  return ranks;
}

function orderAt(row: RowValue, column: string): string[][] {
  const named = (value: unknown) => textOf(value, column).trim();
  const list = listAt(row, column);
  if (list) return list.map((entry: unknown) => (Array.isArray(entry) ? entry.map(named) : [named(entry)]));
  const text = textAt(row, column).trim();
  if (text === "") return [];
  return text
    .split(text.includes(">") ? ">" : ",")
    .map((group) => group.split("=").map((name) => name.trim()));
}

function numberIn(text: string, field: string): number {
  if (isNumber(text)) return Number(text);
  throw new RowRefused({ code: "bad-answer", field, message: `${field} is "${text}", not a number.` });
}

function ratingReader({ id, label, per, min, max, attributes }: ColumnMapping["ratings"][number]): Reader {
  const question: QuestionOf<"rating"> = {
    id,
    type: "rating",
    label: label ?? named(id),
    help: "",
    required: false,
    per,
    min,
    max,
    attributes: attributes.map((attribute) => ({
      id: attribute.id,
      label: attribute.label ?? named(attribute.id),
    })),
  };
  return (row, responses) => {
    const values: Record<string, (number | null)[]> = {};
    for (const { id: attribute, columns, values: words } of attributes) {
      const said = perOf(per, row, columns, responses).map((value) => {
        const text = textOf(value, columns[0]).trim();
        return text === "" ? null : (words?.[text] ?? numberIn(text, columns[0]));
      });
      if (said.some((value) => value !== null)) values[attribute] = said;
    }
    return Object.keys(values).length > 0 ? [[question, { type: "rating", values }]] : [];
  };
}

function choiceReader(mapping: ColumnMapping["choices"][number]): Reader {
  const { id, label, per, multiple, columns, options } = mapping;
  const question: QuestionOf<"choice"> = {
    id,
    type: "choice",
    label: label ?? named(id),
    help: "",
    required: false,
    per,
    multiple,
    options: options.map((option) => ({ value: option.value, label: option.label ?? named(option.value) })),
  };
  return (row, responses) => {
    const fill = (template: string) => filled(row, template);
    const values = perOf(per, row, columns, responses).map((value) => {
      const inside = multiple && typeof value === "string" && /^\s*\[/.test(value) ? parsed(value) : value;
      const said = (multiple && Array.isArray(inside) ? inside : [value]).map((one) =>
        textOf(one, columns[0]),
      );
      return said
        .filter((text) => text.trim() !== "")
        .map((text) => {
          const option = options.find(({ value: own, when }) => fits(when ?? own, text, fill));
          if (!option)
            throw unexpected(
              columns[0],
              text,
              wordsOf(...options.map(({ value: own, when }) => when ?? own)),
            );
          return option.value;
        });
    });
    return values.some((chosen) => chosen.length > 0) ? [[question, { type: "choice", values }]] : [];
  };
}

/** The values of each response, or the one of the task. */
function perOf(
  per: "response" | "task",
  row: RowValue,
  columns: readonly string[],
  responses: RowResponses,
): unknown[] {
  return per === "task" ? [valueAt(row, columns[0])] : ofEach(row, columns, responses);
}

function textReader(question: QuestionOf<"text">, column: string): Reader {
  return (row) => {
    const text = textAt(row, column);
    return text.trim() === "" ? [] : [written(question, text)];
  };
}

/** `helpful_ness` as a label. */
const named = (id: string): string => id.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
