import { parseRowJson } from "../../../db/shape/written-json";
import { groupBy } from "../../group";
import { RowRefused } from "../problems";
import { isRecord, type RowValue } from "../source/row";

/**
 * A place within a row: a column, then keys and indices below it.
 * `a.b` a key · `a[0]` `a[-1]` an element, from the start or the end · `a[:-1]` `a[1:3]` a part of a list ·
 * `a[*].b` the same of every element, as a list. A column's own name goes first, whatever it is made of, and JSON
 * that a table carries as text is read where the path goes on into it.
 */
type Step = { key: string } | { at: number } | { from: number; to: number | undefined } | "each";

const steps = /\.?([^.[\]]+)|\[(?:(-?\d+)|(-?\d*):(-?\d*)|(\*))\]/y;

/** The steps of what follows a column's name. @returns null for what is no path */
function stepsOf(path: string): Step[] | null {
  const found: Step[] = [];
  for (steps.lastIndex = 0; steps.lastIndex < path.length; ) {
    const start = steps.lastIndex;
    const match = steps.exec(path);
    // Only the first name may stand without a dot before it.
    if (!match || (match[1] !== undefined && start > 0 && path[start] !== ".")) return null;
    const [, key, at, from, to, each] = match;
    if (key !== undefined) found.push({ key });
    else if (at !== undefined) found.push({ at: Number(at) });
    else if (each) found.push("each");
    else found.push({ from: Number(from || 0), to: to ? Number(to) : undefined });
  }
  return found;
}

interface Located {
  column: string;
  steps: readonly Step[];
}

/** The column that a path begins with: the longest that the row has, so that names with dots are names. */
function locate(row: RowValue, path: string): Located | null {
  if (Object.hasOwn(row, path)) return { column: path, steps: [] };
  for (let end = path.length - 1; end > 0; end--) {
    if (path[end] !== "." && path[end] !== "[") continue;
    const column = path.slice(0, end);
    const rest = Object.hasOwn(row, column) && stepsOf(path.slice(end));
    if (rest) return { column, steps: rest };
  }
  return null;
}

/**
 * What stands in a row at a path; undefined where there is nothing.
 * @throws RowRefused where the path leads into text that is not JSON
 */
export function valueAt(row: RowValue, path: string): unknown {
  const located = locate(row, path);
  return located ? follow(row[located.column], located.steps, path) : undefined;
}

function follow(value: unknown, [step, ...rest]: readonly Step[], path: string): unknown {
  if (step === undefined || value === undefined || value === null) return value ?? undefined;
  const inside = opened(value, path);
  if (step === "each") return listAt(inside, path).map((element) => follow(element, rest, path));
  if ("key" in step)
    return isRecord(inside) && Object.hasOwn(inside, step.key)
      ? follow(inside[step.key], rest, path)
      : undefined;
  const list = listAt(inside, path);
  return follow("at" in step ? list.at(step.at) : list.slice(step.from, step.to), rest, path);
}

/** Text that the path leads into is JSON, or the path is wrong. */
function opened(value: unknown, path: string): unknown {
  if (typeof value !== "string") return value;
  try {
    return parseRowJson(value);
  } catch {
    throw new RowRefused({
      code: "wrong-type",
      field: path,
      message: `${path} leads into text that is not JSON: "${value.slice(0, 60)}".`,
    });
  }
}

function listAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new RowRefused({
    code: "wrong-type",
    field: path,
    message: `${path} asks for an element of what is not a list.`,
  });
}

/**
 * What is left of a row when everything at `paths` is taken out: what the mapping does not use. Of a column that is
 * used in part, the rest stays, JSON text as what it spells.
 */
export function rowWithout(row: RowValue, paths: readonly string[]): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  const used = groupBy(
    paths.flatMap((path) => locate(row, path) ?? []),
    ({ column }) => column,
  );
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue;
    const taken = used.get(column)?.map((located) => located.steps) ?? [];
    const left = valueWithout(value, taken, column);
    if (left !== undefined) rest[column] = left;
  }
  return rest;
}

function valueWithout(value: unknown, taken: readonly (readonly Step[])[], path: string): unknown {
  if (taken.length === 0 || value === null) return value;
  if (taken.some((steps) => steps.length === 0)) return undefined;
  const inside = opened(value, path);
  if (Array.isArray(inside)) {
    const left = inside.map((element: unknown, index) =>
      valueWithout(
        element,
        taken.flatMap(([step, ...more]) => (covers(step, index, inside.length) ? [more] : [])),
        path,
      ),
    );
    // Places stay what they are: what was taken from between the others is null.
    return left.every((element) => element === undefined)
      ? undefined
      : left.map((element) => element ?? null);
  }
  if (!isRecord(inside)) return undefined;
  const left = Object.entries(inside).flatMap(([key, part]) => {
    const below = taken.flatMap(([step, ...more]) =>
      typeof step === "object" && "key" in step && step.key === key ? [more] : [],
    );
    const kept = valueWithout(part, below, path);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

function covers(step: Step | undefined, index: number, length: number): boolean {
  if (step === "each") return true;
  if (step === undefined || "key" in step) return false;
  const fromStart = (at: number) => (at < 0 ? at + length : at);
  if ("at" in step) return fromStart(step.at) === index;
  return index >= fromStart(step.from) && index < fromStart(step.to ?? length);
}
