import { once } from "node:events";
import { createServer } from "node:http";
import { arrayBuffer } from "node:stream/consumers";
import pino from "pino";
import { DELETE, GET, POST } from "@/app/api/openai/v1/[...path]/route";
import { storeFromEnvironment } from "@/server/artifact/store";
import { env } from "@/server/env";
import { serveCalls } from "@/workers/serving/serve";
import type { TestDatabase } from "./database";

/** /api/openai/v1 behind a real port, and a worker that answers. DATABASE_URL and CONCORD_DATA must be set. */
export async function openAiSite(database: TestDatabase) {
  const server = createServer(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on("close", () => gone.abort());
    const { method = "GET", url, headers } = incoming;
    const body = method === "POST" ? await arrayBuffer(incoming) : undefined;
    const request = new Request(`http://site${url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      body,
      signal: gone.signal,
    });
    const handler = { GET, POST, DELETE }[method];
    const answer = handler ? await handler(request) : new Response(null, { status: 405 });
    // Its reader is gone: Node takes no such status.
    if (gone.signal.aborted) return;
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    const reader = answer.body?.getReader();
    gone.signal.addEventListener("abort", () => void reader?.cancel().catch(() => {}));
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
      outgoing.write(next.value);
    outgoing.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  if (!place || typeof place === "string") throw new Error("no port");

  const log = pino({ level: "silent" });
  const start = () => {
    const shutdown = new AbortController();
    const over = serveCalls({ ...database, store: storeFromEnvironment(env()), log }, shutdown.signal);
    return async () => {
      shutdown.abort();
      await over;
    };
  };
  let stop = start();
  return {
    address: `http://127.0.0.1:${place.port}/api/openai/v1`,
    /** Ends the worker; `resume` starts another one. */
    pause: () => stop(),
    resume() {
      stop = start();
    },
    async close() {
      await stop();
      server.closeAllConnections();
      server.close();
    },
  };
}
