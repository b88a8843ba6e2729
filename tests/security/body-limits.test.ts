import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request as send } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { limits } from "@/server/limits";
import { jsonOf, requireShallow, textOf } from "@/server/rest/answer";
import { bodyLimit, guardBodies } from "@/server/rest/guard";

/** Keeps what it is sent, as a framework may before anybody has looked at it. */
const server = createServer(async (incoming, outgoing) => {
  const body = await buffer(incoming).catch(() => undefined);
  if (!outgoing.headersSent) outgoing.end(String(body?.length));
});
let port = 0;
beforeAll(async () => {
  guardBodies();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = address && typeof address === "object" ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const highWaterMiB = () =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

/** Sends a body in chunks, without saying how long it is. */
async function post(path: string, chunk: Buffer, times: number) {
  const request = send({ port, path, method: "POST", host: "127.0.0.1" });
  const answered = once(request, "response");
  request.setMaxListeners(0);
  request.on("error", () => {});
  for (let n = 0; n < times && !request.destroyed; n++)
    if (!request.write(chunk)) await Promise.race([once(request, "drain"), answered]);
  request.end();
  const [response] = await answered;
  return { status: response.statusCode, body: await text(response) };
}

it("a form of hundreds of megabytes, in chunks from anybody, ends at its limit", async () => {
  expect(await post("/sign-in", Buffer.alloc(1000, 97), 20)).toEqual({ status: 200, body: "20000" });
  const before = highWaterMiB();
  for (const path of ["/sign-in", "/api/auth/callback/password"]) {
    const { status, body } = await post(path, Buffer.alloc(2 ** 20, 97), 200);
    expect(status).toBe(413);
    expect(body).toContain(`more than ${limits.formBytes.toLocaleString("en")} bytes`);
  }
  expect(highWaterMiB() - before).toBeLessThan(60);
});

it("each kind of address has a limit, and files are counted where it is known who sends them", () => {
  expect(bodyLimit("/sign-in?next=%2F")).toBe(limits.formBytes);
  expect(bodyLimit("/api/trpc/judgement.submit?batch=1")).toBe(limits.callBytes);
  expect(bodyLimit("/api/v1/projects")).toBe(limits.jsonBytes);
  expect(bodyLimit("/api/openai/v1/chat/completions")).toBe(limits.completionBytes);
  expect(bodyLimit("/api/cluster/events")).toBe(limits.jobBytes);
  expect(bodyLimit("/api/v1/projects/x/uploads")).toBe(Number.POSITIVE_INFINITY);
  expect(bodyLimit("/api/v1/projects/x/uploads/y")).toBe(limits.jsonBytes);
});

function posted(body: string | ReadableStream): Request {
  const init = { method: "POST", body, duplex: "half" };
  return new Request("http://site/", init);
}

it("a body is counted while it streams, and ends where it is too long", async () => {
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent++;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  await expect(textOf(posted(endless), 5000)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  expect(sent).toBeLessThan(10);
  expect(await textOf(posted("é".repeat(2500)), 5000)).toHaveLength(2500);
  await expect(textOf(posted("é".repeat(2501)), 5000)).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
});

it("JSON deeper than anybody writes it is refused before it is parsed", async () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(() => requireShallow(nested(limits.jsonDepth))).not.toThrow();
  expect(() => requireShallow(nested(limits.jsonDepth + 1))).toThrow(/deeper than/);
  // Brackets within texts are texts.
  expect(() => requireShallow(JSON.stringify({ a: `\\"${"[{".repeat(200)}` }))).not.toThrow();
  await expect(jsonOf(posted(nested(200_000)), 2 ** 20)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await expect(jsonOf(posted("{"), 100)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect(await jsonOf(posted('{"a": [1]}'), 100)).toEqual({ a: [1] });
});
