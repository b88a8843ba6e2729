import { isUtf8 } from "node:buffer";
import { parseRowJson } from "../../../db/shape/written-json";
import { limits } from "../../limits";
import { FileRefused } from "../problems";
import { asBuffer, type Bytes, describeNotUtf8 } from "./bytes";
import { isRecord, type RowStream, type RowValue, type SourceRow } from "./row";

/** Longer rows are named and left out: parsing takes about four times a row's size in memory. */
export const maxRowBytes = limits.rowBytes;
/** A file that is one object is parsed whole up to here; beyond, only the rows of its arrays are read. */
const maxDocumentBytes = limits.documentBytes;

/** One value of the file, still bytes. `length` alone when it was too long to keep. */
interface Slice {
  bytes?: Buffer;
  length: number;
  row: number;
  line: number;
}

/** JSON Lines: cut at line feeds only, because U+2028 and U+0085 are ordinary characters in JSON. */
export async function* readJsonLines(file: string, bytes: Bytes): RowStream {
  const pending = new Pending(maxRowBytes);
  let row = 0;
  let line = 1;
  for await (const chunk of bytes) {
    const batch: SourceRow[] = [];
    const buffer = asBuffer(chunk);
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, start)) {
      const slice = pending.take(buffer.subarray(start, end));
      if (!isBlank(slice)) batch.push(parseRow({ ...slice, row: ++row, line }));
      line++;
      start = end + 1;
    }
    pending.add(buffer.subarray(start));
    yield batch;
  }
  const last = pending.take(Buffer.alloc(0));
  if (isBlank(last)) return;
  const parsed = parseRow({ ...last, row: row + 1, line });
  if ("finding" in parsed && parsed.finding.code === "bad-json")
    throw new FileRefused(
      { file, row: row + 1, line },
      { code: "truncated-json", message: `The last line is not complete JSON: ${parsed.finding.message}` },
    );
  yield [parsed];
}

/** The elements of an array (`[{…}, {…}]`), one at a time: an array of any size needs the memory of one element. */
export async function* readJsonArray(file: string, bytes: Bytes): RowStream {
  for await (const slices of splitValues(file, bytes, 1, maxRowBytes)) yield slices.map(parseRow);
}

/**
 * A file that is an object: a single row, an object of rows by key, or an object with one array of rows and facts
 * about the file. Further objects after the first are further rows.
 */
export async function* readJsonDocument(file: string, read: () => Bytes): RowStream {
  let first: Slice | undefined;
  let seen = 0;
  for await (const slices of splitValues(file, read(), 0, maxDocumentBytes)) {
    seen += slices.length;
    if (first === undefined) first = slices.shift();
    if (first && !first.bytes) break;
    if (first && seen > 1) {
      const rest = slices.map(parseRow);
      yield seen === rest.length + 1 ? [parseRow(first), ...rest] : rest;
    }
  }
  if (first && !first.bytes) {
    for await (const slices of splitValues(file, read(), 2, maxRowBytes)) yield slices.map(parseRow);
  } else if (first && seen === 1) yield unwrap(parseRow(first));
}

/** Columns of rows: an object that has one of them is a row, whatever lists it holds besides. */
const rowColumns = new Set(
  (
    "prompt instruction question query input context system history tools messages conversations conversation " +
    "chosen rejected completion completions response responses output outputs answer label choices turns utterances " +
    "instances contents summaries answers generations"
  ).split(" "),
);
const looksLikeRow = (value: RowValue): boolean => Object.keys(value).some((name) => rowColumns.has(name));

function unwrap(document: SourceRow): SourceRow[] {
  if (!("value" in document)) return [document];
  const members = Object.entries(document.value);
  const isRow = looksLikeRow(document.value);
  if (!isRow && members.length > 1 && members.every(([, member]) => isRecord(member)))
    return members.flatMap(([key, member], index) =>
      isRecord(member) ? [{ row: index + 1, value: { "@key": key, ...member } }] : [],
    );
  const lists = members.filter(([, member]) => Array.isArray(member));
  const [name, list] = lists.length === 1 ? lists[0] : [];
  if (name === undefined || rowColumns.has(name) || !Array.isArray(list) || !list.every(isRecord))
    return [document];
  if (isRow && !list.some(looksLikeRow)) return [document];
  const facts = Object.fromEntries(
    members.filter(([, member]) => !Array.isArray(member) && !isRecord(member)),
  );
  return list.map((row, index) => ({ row: index + 1, value: { ...facts, ...row } }));
}

/**
 * Cuts JSON text into the values that stand at a depth, looking only at brackets, quotes and escapes.
 * @param depth 0: values one after the other; 1: elements of the outer array; 2: elements of arrays in the outer object
 */
async function* splitValues(
  file: string,
  bytes: Bytes,
  depth: 0 | 1 | 2,
  limit: number,
): AsyncGenerator<Slice[]> {
  const pending = new Pending(limit);
  let level = 0;
  let inString = false;
  let escaped = false;
  let inside = false;
  let listAtDepth = depth !== 2;
  let row = 0;
  let line = 1;
  let startLine = 1;
  for await (const chunk of bytes) {
    const buffer = asBuffer(chunk);
    const batch: Slice[] = [];
    let start = 0;
    const finish = (end: number) => {
      batch.push({ ...pending.take(buffer.subarray(start, end)), row: ++row, line: startLine });
      inside = false;
    };
    const begin = (at: number) => {
      start = at;
      startLine = line;
      inside = true;
    };
    let refused: string | undefined;
    for (let i = 0; i < buffer.length && refused === undefined; i++) {
      const byte = buffer[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) inString = false;
        continue;
      }
      if (byte === 0x0a) line++;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        if (inside && level === depth && depth === 0) finish(i);
        continue;
      }
      if (byte === 0x5d || byte === 0x7d) {
        if (inside && level === depth) finish(i);
        if (level === 0 || (level === depth && depth === 1 && byte === 0x7d)) {
          refused = `A "${String.fromCharCode(byte)}" closes nothing that was opened.`;
          continue;
        }
        level--;
        if (inside && level === depth) finish(i + 1);
        continue;
      }
      if (byte === 0x2c && level === depth) {
        if (inside) finish(i);
        continue;
      }
      if (level === depth && !inside && listAtDepth) begin(i);
      if (byte === 0x22) inString = true;
      else if (byte === 0x5b || byte === 0x7b) {
        level++;
        if (level === depth) listAtDepth = byte === 0x5b;
      }
    }
    if (inside) pending.add(buffer.subarray(start));
    yield batch;
    if (refused) throw new FileRefused({ file, row: row + 1, line }, { code: "bad-json", message: refused });
  }
  if (inside && level === 0 && depth === 0)
    yield [{ ...pending.take(Buffer.alloc(0)), row: ++row, line: startLine }];
  else if (level > 0)
    throw new FileRefused(
      { file, row: row + 1, line },
      { code: "truncated-json", message: `The file ends inside row ${row + 1}.` },
    );
}

/** The beginning of a value whose end is in a later chunk; past the limit only its length is kept. */
class Pending {
  private parts: Buffer[] = [];
  private length = 0;
  constructor(private readonly limit: number) {}

  add(part: Buffer): void {
    this.length += part.length;
    if (this.length > this.limit) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  take(end: Buffer): { bytes?: Buffer; length: number } {
    if (this.length === 0 && end.length <= this.limit) return { bytes: end, length: end.length };
    this.add(end);
    const { length, parts } = this;
    this.length = 0;
    this.parts = [];
    return length > this.limit ? { length } : { bytes: Buffer.concat(parts), length };
  }
}

function isBlank({ bytes }: { bytes?: Buffer }): boolean {
  return bytes?.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09) ?? false;
}

function parseRow({ bytes, length, row, line }: Slice): SourceRow {
  if (!bytes) {
    const message = `The row has ${length.toLocaleString("en")} bytes; the limit is ${maxRowBytes.toLocaleString("en")}.`;
    return { row, line, finding: { code: "row-too-long", message } };
  }
  if (!isUtf8(bytes))
    return {
      row,
      line,
      finding: { code: "wrong-encoding", message: describeNotUtf8(bytes) },
      raw: bytes.toString("latin1"),
    };
  const raw = bytes.toString();
  try {
    const value: unknown = parseRowJson(raw);
    if (isRecord(value)) return { row, line, value, raw };
    const kind = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
    return { row, line, finding: { code: "not-an-object", message: `The row is ${kind}.` }, raw };
  } catch (error) {
    const nul = raw.includes("\0");
    const message = nul
      ? "The row contains a raw NUL byte."
      : error instanceof Error
        ? `${error.message}.`
        : String(error);
    return { row, line, finding: { code: nul ? "nul-character" : "bad-json", message }, raw };
  }
}
