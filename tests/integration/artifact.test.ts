import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { download } from "@/server/artifact/download";
import { type ArtifactStore, folderStore, s3Store } from "@/server/artifact/store";

const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 256));
const sha256 = createHash("sha256").update(bytes).digest("hex");

/** What of S3 the store uses: PUT, HEAD, GET, DELETE, one byte range, lists; requests must be signed and hold what they say. */
const objects = new Map<string, Buffer>();
const modified = new Map<string, Date>();
/** A list as S3 answers it, one key a page. */
const pageOf = (after: string) => {
  const keys = [...objects.keys()].sort().filter((key) => key > after);
  const entries = keys.slice(0, 1).map((key) => {
    const [name, size] = [key.replace("/concord/", ""), objects.get(key)?.length];
    const at = modified.get(key)?.toISOString();
    return `<Contents><Key>${name}</Key><LastModified>${at}</LastModified><ETag>&quot;e&quot;</ETag><Size>${size}</Size></Contents>`;
  });
  const next = keys.length > 1 ? `<NextContinuationToken>${keys[0]}</NextContinuationToken>` : "";
  return `<ListBucketResult><Name>concord</Name><IsTruncated>${keys.length > 1}</IsTruncated>${entries}${next}</ListBucketResult>`;
};
const puts: string[] = [];
const bucket = createServer(async (request, reply) => {
  const body = await buffer(request);
  const key = request.url ?? "";
  const signature =
    /^AWS4-HMAC-SHA256 Credential=key\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/;
  if (!signature.test(request.headers.authorization ?? "") || !request.headers["x-amz-date"])
    return reply.writeHead(403).end("unsigned");
  if (request.method === "PUT") {
    if (request.headers["x-amz-content-sha256"] !== createHash("sha256").update(body).digest("hex"))
      return reply.writeHead(400).end("XAmzContentSHA256Mismatch");
    puts.push(key);
    objects.set(key, body);
    modified.set(key, new Date());
    return reply.writeHead(200).end();
  }
  if (key.startsWith("/concord?"))
    return reply.end(pageOf(new URLSearchParams(key.slice(9)).get("continuation-token") ?? ""));
  if (request.method === "DELETE") {
    objects.delete(key);
    return reply.writeHead(204).end();
  }
  const object = objects.get(key);
  if (!object) return reply.writeHead(404).end();
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const part = start === undefined ? object : object.subarray(Number(start), Number(end) + 1);
  reply.writeHead(start === undefined ? 200 : 206, {
    "content-length": part.length,
    "last-modified": modified.get(key)?.toUTCString(),
  });
  return reply.end(request.method === "HEAD" ? undefined : part);
}).listen(0, "127.0.0.1");
await once(bucket, "listening");
const address = bucket.address();
const port = address && typeof address === "object" ? address.port : 0;
const folder = await mkdtemp(join(tmpdir(), "concord-artifact-"));
afterAll(async () => {
  bucket.close();
  await rm(folder, { recursive: true, force: true });
});

const inS3 = (secretAccessKey = "secret", accessKeyId = "key") =>
  s3Store({
    bucketUrl: `http://127.0.0.1:${port}/concord`,
    accessKeyId,
    secretAccessKey,
    region: "eu-central-1",
  });

const stores: [string, ArtifactStore][] = [
  ["a folder", folderStore(folder)],
  ["an S3 bucket", inS3()],
];

describe.each(stores)("artifacts in %s", (_, store) => {
  it("are kept by their hash, once, and read whole or in part", async () => {
    expect(await store.has(sha256)).toBe(false);
    await expect(store.open(sha256).then(buffer)).rejects.toThrow(sha256);
    for (let times = 0; times < 2; times++)
      expect(await store.put(Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]))).toEqual({
        sha256,
        size: bytes.length,
      });
    expect(await store.has(sha256)).toBe(true);
    expect(bytes.equals(await buffer(await store.open(sha256)))).toBe(true);
    const part = await buffer(await store.open(sha256, { start: 1000, end: 1999 }));
    expect(bytes.subarray(1000, 2000).equals(part)).toBe(true);
  });

  it("leave nothing behind when their bytes break off", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw new Error("the client went away");
      })(),
    );
    await expect(store.put(broken)).rejects.toThrow("the client went away");
    expect(await readdir(join(folder, "incoming"))).toEqual([]);
    const half = createHash("sha256").update("half").digest("hex");
    expect(await store.has(half)).toBe(false);
  });

  describe("downloaded", () => {
    const get = (headers: Record<string, string> = {}) =>
      download(
        store,
        { sha256, size: bytes.length, mediaType: "application/jsonl", fileName: "données 1.jsonl" },
        new Headers(headers),
      );
    const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

    it("come whole, named, with their hash as ETag, and not again to whoever has them", async () => {
      const whole = await get();
      expect(whole.status).toBe(200);
      expect(Object.fromEntries(whole.headers)).toMatchObject({
        etag: `"${sha256}"`,
        "accept-ranges": "bytes",
        "content-length": String(bytes.length),
        "content-type": "application/jsonl",
        "content-disposition": "attachment; filename*=UTF-8''donn%C3%A9es%201.jsonl",
      });
      expect(bytes.equals(await bodyOf(whole))).toBe(true);
      const known = await get({ "if-none-match": `"${sha256}"` });
      expect(known.status).toBe(304);
      expect(await known.text()).toBe("");
    });

    it.each([
      ["bytes=0-0", 0, 0],
      ["bytes=150000-", 150_000, 199_999],
      ["bytes=-10", 199_990, 199_999],
      ["bytes=199990-999999", 199_990, 199_999],
    ])("go on where a download broke off: %s", async (range, start, end) => {
      const part = await get({ range, "if-range": `"${sha256}"` });
      expect(part.status).toBe(206);
      expect(part.headers.get("content-range")).toBe(`bytes ${start}-${end}/${bytes.length}`);
      expect(part.headers.get("content-length")).toBe(String(end - start + 1));
      expect(bytes.subarray(start, end + 1).equals(await bodyOf(part))).toBe(true);
    });

    it("come whole when the bytes are others now, or the range is none", async () => {
      const others: Record<string, string>[] = [
        { range: "bytes=5-", "if-range": '"other"' },
        { range: "lines=1-2" },
      ];
      for (const headers of others) {
        const whole = await get(headers);
        expect(whole.status).toBe(200);
        expect(bytes.equals(await bodyOf(whole))).toBe(true);
      }
    });

    it("say so when a range lies behind their end", async () => {
      const outside = await get({ range: "bytes=200000-" });
      expect(outside.status).toBe(416);
      expect(outside.headers.get("content-range")).toBe(`bytes */${bytes.length}`);
    });
  });
});

describe("an S3 bucket", () => {
  it("gets an object once, and what it refuses is said", async () => {
    expect(puts.filter((key) => key === `/concord/${sha256.slice(0, 2)}/${sha256}`)).toHaveLength(1);
    await expect(inS3("secret", "stranger").put(Readable.from(["new"]))).rejects.toThrow("403");
  });

  it("tells all that it holds, page by page, and gives up what is old enough that nobody counts on it", async () => {
    const store = inS3();
    await store.put(Readable.from(["another"]));
    objects.set("/concord/notes/readme", Buffer.from("not ours"));
    const another = createHash("sha256").update("another").digest("hex");
    const listed: { sha256: string; size: number; broughtAt: Date }[] = [];
    for await (const found of store.list()) listed.push(found);
    expect(listed.map(({ sha256, size }) => [sha256, size]).sort()).toEqual(
      [
        [sha256, bytes.length],
        [another, 7],
      ].sort(),
    );
    const now = new Date();
    expect(listed.every(({ broughtAt }) => now.getTime() - broughtAt.getTime() < 60_000)).toBe(true);
    // A put may just have found it there, and sends it no more.
    modified.set(`/concord/${another.slice(0, 2)}/${another}`, new Date(Date.now() - 12.5 * 3_600_000));
    expect(await store.remove(another, now)).toBe(false);
    modified.set(`/concord/${another.slice(0, 2)}/${another}`, new Date(Date.now() - 14 * 3_600_000));
    expect(await store.remove(another, new Date(Date.now() - 15 * 3_600_000))).toBe(false);
    expect(await store.remove(another, now)).toBe(true);
    expect(await store.has(another)).toBe(false);
  });

  it("belongs to whoever claimed it first, and is claimed by nobody who may not", async () => {
    const store = inS3();
    const never = async () => false;
    const always = async () => true;
    expect(await store.isOf("one", never)).toBe(false);
    expect(await store.isOf("one", always)).toBe(true);
    expect([await store.isOf("one", never), await store.isOf("two", always)]).toEqual([true, false]);
  });
});
