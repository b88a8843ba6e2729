import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TRPCError } from "@trpc/server";
import { AwsClient } from "aws4fetch";
import { type Environment, SettingsError } from "../env";
import { invalid } from "../errors";

export interface S3Bucket {
  /** Address of the bucket, e.g. `https://s3.eu-central-1.amazonaws.com/my-bucket`. */
  bucketUrl: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

export interface Stored {
  sha256: string;
  size: number;
}

/** Inclusive byte range, as in HTTP. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface PutOptions {
  /** What the bytes must be. Others are not kept. */
  sha256?: string;
  /** How many there may be at most. */
  atMost?: number;
}

/** More bytes than may come in. */
export class TooLarge extends TRPCError {
  constructor(atMost: number) {
    super({
      code: "PAYLOAD_TOO_LARGE",
      message: `That is more than ${Math.max(0, atMost).toLocaleString("en")} bytes, which is all that may be kept here.`,
    });
  }
}

/** Bytes by their sha256. Writing the same bytes twice stores them once; nothing is ever overwritten. */
export interface ArtifactStore {
  /** @throws when the bytes are not what `options` says; then nothing is kept of them */
  put(bytes: Readable, options?: PutOptions): Promise<Stored>;
  /** Takes bytes away that were not brought again since; what is younger stays. @returns whether they are gone */
  remove(sha256: string, broughtBefore: Date): Promise<boolean>;
  /** @throws when the store does not hold it */
  open(sha256: string, range?: ByteRange): Promise<Readable>;
  has(sha256: string): Promise<boolean>;
  /** All that it holds, also what nobody noted. */
  list(): AsyncIterable<Stored & { broughtAt: Date }>;
  /**
   * Whether it belongs to an instance, by a mark that is made where there is none and it may be claimed. Collecting what
   * a database does not know would take away all that another one's store holds.
   */
  isOf(instance: string, mayClaim: () => Promise<boolean>): Promise<boolean>;
  /** Ends what a killed process left half done before: bytes that came in part go, bytes set aside come back. */
  tidy(before: Date): Promise<{ count: number; bytes: number }>;
}

/** The store the environment names: a site's, a folder, an S3 bucket, or else `artifacts/` in the data folder. */
export function storeFromEnvironment(environment: Environment): ArtifactStore {
  const { CONCORD_STORE, CONCORD_WORKER_TOKEN } = environment;
  if (CONCORD_STORE && !/^https?:/.test(CONCORD_STORE)) return folderStore(resolve(CONCORD_STORE));
  if (CONCORD_STORE) {
    if (!CONCORD_WORKER_TOKEN)
      throw new SettingsError(
        "The artifact store is a site: give the token of this machine too, which an admin makes on the page Cluster.",
      );
    return siteStore({ address: CONCORD_STORE, token: CONCORD_WORKER_TOKEN });
  }
  const { S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = environment;
  if (!S3_BUCKET) return folderStore(join(environment.CONCORD_DATA, "artifacts"));
  if (!S3_ENDPOINT || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY)
    throw new SettingsError(
      "S3_BUCKET is set: S3_ENDPOINT, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed too.",
    );
  return s3Store({
    bucketUrl: `${S3_ENDPOINT.replace(/\/$/, "")}/${S3_BUCKET}`,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    region: S3_REGION,
  });
}

/** An object in a bucket that was brought within this time is not sent again. */
const YOUNG_MS = 12 * 3_600_000;

/** Puts decide by that age; while one of them goes on, the object must not grow old enough to be taken away. */
const REMOVABLE_MS = YOUNG_MS + 3_600_000;

const keyOf = (sha256: string) => `${sha256.slice(0, 2)}/${sha256}`;
const HASH = /^[0-9a-f]{64}$/;

/** Files below a folder that every process of this instance shares. */
export function folderStore(root: string): ArtifactStore {
  const pathOf = (sha256: string) => join(root, keyOf(sha256));
  const has = (sha256: string) =>
    stat(pathOf(sha256)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async put(bytes, options) {
      const incoming = join(root, "incoming");
      const stored = await spool(bytes, incoming, options);
      const target = pathOf(stored.sha256);
      await mkdir(dirname(target), { recursive: true });
      await rename(stored.path, target);
      return { sha256: stored.sha256, size: stored.size };
    },
    async remove(sha256, broughtBefore) {
      const path = pathOf(sha256);
      const aside = join(root, "incoming", `removed-${sha256}-${randomUUID()}`);
      await mkdir(dirname(aside), { recursive: true });
      try {
        // Moved first and looked at then: who brings the bytes in between puts a new file in the old place.
        await rename(path, aside);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return true;
        throw error;
      }
      const isOld = (await stat(aside)).mtime < broughtBefore;
      if (isOld) await rm(aside);
      else await rename(aside, path);
      return isOld;
    },
    async open(sha256, range) {
      if (!(await has(sha256))) throw new Error(`The artifact store has no ${sha256}.`);
      return createReadStream(pathOf(sha256), range);
    },
    async *list() {
      for (const folder of await namesIn(root)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        for (const sha256 of await namesIn(join(root, folder))) {
          const found = HASH.test(sha256) && (await statOf(pathOf(sha256)));
          if (found) yield { sha256, size: found.size, broughtAt: found.mtime };
        }
      }
    },
    isOf: (instance, mayClaim) => folderIsOf(root, instance, mayClaim),
    async tidy(before) {
      const incoming = join(root, "incoming");
      for (const name of await namesIn(incoming)) {
        const [, sha256] = /^removed-([0-9a-f]{64})-/.exec(name) ?? [];
        const aside = join(incoming, name);
        const found = sha256 && (await statOf(aside));
        if (!sha256 || !found || found.ctime >= before) continue;
        // Whether they should go is decided again, by whoever collects next.
        if (await has(sha256)) await rm(aside, { force: true });
        else await rename(aside, pathOf(sha256));
      }
      return tidySpool(incoming, before);
    },
  };
}

/** Any S3-compatible service. An object is spooled to disk first: its key is its hash. */
export function s3Store({ bucketUrl, ...credentials }: S3Bucket): ArtifactStore {
  const client = new AwsClient({ ...credentials, service: "s3" });
  const urlOf = (sha256: string) => `${bucketUrl}/${keyOf(sha256)}`;
  /** When an object was brought last, or null where there is none. */
  const broughtAt = async (sha256: string) => {
    const reply = await client.fetch(urlOf(sha256), { method: "HEAD" });
    if (reply.status !== 404 && !reply.ok)
      throw new Error(`The artifact store answered ${reply.status} to HEAD.`);
    return reply.ok ? new Date(reply.headers.get("last-modified") ?? Date.now()) : null;
  };
  return {
    has: async (sha256) => (await broughtAt(sha256)) !== null,
    async put(bytes, options) {
      const { path, sha256, size } = await spool(bytes, tmpdir(), { ...options, mode: OWN });
      try {
        // An old object is brought again, so that nobody collects it now.
        const known = await broughtAt(sha256);
        if (known === null || Date.now() - known.getTime() > YOUNG_MS) {
          const reply = await client.fetch(urlOf(sha256), {
            method: "PUT",
            body: await openAsBlob(path),
            headers: { "x-amz-content-sha256": sha256 },
          });
          if (!reply.ok)
            throw new Error(`The artifact store answered ${reply.status} to PUT: ${await reply.text()}`);
        }
        return { sha256, size };
      } finally {
        await rm(path, { force: true });
      }
    },
    async remove(sha256, broughtBefore) {
      const known = await broughtAt(sha256);
      if (known !== null && (known >= broughtBefore || Date.now() - known.getTime() < REMOVABLE_MS))
        return false;
      const reply = await client.fetch(urlOf(sha256), { method: "DELETE" });
      if (!reply.ok && reply.status !== 404)
        throw new Error(`The artifact store answered ${reply.status} to DELETE.`);
      return true;
    },
    async open(sha256, range) {
      const reply = await client.fetch(urlOf(sha256), {
        headers: range ? { range: `bytes=${range.start}-${range.end}` } : {},
      });
      if (!reply.ok || !reply.body)
        throw new Error(`The artifact store answered ${reply.status} for ${sha256}.`);
      return Readable.from(reply.body);
    },
    async *list() {
      let token: string | undefined;
      do {
        const query = new URLSearchParams({
          "list-type": "2",
          ...(token && { "continuation-token": token }),
        });
        const reply = await client.fetch(`${bucketUrl}?${query}`);
        if (!reply.ok)
          throw new Error(`The artifact store answered ${reply.status} to a list, which collecting needs.`);
        const page = await reply.text();
        for (const [, entry] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const sha256 = elementOf(entry, "Key")?.split("/").at(-1) ?? "";
          // The bucket may hold more than ours.
          if (!HASH.test(sha256) || elementOf(entry, "Key") !== keyOf(sha256)) continue;
          yield {
            sha256,
            size: Number(elementOf(entry, "Size")),
            broughtAt: new Date(elementOf(entry, "LastModified") ?? Date.now()),
          };
        }
        token = elementOf(page, "NextContinuationToken");
      } while (token);
    },
    async isOf(instance, mayClaim) {
      const mark = `${bucketUrl}/${MARK}`;
      const known = await client.fetch(mark);
      if (known.ok) return (await known.text()).trim() === instance;
      if (known.status !== 404) throw new Error(`The artifact store answered ${known.status} to GET.`);
      if (!(await mayClaim())) return false;
      const hash = createHash("sha256").update(instance).digest("hex");
      const headers = { "x-amz-content-sha256": hash };
      const reply = await client.fetch(mark, { method: "PUT", body: instance, headers });
      if (!reply.ok) throw new Error(`The artifact store answered ${reply.status} to PUT.`);
      return true;
    },
    tidy: (before) => tidySpool(tmpdir(), before),
  };
}

/** The text of the first element of a name, in the XML that S3 answers with. */
function elementOf(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text
    ?.replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** The store of a site, over HTTP with a machine's token: for machines that share no disk with it. */
export function siteStore({ address, token }: { address: string; token: string }): ArtifactStore {
  const urlOf = (sha256: string) => `${address.replace(/\/+$/, "")}/api/artifacts/${sha256}`;
  const ask = async (sha256: string, init: RequestInit, goal: string) => {
    const headers = { ...init.headers, authorization: `Bearer ${token}` };
    const reply = await fetch(urlOf(sha256), { ...init, headers }).catch((cause: unknown) => {
      throw new Error(`${address} does not answer: is it Concord's address, and reachable from here?`, {
        cause,
      });
    });
    if (reply.status === 401 || reply.status === 403)
      throw new Error(`${address} does not accept this machine's token: ask an admin for a new one.`);
    if (!reply.ok && !(reply.status === 404 && goal === "has"))
      throw new Error(`The artifact store at ${address} answered ${reply.status} for ${sha256}.`);
    return reply;
  };
  const has = async (sha256: string) => (await ask(sha256, { method: "HEAD" }, "has")).ok;
  return {
    has,
    remove: onlyTheSite,
    list: onlyTheSite,
    isOf: onlyTheSite,
    tidy: (before) => tidySpool(tmpdir(), before),
    async put(bytes, options) {
      const { path, sha256, size } = await spool(bytes, tmpdir(), { ...options, mode: OWN });
      try {
        if (!(await has(sha256))) await ask(sha256, { method: "PUT", body: await openAsBlob(path) }, "put");
        return { sha256, size };
      } finally {
        await rm(path, { force: true });
      }
    },
    async open(sha256, range) {
      const { body } = await ask(
        sha256,
        { headers: range ? { range: `bytes=${range.start}-${range.end}` } : {} },
        "open",
      );
      return body ? Readable.from(body) : Readable.from([]);
    },
  };
}

/** The system's temporary folder is everybody's. */
const OWN = 0o600;

/** What says whose a store or a data folder is. */
const MARK = "instance";

/** As `ArtifactStore.isOf`, of any folder. */
export async function folderIsOf(
  folder: string,
  instance: string,
  mayClaim: () => Promise<boolean>,
): Promise<boolean> {
  const mark = join(folder, MARK);
  const known = () =>
    readFile(mark, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  if ((await known()) === undefined && (await mayClaim())) {
    await mkdir(folder, { recursive: true });
    await writeFile(mark, `${instance}\n`, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
  return (await known())?.trim() === instance;
}

function onlyTheSite(): never {
  throw new Error("Only the site itself looks through its artifacts and takes them away.");
}

/** What lies in a folder; nothing where there is none. */
export const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });

const statOf = (path: string) => stat(path).catch(() => undefined);

const SPOOLED = /^concord-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Deletes what killed processes had begun to write; what is still written to is young. */
async function tidySpool(folder: string, before: Date): Promise<{ count: number; bytes: number }> {
  const gone = { count: 0, bytes: 0 };
  for (const name of await namesIn(folder)) {
    const found = SPOOLED.test(name) ? await statOf(join(folder, name)) : undefined;
    if (!found?.isFile() || found.mtime >= before) continue;
    await rm(join(folder, name), { force: true });
    gone.count += 1;
    gone.bytes += found.size;
  }
  return gone;
}

/** Writes a stream to a temporary file in `folder`, hashing as it goes. Leaves nothing behind when it fails. */
async function spool(
  bytes: Readable,
  folder: string,
  { sha256: wanted, atMost = Number.POSITIVE_INFINITY, mode }: PutOptions & { mode?: number } = {},
): Promise<Stored & { path: string }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `concord-${randomUUID()}`);
  const hash = createHash("sha256");
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      if (size > atMost) done(new TooLarge(atMost));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(bytes, measure, createWriteStream(path, { flush: true, mode }));
    const sha256 = hash.digest("hex");
    if (wanted !== undefined && wanted !== sha256)
      throw invalid(`The body's sha256 is ${sha256}: send it again.`);
    return { path, sha256, size };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
