import { entriesOf, plainNumbers } from "../../db/shape/written-json";
import { isRecord, type RowValue } from "../import/source/row";
import { InputError } from "../statistics/estimate";

/** A row that may become training data. */
export interface Candidate {
  /** Its source's place in the recipe. */
  readonly source: number;
  /** From 1, in its file. */
  readonly row: number;
  readonly value: RowValue;
  /** The file and row, for whoever has to look. */
  readonly place: string;
  /** The sha256 of what it says. */
  readonly hash: string;
}

/** What is at a field; `scores.quality` is a field of a field. Undefined where there is none. */
export function fieldOf(value: unknown, field: string): unknown {
  return field.split(".").reduce((at: unknown, name) => {
    if (typeof at !== "object" || at === null) return undefined;
    return entriesOf(at).find(([own]) => own === name)?.[1];
  }, value);
}

/**
 * A text, or the texts of a conversation's turns one below the other.
 * @throws InputError naming file, row and field
 */
export function textAt({ value, place }: Candidate, field: string): string {
  const text = textOf(fieldOf(value, field));
  if (text === null)
    throw new InputError(
      `${place}: ${field} is ${kindOf(fieldOf(value, field))}; a text or a list of messages is needed.`,
    );
  return text;
}

/** The texts of several fields of a candidate, one below the other. */
export const textOfFields = (candidate: Candidate, fields: readonly string[]): string =>
  fields.map((field) => textAt(candidate, field)).join("\n");

function textOf(found: unknown): string | null {
  if (typeof found === "string") return found;
  if (!Array.isArray(found)) return null;
  const parts = found.map((turn: unknown) => {
    if (!isRecord(turn)) return null;
    // A message's content may be a list of parts, of which those without text are images and the like.
    if (turn.content === null || turn.type === "image") return "";
    return turn.type === "text" ? textOf(turn.text) : textOf(turn.content);
  });
  return parts.every((part) => part !== null) ? parts.filter((part) => part !== "").join("\n") : null;
}

/** @throws InputError naming file, row and field */
export function numberAt({ value, place }: Candidate, field: string): number {
  const found = plainNumbers(fieldOf(value, field));
  if (typeof found !== "number" || !Number.isFinite(found))
    throw new InputError(`${place}: ${field} is ${kindOf(found)}; a number is needed.`);
  return found;
}

/** @throws InputError naming file, row and field */
export function numbersAt({ value, place }: Candidate, field: string): number[] {
  const found: unknown = plainNumbers(fieldOf(value, field));
  if (!Array.isArray(found))
    throw new InputError(`${place}: ${field} is ${kindOf(found)}; a list of numbers is needed.`);
  return found.map((item: unknown, at) => {
    if (typeof item !== "number" || !Number.isFinite(item))
      throw new InputError(`${place}: ${field}.${at} is ${kindOf(item)}; a number is needed.`);
    return item;
  });
}

/** @throws InputError naming file, row and field */
export function wordsAt({ value, place }: Candidate, field: string): string[] {
  const found = fieldOf(value, field);
  if (!Array.isArray(found))
    throw new InputError(`${place}: ${field} is ${kindOf(found)}; a list of texts is needed.`);
  return found.map((item: unknown, at) => {
    if (typeof item !== "string")
      throw new InputError(`${place}: ${field}.${at} is ${kindOf(item)}; a text is needed.`);
    return item;
  });
}

/** @throws InputError naming file, row and field */
export function truthAt({ value, place }: Candidate, field: string): boolean {
  const found = fieldOf(value, field);
  if (typeof found !== "boolean")
    throw new InputError(`${place}: ${field} is ${kindOf(found)}; true or false is needed.`);
  return found;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list of something else";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
