import type { Message } from "../../../db/shape/content";
import { toMessages, toPrompt, toResponse, userTurn } from "../conversation";
import { RowRefused } from "../problems";
import { better, demonstrationQuestion, fileLabel, judgement, written } from "../questions";
import type { ColumnMapping, ImportRecord } from "../schema";
import type { RowValue } from "../source/row";
import type { Shape } from "./shape";

/** The shape that a person described by saying which column holds what. */
export function mappedShape(mapping: ColumnMapping): Shape {
  return {
    id: "mapped",
    title: "Chosen columns",
    looksLike: "the columns that were chosen",
    companion: false,
    recognises: () => true,
    open: () => ({ row: (row) => [toRecord(row, mapping)] }),
  };
}

function toRecord(row: RowValue, mapping: ColumnMapping): ImportRecord {
  const optional = (column: string | undefined) => (column ? textIn(row, column) || undefined : undefined);
  const system = optional(mapping.system);
  const responses = mapping.responses.map(({ column, source, sourceColumn }) =>
    toResponse(turnsIn(row, column, "assistant"), { source: optional(sourceColumn) ?? source }),
  );
  const rater = optional(mapping.rater);
  const demonstration = optional(mapping.demonstration);
  const answers = [
    ...(mapping.preference ? [better(outcomeIn(row, mapping.preference))] : []),
    ...(demonstration ? [written(demonstrationQuestion, demonstration)] : []),
  ];
  return {
    prompt: toPrompt(
      [...(system ? [{ role: "system" as const, content: system }] : []), ...promptIn(row, mapping.prompt)],
      {
        language: optional(mapping.language),
        domain: optional(mapping.domain),
        source: optional(mapping.source),
        externalId: optional(mapping.externalId),
      },
    ),
    responses,
    judgements:
      answers.length > 0 ? [judgement(rater ? { id: rater, kind: "person" } : fileLabel, ...answers)] : [],
  };
}

function promptIn(row: RowValue, template: string): Message[] {
  const whole = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(template);
  if (whole) return turnsIn(row, whole[1], "user");
  return [userTurn(template.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, column: string) => textIn(row, column)))];
}

/** A column's text or messages; tables carry lists of messages as JSON text. */
function turnsIn(row: RowValue, column: string, role: Message["role"]): Message[] {
  const value = row[column];
  if (typeof value !== "string") return toMessages(value, column, role);
  return toMessages(/^\s*\[\s*\{/.test(value) ? parseList(value) : value, column, role);
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function textIn(row: RowValue, column: string): string {
  const value = row[column];
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new RowRefused({ code: "wrong-type", field: column, message: `${column} is not text.` });
}

function outcomeIn(row: RowValue, { column, first, second, tie }: NonNullable<ColumnMapping["preference"]>) {
  const value = textIn(row, column);
  if (value === first) return "a";
  if (value === second) return "b";
  if (tie !== undefined && value === tie) return "tie";
  const expected = [first, second, ...(tie === undefined ? [] : [tie])].map((text) => `"${text}"`).join(", ");
  throw new RowRefused({
    code: "bad-answer",
    field: column,
    message: `${column} is "${value}", not one of ${expected}.`,
  });
}
