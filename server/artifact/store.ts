import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
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

const keyOf = (sha256: string) => `${sha256.slice(0, 2)}/${sha256}`;

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
      const aside = join(root, "incoming", `removed-${randomUUID()}`);
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
      if (known !== null && known >= broughtBefore) return false;
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
  };
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
    remove: async () => {
      throw new Error("Only the site itself takes artifacts away.");
    },
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
