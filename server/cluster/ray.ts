import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { ClusterNode } from "./schema";

export interface ClusterAccess {
  /** Where the cluster's dashboard answers, e.g. `http://ray-head:8265`. */
  address: string;
  /** The cluster's token, where it runs with RAY_AUTH_MODE=token. */
  token: string | null;
}

export interface Patience {
  /** How long one answer may take. */
  timeoutMs: number;
  /** Pauses before the request is sent again after a lost connection. */
  pausesMs: readonly number[];
}

const USUAL: Patience = { timeoutMs: 15_000, pausesMs: [250, 500, 1000, 2000] };
/** A package or a submission waits for the cluster's own machinery. */
const SLOW_MS = 120_000;
const ERROR_CHARACTERS = 400;

/** A cluster that cannot be reached now may be reached later; one that refuses will refuse again. */
export class ClusterError extends Error {
  override name = "ClusterError";
  constructor(
    message: string,
    readonly reason: "unreachable" | "refused",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const versionSchema = z.object({ ray_version: z.string() });

const jobStatuses = ["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"] as const;
const jobSchema = z.object({
  submission_id: z.string().nullable(),
  status: z.enum(jobStatuses),
  message: z.string().nullish(),
  start_time: z.number().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type RayJob = z.infer<typeof jobSchema>;

const summarySchema = z.object({
  data: z.object({
    summary: z.array(
      z.object({
        hostname: z.string().optional(),
        ip: z.string().optional(),
        raylet: z.object({
          nodeId: z.string(),
          state: z.string(),
          nodeManagerAddress: z.string().optional(),
          isHeadNode: z.boolean().optional(),
          resourcesTotal: z.record(z.string(), z.number()).default({}),
        }),
      }),
    ),
  }),
});

const stateNodesSchema = z.object({
  data: z.object({
    result: z.object({
      result: z.array(
        z.object({
          node_id: z.string(),
          node_name: z.string().nullish(),
          node_ip: z.string().nullish(),
          state: z.string(),
          is_head_node: z.boolean().nullish(),
          resources_total: z.record(z.string(), z.number()).nullish(),
        }),
      ),
    }),
  }),
});

const usageSchema = z.object({
  data: z.object({
    clusterStatus: z
      .object({
        loadMetricsReport: z
          .object({ usage: z.record(z.string(), z.tuple([z.number(), z.number()])).nullish() })
          .nullish(),
      })
      .nullish(),
  }),
});

const logsSchema = z.object({ logs: z.string().nullish() });

export interface Submission {
  submissionId: string;
  entrypoint: string;
  /** What {@link RayCluster.upload} answered. */
  packageUri: string;
  env: Record<string, string>;
  /** Ray takes text only. */
  metadata: Record<string, string>;
}

interface Call {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  body?: Uint8Array | string;
  contentType?: string;
  timeoutMs?: number;
}

interface Answer {
  status: number;
  text: string;
}

/**
 * A Ray cluster by its Jobs REST API. Over node:http(s): Node's `fetch` sends `sec-fetch-mode`, by which Ray takes
 * it for a browser and answers 405. Every request may be sent twice, so each is written to be harmless then.
 */
export class RayCluster {
  readonly #access: ClusterAccess;
  readonly #patience: Patience;

  constructor(access: ClusterAccess, patience: Partial<Patience> = {}) {
    this.#access = { ...access, address: access.address.replace(/\/+$/, "") };
    this.#patience = { ...USUAL, ...patience };
  }

  async version(): Promise<string> {
    return (await this.#json(versionSchema, { method: "GET", path: "/api/version" })).ray_version;
  }

  /** Brings a package there, once for the same bytes. @returns the address that a job names it by */
  async upload(zip: Uint8Array): Promise<string> {
    const name = `_ray_pkg_${createHash("sha256").update(zip).digest("hex").slice(0, 32)}.zip`;
    const path = `/api/packages/gcs/${name}`;
    const there = await this.#send({ method: "GET", path });
    if (there.status === 404)
      this.#refuseUnlessOk(
        await this.#send({
          method: "PUT",
          path,
          body: zip,
          contentType: "application/octet-stream",
          timeoutMs: SLOW_MS,
        }),
      );
    else this.#refuseUnlessOk(there);
    return `gcs://${name}`;
  }

  /**
   * Submits a job under a name that was reserved before. A name that the cluster knows already is the same job: Ray
   * answers 500 to it, and so it does to much else, which is why it is asked for the job then.
   */
  async submit({ submissionId, entrypoint, packageUri, env, metadata }: Submission): Promise<void> {
    const answer = await this.#send({
      method: "POST",
      // Without the last slash there is no such address.
      path: "/api/jobs/",
      contentType: "application/json",
      timeoutMs: SLOW_MS,
      body: JSON.stringify({
        submission_id: submissionId,
        entrypoint,
        runtime_env: { working_dir: packageUri, env_vars: env },
        metadata,
      }),
    });
    if (answer.status === 500 && (await this.job(submissionId))) return;
    this.#refuseUnlessOk(answer);
  }

  /** @returns null when the cluster does not know the job */
  async job(submissionId: string): Promise<RayJob | null> {
    const answer = await this.#send({ method: "GET", path: `/api/jobs/${submissionId}` });
    if (answer.status === 404) return null;
    this.#refuseUnlessOk(answer);
    return this.#parse(jobSchema, answer);
  }

  async jobs(): Promise<RayJob[]> {
    return this.#json(z.array(jobSchema), { method: "GET", path: "/api/jobs/" });
  }

  /** Asks a job to end. It has the grace that its RAY_JOB_STOP_WAIT_TIME_S gives; a job that is over stays so. */
  async stop(submissionId: string): Promise<void> {
    const answer = await this.#send({ method: "POST", path: `/api/jobs/${submissionId}/stop` });
    if (answer.status !== 404) this.#refuseUnlessOk(answer);
  }

  /** Forgets a job that is over. */
  async delete(submissionId: string): Promise<void> {
    const answer = await this.#send({ method: "DELETE", path: `/api/jobs/${submissionId}` });
    if (answer.status !== 404) this.#refuseUnlessOk(answer);
  }

  /** The end of what a job wrote to its console, for a person to read; nothing is concluded from it. */
  async logTail(submissionId: string, characters: number): Promise<string> {
    const { logs } = await this.#json(logsSchema, { method: "GET", path: `/api/jobs/${submissionId}/logs` });
    return (logs ?? "").slice(-characters);
  }

  /**
   * The machines that are up. The state API names resources as jobs do; the summary, which an older Ray has alone,
   * writes `accelerator_type` in camel case and is empty for the first seconds.
   */
  async nodes(): Promise<ClusterNode[]> {
    const answer = await this.#send({ method: "GET", path: "/api/v0/nodes?detail=true&limit=10000" });
    if (answer.status === 404) return this.#nodesOfSummary();
    this.#refuseUnlessOk(answer);
    return this.#parse(stateNodesSchema, answer)
      .data.result.result.filter((node) => node.state === "ALIVE")
      .map((node) => ({
        id: node.node_id,
        name: node.node_name ?? node.node_ip ?? node.node_id.slice(0, 8),
        isHead: node.is_head_node ?? false,
        total: node.resources_total ?? {},
      }));
  }

  async #nodesOfSummary(): Promise<ClusterNode[]> {
    const { data } = await this.#json(summarySchema, { method: "GET", path: "/nodes?view=summary" });
    return data.summary
      .filter(({ raylet }) => raylet.state === "ALIVE")
      .map(({ hostname, ip, raylet }) => ({
        id: raylet.nodeId,
        name: hostname ?? raylet.nodeManagerAddress ?? ip ?? raylet.nodeId.slice(0, 8),
        isHead: raylet.isHeadNode ?? false,
        total: raylet.resourcesTotal,
      }));
  }

  /** Used and total of each resource over the whole cluster. */
  async usage(): Promise<Record<string, { used: number; total: number }>> {
    const { data } = await this.#json(usageSchema, { method: "GET", path: "/api/cluster_status" });
    const usage = Object.entries(data.clusterStatus?.loadMetricsReport?.usage ?? {});
    return Object.fromEntries(usage.map(([name, [used, total]]) => [name, { used, total }]));
  }

  async #json<T>(shape: z.ZodType<T>, call: Call): Promise<T> {
    const answer = await this.#send(call);
    this.#refuseUnlessOk(answer);
    return this.#parse(shape, answer);
  }

  #parse<T>(shape: z.ZodType<T>, { text }: Answer): T {
    try {
      return shape.parse(JSON.parse(text));
    } catch (cause) {
      throw new ClusterError(
        `${this.#access.address} answers, but not as Ray's dashboard does: check that it is the address of the dashboard, usually port 8265, of Ray 2.60 or newer.`,
        "refused",
        { cause },
      );
    }
  }

  #refuseUnlessOk({ status, text }: Answer): void {
    if (status >= 200 && status < 300) return;
    const { address, token } = this.#access;
    if (status === 401 || status === 403)
      throw new ClusterError(
        token
          ? `${address} does not accept the cluster's token: set the current one on the page Cluster.`
          : `${address} asks for a token: set the cluster's token on the page Cluster.`,
        "refused",
      );
    // The last line of a Python traceback is the sentence.
    const said =
      text
        .trim()
        .split("\n")
        .findLast((line) => line.trim().length > 1) ?? "";
    throw new ClusterError(
      `${address} answered ${status}: ${said.slice(0, ERROR_CHARACTERS)}`,
      status >= 502 && status <= 504 ? "unreachable" : "refused",
    );
  }

  /** Sends it again after a lost connection or a gateway's error. */
  async #send(call: Call): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const pause = this.#patience.pausesMs[attempt];
      try {
        const answer = await this.#once(call);
        if (answer.status < 502 || answer.status > 504 || pause === undefined) return answer;
      } catch (cause) {
        if (pause === undefined)
          throw new ClusterError(
            `The cluster at ${this.#access.address} does not answer (${reasonOf(cause)}): check the address, and that the cluster is up.`,
            "unreachable",
            { cause },
          );
      }
      await sleep(pause);
    }
  }

  async #once({ method, path, body, contentType, timeoutMs }: Call): Promise<Answer> {
    const { address, token } = this.#access;
    const url = new URL(`${address}${path}`);
    const options: RequestOptions = {
      method,
      // A connection kept open would be the one that a restarted cluster no longer knows.
      agent: false,
      headers: {
        accept: "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined
          ? {}
          : { "content-type": contentType, "content-length": Buffer.byteLength(body) }),
      },
      signal: AbortSignal.timeout(timeoutMs ?? this.#patience.timeoutMs),
    };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, resolve);
      sent.on("error", reject);
      sent.end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError" || cause.name === "AbortError") return "no answer in time";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
