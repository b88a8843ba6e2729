import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";

/** Bytes to import, from disk, an artifact store or memory. Parquet keeps its index at the end, hence the range. */
export interface SourceFile {
  name: string;
  size: number;
  /** The bytes from `start` up to, not including, `end`. Each call reads anew. */
  read(start?: number, end?: number): AsyncIterable<Uint8Array>;
}

export async function fileOnDisk(path: string, name = basename(path)): Promise<SourceFile> {
  const { size } = await stat(path);
  return {
    name,
    size,
    read: (start = 0, end = size) =>
      start >= end
        ? fromMemory(new Uint8Array())
        : createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 }),
  };
}

export function fileInMemory(name: string, content: Uint8Array | string): SourceFile {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { name, size: bytes.byteLength, read: (start, end) => fromMemory(bytes.subarray(start, end)) };
}

async function* fromMemory(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
