import type { Message } from "../../../db/shape/content";
import { toMessages, toPrompt, toResponse, toTools, userTurn } from "../conversation";
import { answerReader, type RowResponses } from "../mapping/answers";
import { rowWithout, valueAt } from "../mapping/path";
import { columnsIn, filled, listAt, parsed, textAt, textOf, wholeColumn } from "../mapping/row";
import { type Finding, RowRefused } from "../problems";
import { fileLabel, judgement } from "../questions";
import type { ColumnMapping, ImportedResponse, ImportRecord, Judgement } from "../schema";
import type { RowValue } from "../source/row";
import type { Shape } from "./shape";

/** The shape that a person described by saying which column holds what. */
export function mappedShape(mapping: ColumnMapping): Shape {
  const judgementsIn = judgementReader(mapping);
  const used = usedPaths(mapping);
  const toRecord = (row: RowValue, warn: (finding: Finding) => void): ImportRecord => {
    const optional = (path: string | undefined) => (path ? textAt(row, path) || undefined : undefined);
    const system = optional(mapping.system);
    const responses = responsesIn(row, mapping);
    return {
      prompt: toPrompt(
        [...(system ? [{ role: "system" as const, content: system }] : []), ...promptIn(row, mapping.prompt)],
        {
          tools: mapping.tools ? toTools(valueAt(row, mapping.tools)) : undefined,
          language: optional(mapping.language),
          domain: optional(mapping.domain),
          source: optional(mapping.source),
          externalId: optional(mapping.externalId),
          metadata: rowWithout(row, used),
        },
      ),
      responses: [...responses.list],
      judgements: judgementsIn(row, responses, warn),
    };
  };
  return {
    id: "mapped",
    title: "Chosen columns",
    looksLike: "the columns that were chosen",
    companion: false,
    refers: false,
    recognises: () => true,
    open: ({ warn }) => ({ row: (row) => [toRecord(row, warn)] }),
  };
}

type JudgementReader = (
  row: RowValue,
  responses: RowResponses,
  warn: (finding: Finding) => void,
) => Judgement[];

/** How the judgements of a row are read: one, or one for each element of the list that they stand in. */
function judgementReader(mapping: ColumnMapping): JudgementReader {
  const list = listOfJudgements(mapping);
  if (list === null) return oneJudgement(mapping);
  const readers: JudgementReader[] = [];
  return (row, ...rest) =>
    (listAt(row, list) ?? []).flatMap((_, index) => {
      readers[index] ??= oneJudgement(judgementIn(mapping, list, index));
      return readers[index](row, ...rest);
    });
}

function oneJudgement(mapping: ColumnMapping): JudgementReader {
  const answersIn = answerReader(mapping);
  return (row, responses, warn) => {
    const answers = answersIn(row, responses, warn);
    const rater = mapping.rater === undefined ? "" : textAt(row, mapping.rater);
    const at = mapping.time === undefined ? undefined : timeAt(row, mapping.time);
    if (answers.length === 0) return [];
    return [{ ...judgement(rater ? { id: rater, kind: mapping.raterKind } : fileLabel, ...answers), at }];
  };
}

const each = "[*]";

/** `annotations` of `annotations[*].winner`: a list of judgements, where what says them lies in one that is not the replies'. */
function listOfJudgements({ preference, rater, time, rationale, responses }: ColumnMapping): string | null {
  const lists = [preference?.column, rater, time, rationale].flatMap((path) =>
    path?.includes(each) ? [path.slice(0, path.indexOf(each))] : [],
  );
  const isOfReplies = (list: string) => responses.some(({ column }) => column.startsWith(`${list}${each}`));
  return lists.find((list) => !isOfReplies(list)) ?? null;
}

/** The mapping of one judgement in the list. */
function judgementIn(mapping: ColumnMapping, list: string, index: number): ColumnMapping {
  const within = (path: string) =>
    path.startsWith(`${list}${each}`) ? `${list}[${index}]${path.slice(list.length + each.length)}` : path;
  const optional = (path: string | undefined) => (path === undefined ? undefined : within(path));
  const { preference, ranking, ratings, choices, demonstration, rationale, rater, time } = mapping;
  return {
    ...mapping,
    preference: preference && {
      ...preference,
      column: within(preference.column),
      strength: preference.strength && {
        ...preference.strength,
        column: within(preference.strength.column),
      },
    },
    ranking: ranking && { ...ranking, columns: ranking.columns.map(within) },
    ratings: ratings.map((rating) => ({
      ...rating,
      attributes: rating.attributes.map((one) => ({ ...one, columns: one.columns.map(within) })),
    })),
    choices: choices.map((choice) => ({ ...choice, columns: choice.columns.map(within) })),
    demonstration: optional(demonstration),
    rationale: optional(rationale),
    rater: optional(rater),
    time: optional(time),
  };
}

/** Every path that the mapping reads. What it leaves over becomes metadata. */
function usedPaths(mapping: ColumnMapping): string[] {
  const { prompt, responses, preference, ranking, ratings, choices } = mapping;
  const { system, tools, demonstration, rationale, rater, time, language, domain, source, externalId } =
    mapping;
  return [
    ...columnsIn(prompt),
    ...responses.flatMap((response) => [response.column, response.sourceColumn, response.id]),
    ...[preference?.column, preference?.strength?.column, ...(ranking?.columns ?? [])],
    ...ratings.flatMap(({ attributes }) => attributes.flatMap(({ columns }) => columns)),
    ...choices.flatMap(({ columns }) => columns),
    ...[system, tools, demonstration, rationale, rater, time, language, domain, source, externalId],
  ].filter((path) => path !== undefined);
}

function promptIn(row: RowValue, template: string): Message[] {
  const whole = wholeColumn(template);
  return whole === undefined
    ? [userTurn(filled(row, template))]
    : turnsOf(valueAt(row, whole), whole, "user");
}

/** A cell's text or messages; tables carry lists of messages as JSON text. */
function turnsOf(value: unknown, path: string, role: Message["role"]): Message[] {
  if (typeof value !== "string") return toMessages(value, path, role);
  return toMessages(/^\s*\[\s*\{/.test(value) ? parsed(value) : value, path, role);
}

/**
 * The responses of a row. Empty cells are left out, since files with up to four replies have rows with two; but not
 * where a verdict speaks of the first and the second.
 */
function responsesIn(row: RowValue, { responses, preference }: ColumnMapping): RowResponses {
  const mapped = responses.flatMap(({ column, source, sourceColumn, id }) => {
    const named = (path: string | undefined, index?: number) => {
      if (path === undefined) return undefined;
      const value =
        index !== undefined && path.includes("[*]") ? listAt(row, path)?.[index] : valueAt(row, path);
      return textOf(value, path) || undefined;
    };
    const one = (value: unknown, path: string, index?: number): ImportedResponse | null =>
      (value === undefined || value === null || value === "") && !preference
        ? null
        : toResponse(turnsOf(value, path, "assistant"), {
            source: named(sourceColumn, index) ?? source,
            externalId: named(id, index),
          });
    if (!column.includes("[*]")) return [one(valueAt(row, column), column)];
    return (listAt(row, column) ?? []).map((value, index) =>
      one(value, column.replace("[*]", `[${index}]`), index),
    );
  });
  const of = mapped.flatMap((response, index) => (response ? [index] : []));
  return { list: mapped.filter((response) => response !== null), of, all: mapped.length };
}

/** When it was judged. @throws RowRefused for what is no time that reads in one way only */
function timeAt(row: RowValue, path: string): Date | undefined {
  const value = valueAt(row, path);
  const text = textOf(value, path).trim();
  if (text === "") return undefined;
  const at = /^\d+(\.\d+)?$/.test(text) ? sinceEpoch(Number(text)) : fromIso(text);
  if (at && !Number.isNaN(at.getTime())) return at;
  throw new RowRefused({
    code: "wrong-type",
    field: path,
    message: `${path} is "${text}", not a time such as 2026-11-30T08:15:00Z or seconds since 1970.`,
  });
}

/** Seconds, or milliseconds where seconds would lie beyond the year 5000. */
const sinceEpoch = (number: number): Date => new Date(number < 1e11 ? number * 1000 : number);

const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;

function fromIso(text: string): Date | null {
  const match = iso.exec(text);
  if (!match) return null;
  const [, day, time = "00:00", zone = "Z"] = match;
  const offset = zone === "UTC" ? "Z" : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  return new Date(`${day}T${time}${offset}`);
}
