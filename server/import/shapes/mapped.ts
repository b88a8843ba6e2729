import type { Message } from "../../../db/shape/content";
import { toMessages, toPrompt, toResponse, toTools, userTurn } from "../conversation";
import { answerReader, type RowResponses } from "../mapping/answers";
import { rowWithout, valueAt } from "../mapping/path";
import { columnsIn, filled, listAt, parsed, textAt, textOf, wholeColumn } from "../mapping/row";
import { type Finding, RowRefused } from "../problems";
import { fileLabel, judgement } from "../questions";
import type { ColumnMapping, ImportedResponse, ImportRecord } from "../schema";
import type { RowValue } from "../source/row";
import type { Shape } from "./shape";

/** The shape that a person described by saying which column holds what. */
export function mappedShape(mapping: ColumnMapping): Shape {
  const answersIn = answerReader(mapping);
  const used = usedPaths(mapping);
  const toRecord = (row: RowValue, warn: (finding: Finding) => void): ImportRecord => {
    const optional = (path: string | undefined) => (path ? textAt(row, path) || undefined : undefined);
    const system = optional(mapping.system);
    const responses = responsesIn(row, mapping);
    const answers = answersIn(row, responses, warn);
    const rater = optional(mapping.rater);
    const at = mapping.time === undefined ? undefined : timeAt(row, mapping.time);
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
      judgements:
        answers.length > 0
          ? [{ ...judgement(rater ? { id: rater, kind: mapping.raterKind } : fileLabel, ...answers), at }]
          : [],
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
