import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

interface FakeJob {
  status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  message: string;
  entrypoint: string;
  runtime_env: { working_dir: string; env_vars: Record<string, string> };
  metadata: Record<string, string>;
}

/**
 * Answers as Ray 2.60's dashboard was seen to answer, its bad habits included: 405 to browsers, 500 with a traceback
 * to a name that is taken, 404 without the last slash, text only as metadata, jobs that stay pending.
 */
export class RayServer {
  readonly jobs = new Map<string, FakeJob>();
  readonly packages = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** What a new job is at once. */
  firstStatus: FakeJob["status"] = "PENDING";
  /** Resources of each machine. */
  nodes: Record<string, number>[] = [{ CPU: 2 }, { CPU: 2 }];
  token: string | null = null;
  /** Requests whose connection breaks: before they are read, or after the work is done but not told. */
  breaks: ("before" | "after")[] = [];
  /** Requests that are never answered. */
  silent = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<RayServer> {
    const server = new RayServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get address(): string {
    const address = this.#server.address();
    if (!address || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    this.requests.push(`${method} ${url}`);
    if (this.silent) return;
    const breaks = this.breaks.shift();
    if (breaks === "before") return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const [status, body] = this.#reply(method, url, headers, Buffer.concat(chunks));
    if (breaks === "after") return void request.socket.destroy();
    response.writeHead(status, {
      "content-type": typeof body === "string" ? "text/plain" : "application/json",
    });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  }

  #reply(method: string, url: string, headers: IncomingMessage["headers"], body: Buffer): [number, unknown] {
    if (headers["sec-fetch-mode"] && method !== "GET")
      return [405, `'${method}' method not allowed for browser traffic.`];
    if (this.token && headers.authorization !== `Bearer ${this.token}`)
      return headers.authorization ? [403, "Forbidden"] : [401, "Unauthorized: Missing authentication token"];
    const path = url.split("?")[0];
    if (path === "/api/version") return [200, { version: "4", ray_version: "2.60.0", session_name: "s" }];
    if (path === "/api/v0/nodes") return [200, { data: { result: { result: this.nodes.map(nodeOf) } } }];
    if (path === "/api/cluster_status") return [200, { data: { clusterStatus: this.#usage() } }];
    const [, name] = /^\/api\/packages\/gcs\/(.+)$/.exec(path) ?? [];
    if (name && method === "PUT") this.packages.set(name, body);
    if (name) return this.packages.has(name) ? [200, ""] : [404, `Package gcs://${name} does not exist`];
    if (path === "/api/jobs/") return method === "POST" ? this.#submit(body) : [200, this.#list()];
    const [, id, action] = /^\/api\/jobs\/([^/]+)(\/\w+)?$/.exec(path) ?? [];
    const job = id ? this.jobs.get(id) : undefined;
    if (!id) return [404, "404: Not Found"];
    if (!job) return [404, `Job ${id} does not exist`];
    if (action === "/stop") job.status = "STOPPED";
    if (action === "/stop") return [200, { stopped: true }];
    if (action === "/logs") return [200, { logs: "the console\n" }];
    if (method === "DELETE") return [200, { deleted: this.jobs.delete(id) }];
    return [200, { type: "SUBMISSION", submission_id: id, start_time: 1, ...job }];
  }

  #submit(body: Buffer): [number, unknown] {
    const { submission_id: id, entrypoint, runtime_env, metadata } = JSON.parse(body.toString());
    const wrong = Object.values(metadata).find((value) => typeof value !== "string");
    if (wrong !== undefined)
      return [
        400,
        `Traceback (most recent call last):\nTypeError: metadata values must be strings, got ${wrong}`,
      ];
    if (this.jobs.has(id))
      return [
        500,
        `Traceback (most recent call last):\n  File "job_manager.py"\nValueError: Job with submission_id ${id} already exists. Please use a different submission_id.\n.\n`,
      ];
    if (!this.packages.has(String(runtime_env.working_dir).replace("gcs://", "")))
      return [500, "Traceback (most recent call last):\nRuntimeError: the package is not there"];
    this.jobs.set(id, { status: this.firstStatus, message: "", entrypoint, runtime_env, metadata });
    return [200, { job_id: id, submission_id: id }];
  }

  #list() {
    return [...this.jobs].map(([submission_id, job]) => ({ type: "SUBMISSION", submission_id, ...job }));
  }

  #usage() {
    const total = this.nodes.reduce((sum, node) => sum + (node.CPU ?? 0), 0);
    return { loadMetricsReport: { usage: { CPU: [1, total] } } };
  }
}

const nodeOf = (resources_total: Record<string, number>, index: number) => ({
  node_id: `node-${index}`,
  node_name: `10.0.0.${index}`,
  state: "ALIVE",
  is_head_node: index === 0,
  resources_total,
});
