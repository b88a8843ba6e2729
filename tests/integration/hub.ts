import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const lineSchema = z.discriminatedUnion("key", [
  z.object({ key: z.literal("header"), value: z.object({ summary: z.string() }) }),
  z.object({ key: z.literal("file"), value: z.object({ path: z.string(), content: z.string() }) }),
]);

/** The endpoints of the Hugging Face Hub that a push calls; every file is taken with the commit, none by LFS. */
export async function startHub(token: string) {
  /** Content by repository and path, such as `models/owner/name/README.md`. */
  const files = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = (status: number, json: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    if (request.headers.authorization !== `Bearer ${token}`)
      return answer(401, { error: "Invalid credentials" });
    const { pathname } = new URL(request.url ?? "/", "http://hub");
    if (pathname === "/api/repos/create") return answer(200, { url: "http://hub/made" });
    const [, repository, action] =
      /^\/api\/(\w+\/[\w.-]+\/[\w.-]+)\/(preupload|commit)\/main$/.exec(pathname) ?? [];
    if (action === "preupload") {
      const asked = z.object({ files: z.array(z.object({ path: z.string() })) }).parse(JSON.parse(body));
      return answer(200, { files: asked.files.map(({ path }) => ({ path, uploadMode: "regular" })) });
    }
    if (action === "commit") {
      for (const line of body.split("\n")) {
        const { key, value } = lineSchema.parse(JSON.parse(line));
        if (key === "file") files.set(`${repository}/${value.path}`, Buffer.from(value.content, "base64"));
      }
      return answer(200, { commitOid: "0".repeat(40), commitUrl: "http://hub/commit", hookOutput: "" });
    }
    answer(404, { error: `no ${pathname}` });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: AddressInfo = z
    .object({ address: z.string(), family: z.string(), port: z.number() })
    .parse(server.address());
  return { url: `http://127.0.0.1:${port}`, files, close: () => server.close() };
}
