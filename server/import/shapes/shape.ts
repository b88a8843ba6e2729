import { z } from "zod";
import { type Finding, RowRefused } from "../problems";
import type { ImportRecord } from "../schema";
import type { RowValue } from "../source/row";
import { refuseMedia } from "./media";

/** All files of one import together: what one file says about rows of another is kept under it. */
export class ImportSession {
  private readonly items = new Map<string, ImportRecord>();

  /** @param refers whether a file of the import names the tasks of others by their ids, which are kept only then */
  constructor(private readonly refers: boolean) {}

  remember(record: ImportRecord): void {
    const { externalId } = record.prompt;
    if (this.refers && externalId !== undefined) this.items.set(externalId, record);
  }

  /**
   * @param field of the row that names the task
   * @throws RowRefused naming the file that is missing, or the id that no file has
   */
  named(id: string, field: string): ImportRecord {
    const item = this.items.get(id);
    if (item) return item;
    throw new RowRefused(
      this.items.size === 0
        ? {
            code: "missing-companion",
            field,
            message: "The rows only name tasks by their ids; the texts are in the study's data file.",
          }
        : {
            code: "missing-reference",
            field,
            message: `No file of the import has a task with the id ${id}.`,
          },
    );
  }
}

/** A table that rows of one file fill and rows of another look up; one for each import. */
export function perImport<T>(make: () => T): (session: ImportSession) => T {
  const tables = new WeakMap<ImportSession, T>();
  return (session) => {
    const table = tables.get(session) ?? make();
    tables.set(session, table);
    return table;
  };
}

export interface ShapeContext {
  session: ImportSession;
  file: string;
  /** The first rows of the file, for what one row alone does not tell. */
  sample: readonly RowValue[];
  /** Something worth knowing about the row at hand, which is imported all the same. */
  warn(finding: Finding): void;
}

/** A conversion under way. `end` gives the records that needed all rows. */
export interface Conversion<T> {
  row(row: T): ImportRecord[];
  end?(): ImportRecord[];
}

/** One way in which files spell prompts, responses and judgements. */
export interface Shape {
  id: string;
  title: string;
  /** What a row looks like, in words. */
  looksLike: string;
  /** Such files complete others of the same import and are read first. */
  companion: boolean;
  /** Its rows name tasks of other files by id, which are read first. */
  refers: boolean;
  recognises(row: RowValue): boolean;
  open(context: ShapeContext): Conversion<RowValue>;
}

/** A shape that files are recognised by. */
export interface KnownShape extends Shape {
  /** A row of it, short and whole. */
  example: RowValue;
}

interface ShapeDefinition<S extends z.ZodType> {
  id: string;
  title: string;
  looksLike: string;
  example: RowValue;
  companion?: boolean;
  refers?: boolean;
  /** Fields that must be there for the shape to be recognised … */
  fields: readonly string[];
  /** … and what more must hold. */
  when?: (row: RowValue) => boolean;
  /**
   * What the conversion reads. `z.object` names all of it: the columns beside are kept as metadata of the prompts.
   * A conversion that a `z.looseObject` gives all columns keeps those itself that it does not use.
   */
  row: S;
  open(context: ShapeContext): Conversion<z.output<S>>;
}

/** A shape whose rows are checked by a zod schema before they are converted. */
export function defineShape<S extends z.ZodType>(definition: ShapeDefinition<S>): KnownShape {
  const {
    id,
    title,
    looksLike,
    example,
    companion = false,
    refers = false,
    fields,
    when,
    row: schema,
  } = definition;
  const read = schema instanceof z.ZodObject && !schema.def.catchall ? columnsOf(schema) : null;
  return {
    id,
    title,
    looksLike,
    example,
    companion,
    refers,
    recognises: (row) => fields.every((field) => Object.hasOwn(row, field)) && (when?.(row) ?? true),
    open(context) {
      const conversion = definition.open(context);
      return {
        row(value) {
          refuseMedia(value);
          const records = conversion.row(parseRow(schema, value));
          return read ? withMetadata(records, otherColumns(value, read)) : records;
        },
        end: conversion.end?.bind(conversion),
      };
    },
  };
}

/** @param kept what a prompt's own metadata do not name already */
function withMetadata(records: ImportRecord[], kept: Record<string, unknown>): ImportRecord[] {
  if (Object.keys(kept).length === 0) return records;
  return records.map((record) => ({
    ...record,
    prompt: { ...record.prompt, metadata: { ...kept, ...record.prompt.metadata } },
  }));
}

/** For shapes whose rows stand for themselves. */
export function eachRow<T>(
  convert: (row: T, context: ShapeContext) => ImportRecord[],
): (context: ShapeContext) => Conversion<T> {
  return (context) => ({ row: (row) => convert(row, context) });
}

/** @throws RowRefused naming each field that is not as the schema wants it */
export function parseRow<S extends z.ZodType>(schema: S, value: RowValue): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const spelt = schema.safeParse(asSpelt(value, parsed.error.issues));
  if (spelt.success) return spelt.data;
  throw new RowRefused(
    ...parsed.error.issues.map((issue): Finding => {
      const field = issue.path.join(".");
      return { code: "wrong-type", field, message: `${field || "The row"}: ${issue.message}.` };
    }),
  );
}

/** The row with the refused columns as their texts spell them: tables write numbers, lists and nothing as text. */
function asSpelt(row: RowValue, issues: readonly { path: PropertyKey[] }[]): RowValue {
  const names = new Set(issues.map(({ path }) => String(path[0])));
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      names.has(name) && typeof value === "string" ? spelt(value) : value,
    ]),
  );
}

function spelt(text: string): unknown {
  const plain = text.trim();
  if (plain === "") return undefined;
  if (/^(?:True|False|None)$/.test(plain)) return plain === "None" ? null : plain === "True";
  try {
    return JSON.parse(plain);
  } catch {
    return text;
  }
}

/** The columns that a schema names. */
export const columnsOf = (schema: z.ZodObject): Set<string> => new Set(Object.keys(schema.shape));

/** The columns a shape does not use, kept as metadata so that nothing of the file is lost. */
export function otherColumns(row: RowValue, used: ReadonlySet<string>): Record<string, unknown> {
  const rest: Record<string, unknown> = {};
  for (const name in row) if (!used.has(name) && row[name] !== null) rest[name] = row[name];
  return rest;
}
