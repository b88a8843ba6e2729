import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { limits } from "../../limits";
import { FileRefused } from "../problems";
import type { SourceFile } from "./file";
import { fieldsAsJson, parsers, storedSchema } from "./parquet-values";
import type { RowStream } from "./row";

const batchSize = 1024;

export async function* readParquet(source: SourceFile): RowStream {
  const file: AsyncBuffer = {
    byteLength: source.size,
    slice: (start, end) => collect(source.read(start < 0 ? source.size + start : start, end)),
  };
  const described = await metadataOf(source.name, file);
  const metadata = { ...described, schema: storedSchema(described.schema) };
  const asFields = fieldsAsJson(described.schema);
  let groupStart = 0;
  let step = batchSize / 8;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const parts = Math.max(1, Math.ceil(Number(group.total_byte_size) / limits.parquetBytes));
    // Equal rows take no bytes in the file, and as many as any in memory.
    const most = Math.max(1, Math.min(limits.parquetRows, Math.ceil((groupEnd - groupStart) / parts)));
    for (let rowStart = groupStart; rowStart < groupEnd; ) {
      // The first rows are often all that is wanted.
      step = Math.min(most, step * 8);
      const rowEnd = Math.min(groupEnd, rowStart + step);
      const first = rowStart;
      const rows = await decode(source.name, file, metadata, rowStart, rowEnd);
      for (let at = 0; at < rows.length; at += batchSize)
        yield rows
          .slice(at, at + batchSize)
          .map((row, index) => ({ row: first + at + index + 1, value: asFields(row) }));
      rowStart = rowEnd;
    }
    groupStart = groupEnd;
  }
}

async function metadataOf(name: string, file: AsyncBuffer): Promise<FileMetaData> {
  try {
    return await parquetMetadataAsync(file);
  } catch (error) {
    throw corrupt(name, undefined, error);
  }
}

async function decode(
  name: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<Record<string, unknown>[]> {
  try {
    return await parquetReadObjects({
      file,
      metadata,
      compressors,
      parsers,
      rowStart,
      rowEnd,
      useOffsetIndex: true,
      utf8: false,
    });
  } catch (error) {
    throw corrupt(name, rowStart + 1, error);
  }
}

function corrupt(file: string, row: number | undefined, error: unknown): FileRefused {
  const reason = error instanceof Error ? error.message : String(error);
  return new FileRefused(
    { file, row },
    { code: "corrupt-parquet", message: `The Parquet file cannot be read: ${reason}.` },
  );
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    parts.push(part);
    length += part.length;
  }
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined.buffer;
}
