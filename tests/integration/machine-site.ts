import { once } from "node:events";
import { createServer } from "node:http";
import { arrayBuffer } from "node:stream/consumers";

type Handle = (request: Request) => Promise<Response>;

/** The routes that machines use, behind a real port, as the site serves them. DATABASE_URL must be set before. */
export async function machineSite(): Promise<{ address: string; close(): void }> {
  const [artifacts, job, events, files] = await Promise.all([
    import("@/app/api/artifacts/[sha256]/route"),
    import("@/app/api/cluster/job/route"),
    import("@/app/api/cluster/events/route"),
    import("@/app/api/cluster/files/route"),
  ]);
  const routes: Record<string, Handle> = {
    "POST /api/cluster/job": job.POST,
    "GET /api/cluster/events": events.GET,
    "POST /api/cluster/events": events.POST,
    "POST /api/cluster/files": files.POST,
  };
  const ofArtifact = (sha256: string) => ({ params: Promise.resolve({ sha256 }) });
  const server = createServer(async (incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const hasBody = method !== "GET" && method !== "HEAD";
    const request = new Request(`http://site${url}`, {
      method,
      headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
        typeof value === "string" ? [[name, value]] : [],
      ),
      ...(hasBody ? { body: await arrayBuffer(incoming) } : {}),
    });
    const [, sha256] = /^\/api\/artifacts\/([0-9a-f]+)$/.exec(url) ?? [];
    const answer = sha256
      ? await (method === "PUT" ? artifacts.PUT : artifacts.GET)(request, ofArtifact(sha256))
      : await routes[`${method} ${url}`]?.(request);
    outgoing.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []));
    outgoing.end(answer ? Buffer.from(await answer.arrayBuffer()) : undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  return {
    address: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
