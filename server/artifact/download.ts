import type { Readable } from "node:stream";
import { problem, problemResponse } from "../problem";
import type { ArtifactStore, ByteRange, Stored } from "./store";

/**
 * An artifact as an HTTP answer that can be resumed: one byte range is honoured, and the hash is the ETag, so
 * that a download goes on only where the bytes are the same.
 * @param fileName what the browser saves it as
 */
export async function download(
  store: ArtifactStore,
  { sha256, size, mediaType, fileName }: Stored & { mediaType: string; fileName: string },
  headers: Headers,
): Promise<Response> {
  const etag = `"${sha256}"`;
  const common = {
    "content-type": mediaType,
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
    "accept-ranges": "bytes",
    "cache-control": "private, immutable, max-age=31536000",
    etag,
  };
  if (headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: common });
  const wanted =
    headers.get("if-range") === null || headers.get("if-range") === etag ? headers.get("range") : null;
  const range = wanted === null ? undefined : parseRange(wanted, size);
  if (range === null)
    return problemResponse(problem(416, `The file has ${size} bytes; the range lies outside them.`), {
      etag,
      "content-range": `bytes */${size}`,
    });
  const body = size === 0 ? null : webStream(await store.open(sha256, range));
  if (!range) return new Response(body, { headers: { ...common, "content-length": String(size) } });
  return new Response(body, {
    status: 206,
    headers: {
      ...common,
      "content-length": String(range.end - range.start + 1),
      "content-range": `bytes ${range.start}-${range.end}/${size}`,
    },
  });
}

/** @returns null when the range lies outside the bytes; undefined for several ranges, which get the whole */
function parseRange(text: string, size: number): ByteRange | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text.trim());
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const start = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end ? null : { start, end };
}

function webStream(readable: Readable): ReadableStream<Uint8Array> {
  const chunks = readable[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void readable.destroy(),
  });
}
