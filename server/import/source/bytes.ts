import { isUtf8 } from "node:buffer";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { limits } from "../../limits";
import { FileRefused } from "../problems";

export type Bytes = AsyncIterable<Uint8Array>;

/** Decompresses, naming a file whose end or middle is damaged, and one that unpacks to far more than it holds. */
export async function* gunzip(file: string, bytes: Bytes): AsyncGenerator<Uint8Array> {
  const unzipped = createGunzip({ chunkSize: 256 * 1024 });
  let consumed = 0;
  const counted = async function* () {
    for await (const chunk of bytes) {
      consumed += chunk.length;
      yield chunk;
    }
  };
  pipeline(Readable.from(counted()), unzipped, () => undefined);
  let produced = 0;
  try {
    for await (const chunk of unzipped) {
      produced += chunk.length;
      refuseBomb(file, produced, consumed);
      yield chunk;
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const after = `after ${produced.toLocaleString("en")} unpacked bytes`;
    if (code === "Z_BUF_ERROR")
      throw new FileRefused(
        { file },
        { code: "truncated-gzip", message: `The gzip file breaks off ${after}.` },
      );
    if (code === "Z_DATA_ERROR")
      throw new FileRefused(
        { file },
        { code: "corrupt-gzip", message: `The gzip file is damaged ${after}.` },
      );
    throw error;
  }
}

/** A few bytes may stand for gigabytes: nobody's texts do. */
function refuseBomb(file: string, produced: number, consumed: number): void {
  const tooFar = produced > limits.unpackFreeBytes && produced > consumed * limits.unpackRatio;
  if (!tooFar && produced <= limits.unpackedBytes) return;
  throw new FileRefused(
    { file },
    {
      code: "unpacks-too-far",
      message: tooFar
        ? `The gzip file unpacks to more than ${limits.unpackRatio} times its size.`
        : `The gzip file unpacks to more than ${limits.unpackedBytes.toLocaleString("en")} bytes.`,
    },
  );
}

/** The first `size` bytes, fewer when the file is shorter, and whether that is the whole file. */
export async function headOf(bytes: Bytes, size: number): Promise<{ head: Buffer; whole: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  for await (const chunk of bytes) {
    parts.push(chunk);
    length += chunk.length;
    if (length > size) {
      whole = false;
      break;
    }
  }
  return { head: Buffer.concat(parts).subarray(0, size), whole };
}

/** Text in another encoding, as UTF-8. Bytes that the encoding does not know refuse the file. */
export async function* transcode(file: string, bytes: Bytes, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  try {
    for await (const chunk of bytes) yield encoder.encode(decoder.decode(chunk, { stream: true }));
    yield encoder.encode(decoder.decode());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new FileRefused({ file }, { code: "wrong-encoding", message: `The file is not ${encoding} text.` });
  }
}

/** Passes UTF-8 on, cut between characters, and refuses the file at the first byte that is not. */
export async function* requireUtf8(file: string, bytes: Bytes): AsyncGenerator<Buffer> {
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const joined: Buffer = rest.length > 0 ? Buffer.concat([rest, chunk]) : asBuffer(chunk);
    const end = joined.length - incompleteTail(joined);
    const text = joined.subarray(0, end);
    if (!isUtf8(text)) throw notUtf8(file, line, text);
    for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) line++;
    rest = joined.subarray(end);
    yield text;
  }
  if (rest.length > 0) throw notUtf8(file, line, rest);
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Which byte is wrong, and what the text would be in the encoding that is wrong most often. */
export function describeNotUtf8(bytes: Buffer): string {
  let start = 0;
  let end = bytes.length;
  while (end - start > 1) {
    const middle = (start + end) >> 1;
    if (isUtf8(bytes.subarray(0, middle - incompleteTail(bytes.subarray(0, middle))))) start = middle;
    else end = middle;
  }
  const at = Math.max(0, start - incompleteTail(bytes.subarray(0, start)));
  const around = bytes.subarray(Math.max(0, at - 20), at + 20);
  const guess = new TextDecoder("windows-1252").decode(around).replace(/\s+/g, " ").trim();
  const byte = bytes[at].toString(16).toUpperCase().padStart(2, "0");
  return `Byte 0x${byte} is not UTF-8; read as Windows-1252 (Latin-1) it says "…${guess}…".`;
}

function notUtf8(file: string, lineBefore: number, bytes: Buffer): FileRefused {
  let line = lineBefore;
  let start = 0;
  for (
    let at = bytes.indexOf(10);
    at >= 0 && isUtf8(bytes.subarray(start, at));
    at = bytes.indexOf(10, start)
  ) {
    line++;
    start = at + 1;
  }
  return new FileRefused(
    { file, line },
    { code: "wrong-encoding", message: describeNotUtf8(bytes.subarray(start)) },
  );
}

/** How many bytes at the end begin a character whose other bytes come later. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
