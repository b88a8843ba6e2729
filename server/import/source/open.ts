import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { limits } from "../../limits";
import { FileRefused, type Finding } from "../problems";
import type { encodings } from "../schema";
import { type Bytes, gunzip, headOf, requireUtf8, transcode } from "./bytes";
import { type Dialect, detectDialect, readCsv } from "./csv";
import { fileOnDisk, type SourceFile } from "./file";
import { readJsonArray, readJsonDocument, readJsonLines } from "./json";
import { readParquet } from "./parquet";
import type { RowStream } from "./row";

export type Encoding = (typeof encodings)[number];

/** A file whose format is known. */
export interface OpenedFile {
  /** For people: "JSON Lines, gzipped". */
  format: string;
  /** What was noticed about the file as a whole. */
  findings: Finding[];
  rows(): RowStream;
}

const headBytes = 64 * 1024;

/**
 * Finds out how a file is written from its first 64 KiB; its name only decides what the bytes leave open.
 * @throws FileRefused naming why nothing of the file can be read
 */
export async function openFile(source: SourceFile, encoding?: Encoding): Promise<OpenedFile> {
  const file = source.name;
  const packed = await headOf(source.read(), headBytes);
  if (packed.head.length === 0)
    throw new FileRefused({ file }, { code: "empty-file", message: "The file is empty." });
  const gzipped = packed.head[0] === 0x1f && packed.head[1] === 0x8b;
  const unpacked = gzipped ? () => gunzip(file, source.read()) : () => source.read();
  const { head, whole } = gzipped ? await headOf(unpacked(), headBytes) : packed;
  if (head.subarray(0, 4).toString("latin1") === "PAR1")
    return {
      format: label("Parquet", gzipped),
      findings: [],
      rows: () => (gzipped ? unpackParquet(source, unpacked) : readParquet(source)),
    };
  refuseOthers(file, head);

  const findings: Finding[] = [];
  const detected = encoding ?? detectEncoding(head, findings);
  const mark = markLength(head);
  if (mark > 0 && detected === "utf-8")
    findings.push({ code: "byte-order-mark", message: "The file starts with a byte order mark." });
  const text = (): Bytes => {
    const bytes = withoutStart(unpacked(), mark);
    return detected === "utf-8" ? bytes : transcode(file, bytes, detected);
  };
  const textHead = decodeHead(head.subarray(mark), detected);
  if (textHead.trim() === "")
    throw new FileRefused({ file }, { code: "empty-file", message: "The file is blank." });
  const reader = chooseReader(file, textHead, whole, text);
  if (!reader)
    throw new FileRefused(
      { file },
      {
        code: "unsupported-format",
        message: "The file is neither JSON nor a table: it looks like plain text.",
      },
    );
  return { format: label(reader.format, gzipped), findings, rows: reader.rows };
}

function chooseReader(
  file: string,
  head: string,
  whole: boolean,
  text: () => Bytes,
): { format: string; rows: () => RowStream } | null {
  const start = head.trimStart();
  if (start.startsWith("[")) return { format: "JSON array", rows: () => readJsonArray(file, text()) };
  if (start.startsWith("{") && !start.startsWith("{{"))
    return isLines(file, start, whole)
      ? { format: "JSON Lines", rows: () => readJsonLines(file, text()) }
      : { format: "JSON object", rows: () => readJsonDocument(file, text) };
  if (/\.txt(\.gz)?$/i.test(file) && /\{\{\w[\w .]*\}\}/.test(head))
    return { format: "prompt template", rows: () => readTemplate(file, text()) };
  const lines = whole ? head : head.slice(0, head.lastIndexOf("\n") + 1) || head;
  const dialect = /\.(txt|md)(\.gz)?$/i.test(file) ? null : detectDialect(file, lines);
  return dialect ? { format: tableFormat(dialect), rows: () => readCsv(file, text(), dialect) } : null;
}

const tableFormat = ({ delimiter, quoteEscape }: Dialect): string =>
  `${delimiter === "\t" ? "TSV" : "CSV"}${quoteEscape === '"' ? "" : " with quotes after backslashes"}`;

/**
 * Whether the first line is a row by itself. A file that is one line is a document, which may hold many rows, unless
 * its name says that lines are rows.
 */
function isLines(file: string, head: string, whole: boolean): boolean {
  const newline = head.indexOf("\n");
  const oneLine = newline < 0 || head.slice(newline).trim() === "";
  if (whole && oneLine) return /\.(jsonl|ndjson)(\.gz)?$/i.test(file);
  if (newline < 0) return !/\.json(\.gz)?$/i.test(file);
  try {
    JSON.parse(head.slice(0, newline));
    return true;
  } catch {
    return /\.(jsonl|ndjson)(\.gz)?$/i.test(file);
  }
}

/** A text with `{{column}}` where a table's cells go, as one row. */
async function* readTemplate(file: string, bytes: Bytes): RowStream {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of requireUtf8(file, bytes)) {
    parts.push(part);
    length += part.length;
    if (length > limits.templateBytes)
      throw new FileRefused(
        { file },
        {
          code: "row-too-long",
          message: `The template has more than ${limits.templateBytes.toLocaleString("en")} bytes.`,
        },
      );
  }
  yield [{ row: 1, line: 1, value: { "@template": Buffer.concat(parts).toString() } }];
}

/** Parquet is read from its end, so a gzipped one is unpacked to a temporary file first. */
async function* unpackParquet(source: SourceFile, unpacked: () => Bytes): RowStream {
  const folder = await mkdtemp(join(tmpdir(), "concord-import-"));
  try {
    const path = join(folder, "unpacked.parquet");
    await pipeline(atMost(source.name, unpacked()), createWriteStream(path));
    yield* readParquet(await fileOnDisk(path, source.name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* atMost(file: string, bytes: Bytes): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > limits.unpackedFileBytes)
      throw new FileRefused(
        { file },
        {
          code: "unpacks-too-far",
          message: `The Parquet file unpacks to more than ${limits.unpackedFileBytes.toLocaleString("en")} bytes.`,
        },
      );
    yield chunk;
  }
}

/** Known files that are no rows at all. */
function refuseOthers(file: string, head: Buffer): void {
  const start = head.subarray(0, 2000).toString("latin1").trimStart();
  const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:.*\n)*?oid \S+\nsize (\d+)/.exec(
    start,
  );
  if (pointer)
    throw new FileRefused(
      { file, line: 1 },
      {
        code: "git-lfs-pointer",
        message: `This is a Git LFS pointer to a file of ${Number(pointer[1]).toLocaleString("en")} bytes, not the file itself.`,
      },
    );
  if (/^<!doctype html|^<html/i.test(start))
    throw new FileRefused({ file, line: 1 }, { code: "web-page", message: "The file is an HTML page." });
  const packer = packers.find(([magic]) => head.subarray(0, magic.length).toString("latin1") === magic);
  if (packer)
    throw new FileRefused({ file }, { code: "unsupported-format", message: `The file is ${packer[1]}.` });
}

const packers: readonly (readonly [magic: string, what: string])[] = [
  ["PK\u0003\u0004", "a zip archive (or an Excel or Word document)"],
  ["\u0028\u00b5\u002f\u00fd", "compressed with zstd"],
  ["BZh", "compressed with bzip2"],
  ["\u00fd7zXZ", "compressed with xz"],
  ["%PDF", "a PDF document"],
  ["ARROW1", "an Arrow file"],
  ["SQLite format 3", "an SQLite database"],
];

function detectEncoding(head: Buffer, findings: Finding[]): Encoding {
  const encoding = utf16(head);
  if (!encoding) return "utf-8";
  findings.push({ code: "utf-16", message: `The file is ${encoding.toUpperCase()} text.` });
  return encoding;
}

/** By its mark, or because every second byte of the beginning is zero. */
function utf16(head: Buffer): "utf-16le" | "utf-16be" | null {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const start = head.subarray(0, 200);
  const zeros = (parity: number) => start.filter((byte, index) => index % 2 === parity && byte === 0).length;
  const half = start.length / 2;
  if (start.length >= 8 && zeros(1) > half * 0.8 && zeros(0) === 0) return "utf-16le";
  if (start.length >= 8 && zeros(0) > half * 0.8 && zeros(1) === 0) return "utf-16be";
  return null;
}

function markLength(head: Buffer): number {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 3;
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff) ? 2 : 0;
}

function decodeHead(head: Buffer, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(head, { stream: true });
}

async function* withoutStart(bytes: Bytes, count: number): AsyncGenerator<Uint8Array> {
  let left = count;
  for await (const chunk of bytes) {
    yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

function label(format: string, gzipped: boolean): string {
  return gzipped ? `${format}, gzipped` : format;
}
