import { createWriteStream, openAsBlob } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type RunProgress, runProgressSchema } from "../../db/shape/run";
import { runStatuses } from "../../db/shape/run-kinds";

const POLL_MS = 500;

const problemSchema = z.object({ title: z.string(), detail: z.string().optional() });

/** A run as the HTTP API tells it: dates are texts. */
export const runReplySchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(runStatuses),
  progress: runProgressSchema.nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
});
export type RunReply = z.infer<typeof runReplySchema>;

const fileSchema = z.object({ name: z.string(), sha256: z.string(), size: z.number() });
export type RunFile = z.infer<typeof fileSchema>;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Concord's HTTP API, for programs. Every call throws what the server says when it refuses. */
export class ConcordApi {
  readonly #address: string;
  readonly #token: string;

  /** @param address where Concord answers, such as `http://localhost:3000` */
  constructor(address: string, token: string) {
    this.#address = address.replace(/\/+$/, "");
    this.#token = token;
  }

  /** @returns the parsed reply of `/api/v1` + `path` */
  async call<T>(reply: z.ZodType<T>, method: Method, path: string, body?: unknown): Promise<T> {
    const answer = await this.#fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return reply.parse(await answer.json());
  }

  /** Sends a file as it streams from disk. @returns what an import names it by */
  async upload(projectId: string, path: string): Promise<{ name: string; sha256: string }> {
    const answer = await this.#fetch(`/projects/${projectId}/uploads`, {
      method: "POST",
      body: await openAsBlob(path),
      headers: { "content-type": "application/octet-stream" },
    });
    const { sha256 } = z.object({ sha256: z.string() }).parse(await answer.json());
    return { name: basename(path), sha256 };
  }

  /** Waits until a run is over. @throws its error when it failed or was cancelled */
  async finished(
    projectId: string,
    runId: string,
    onProgress?: (progress: RunProgress) => void,
  ): Promise<RunReply> {
    for (;;) {
      const run = await this.call(runReplySchema, "GET", `/projects/${projectId}/runs/${runId}`);
      if (run.progress) onProgress?.(run.progress);
      if (run.status === "succeeded") return run;
      if (run.status === "failed" || run.status === "cancelled")
        throw new Error(`${run.title} ${run.status}: ${run.error ?? "no reason given"}`);
      await sleep(POLL_MS);
    }
  }

  files(projectId: string, runId: string): Promise<RunFile[]> {
    return this.call(z.array(fileSchema), "GET", `/projects/${projectId}/runs/${runId}/files`);
  }

  /** Fetches a file of a run below `folder`; a part that is there already is not fetched again. */
  async download(
    projectId: string,
    runId: string,
    { name, size, sha256 }: RunFile,
    folder: string,
  ): Promise<string> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const have = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    if (have === size && size > 0) return path;
    const from = have < size ? have : 0;
    const answer = await this.#fetch(`/projects/${projectId}/runs/${runId}/files/${name}`, {
      headers: from > 0 ? { range: `bytes=${from}-`, "if-range": `"${sha256}"` } : {},
    });
    const resumed = answer.status === 206;
    if (answer.body)
      await pipeline(chunksOf(answer.body), createWriteStream(path, { flags: resumed ? "a" : "w" }));
    return path;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` };
    const answer = await fetch(`${this.#address}/api/v1${path}`, { ...init, headers }).catch(
      (cause: unknown) => {
        throw new Error(`${this.#address} does not answer. Is Concord running there?`, { cause });
      },
    );
    if (answer.ok) return answer;
    const told = problemSchema.safeParse(await answer.json().catch(() => null));
    throw new Error(told.data?.detail ?? told.data?.title ?? `The server answered ${answer.status}.`);
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
