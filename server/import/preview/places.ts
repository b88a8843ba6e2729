import { parseRowJson, WrittenNumber } from "../../../db/shape/written-json";
import { roleNamed } from "../conversation";
import type { MappablePlace } from "../schema";
import { isRecord, type RowValue } from "../source/row";

/** What one row deep in a file can show; more is for nobody to read. */
const MOST_PLACES = 200;
const DEEPEST = 4;
const SHOWN_VALUES = 12;
const LONGEST_VALUE = 60;
/** A mapping's paths have at most 500 characters, with what a guess adds to them. */
const LONGEST_PATH = 400;

/**
 * Every place in the rows that a mapping can name, in the order of the file: columns, what lies in them, and in JSON
 * that they carry as text; with the short values that stand there, so that verdicts can be read off.
 */
export function placesIn(rows: readonly RowValue[]): MappablePlace[] {
  const places = new Map<string, MappablePlace>();
  for (const row of rows) for (const [column, value] of Object.entries(row)) visit(places, column, value, 0);
  return [...places.values()];
}

function visit(places: Map<string, MappablePlace>, path: string, value: unknown, depth: number): void {
  if (value === null || value === undefined || value === "") return;
  // No template has a place for braces.
  if (path.length > LONGEST_PATH || /[{}]/.test(path)) return;
  const inside = value instanceof WrittenNumber ? value.value : opened(value);
  const kind = kindOf(inside);
  const known = places.get(path);
  if (!known && places.size >= MOST_PLACES) return;
  const place = known ?? { path, kind, values: [] };
  places.set(path, place);
  if (kind === "text" || kind === "number")
    keepValue(place, value instanceof WrittenNumber ? value.text : String(value));
  // Of a turn its role, which says whether it is a reply.
  if (kind === "turn") keepValue(place, roleOf(inside));
  if (depth >= DEEPEST) return;
  if (kind === "conversation") {
    visit(places, `${path}[:-1]`, Array.isArray(inside) ? inside.slice(0, -1) : [], DEEPEST);
    visit(places, `${path}[-1]`, Array.isArray(inside) ? inside.at(-1) : null, DEEPEST);
  } else if (Array.isArray(inside)) {
    for (const element of inside.filter(isRecord))
      for (const [key, part] of Object.entries(element)) visit(places, `${path}[*].${key}`, part, depth + 1);
    if (!inside.some(isRecord)) for (const element of inside) visit(places, `${path}[*]`, element, DEEPEST);
  } else if (isRecord(inside))
    for (const [key, part] of Object.entries(inside)) visit(places, `${path}.${key}`, part, depth + 1);
}

function keepValue(place: MappablePlace, text: string): void {
  if (place.values.length >= SHOWN_VALUES || text.length > LONGEST_VALUE || place.values.includes(text))
    return;
  place.values.push(text);
}

/** JSON that a table carries as text, as what it spells. */
function opened(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseRowJson(value);
  } catch {
    return value;
  }
}

function kindOf(value: unknown): MappablePlace["kind"] {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return "number";
  if (Array.isArray(value)) return value.length > 0 && value.every(isTurn) ? "conversation" : "list";
  if (isRecord(value)) return isTurn(value) ? "turn" : "object";
  return "text";
}

const roleOf = (turn: unknown): string =>
  isRecord(turn) ? (roleNamed(String(turn.role ?? turn.from)) ?? String(turn.role ?? turn.from)) : "";

const isTurn = (value: unknown): boolean =>
  isRecord(value) &&
  (typeof value.role === "string" || typeof value.from === "string") &&
  ("content" in value || "value" in value || "text" in value);
