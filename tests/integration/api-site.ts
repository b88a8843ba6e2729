import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { arrayBuffer } from "node:stream/consumers";
import pino from "pino";
import * as anything from "@/app/api/v1/[...path]/route";
import * as preferences from "@/app/api/v1/projects/[projectId]/preferences.csv/route";
import * as runFile from "@/app/api/v1/projects/[projectId]/runs/[runId]/files/[...name]/route";
import * as uploads from "@/app/api/v1/projects/[projectId]/uploads/route";
import type { RunKind } from "@/db/shape/run-kinds";
import { storeFromEnvironment } from "@/server/artifact/store";
import { env } from "@/server/env";
import { handlers } from "@/workers/run/handlers";
import { importUpload } from "@/workers/run/handlers/import";
import { runWorker } from "@/workers/run/worker";
import type { TestDatabase } from "./database";

/** The HTTP API behind a real port, with a worker for some kinds of runs. DATABASE_URL and CONCORD_DATA must be set. */
export async function apiSite(database: TestDatabase, kinds: readonly RunKind[]) {
  const server = createServer(async (incoming, outgoing) => {
    const answer = await answerTo(await requestOf(incoming));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  if (!place || typeof place === "string") throw new Error("no port");

  const shutdown = new AbortController();
  const worker = runWorker(
    {
      id: randomUUID(),
      name: "test",
      ...database,
      store: storeFromEnvironment(env()),
      folder: env().CONCORD_DATA,
      capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 8e9, options: {} },
      // An import's cage has tests of its own.
      handlers: { ...handlers, import: importUpload },
      lanes: [kinds],
      log: pino({ level: "silent" }),
    },
    shutdown.signal,
  );
  return {
    address: `http://127.0.0.1:${place.port}`,
    async close() {
      shutdown.abort();
      server.closeAllConnections();
      server.close();
      await worker;
    },
  };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = method === "GET" || method === "HEAD" ? undefined : await arrayBuffer(incoming);
  return new Request(`http://site${url}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" ? [[name, value]] : [],
    ),
    body: body?.byteLength ? body : undefined,
  });
}

/** As Next finds the handler of an address. */
function answerTo(request: Request): Promise<Response> {
  const [, , , collection, projectId = "", what, runId = "", files, ...name] = new URL(
    request.url,
  ).pathname.split("/");
  if (collection === "projects" && request.method === "POST" && what === "uploads")
    return uploads.POST(request, { params: Promise.resolve({ projectId }) });
  if (collection === "projects" && what === "preferences.csv")
    return preferences.GET(request, { params: Promise.resolve({ projectId }) });
  if (what === "runs" && files === "files" && name.length > 0)
    return runFile.GET(request, {
      params: Promise.resolve({ projectId, runId, name: name.map(decodeURIComponent) }),
    });
  switch (request.method) {
    case "POST":
      return anything.POST(request);
    case "PUT":
      return anything.PUT(request);
    case "PATCH":
      return anything.PATCH(request);
    case "DELETE":
      return anything.DELETE(request);
    default:
      return anything.GET(request);
  }
}
