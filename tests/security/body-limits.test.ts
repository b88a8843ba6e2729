import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type ClientRequest, createServer, request as send } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { limits } from "@/server/limits";
import { jsonOf, requireBounded, textOf } from "@/server/rest/answer";
import { bodyLimit, guardBodies } from "@/server/rest/guard";
import { ALWAYS, DATA } from "@/server/rest/headers";

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
  return { status: response.statusCode, body: await text(response), headers: response.headers };
}

it("a form of hundreds of megabytes, in chunks from anybody, ends at its limit", async () => {
  expect(await post("/sign-in", Buffer.alloc(1000, 97), 20)).toMatchObject({ status: 200, body: "20000" });
  const before = highWaterMiB();
  for (const path of ["/sign-in", "/api/auth/callback/password"]) {
    const { status, body, headers } = await post(path, Buffer.alloc(2 ** 20, 97), 200);
    expect(status).toBe(413);
    expect(headers).toMatchObject({ ...ALWAYS, ...DATA });
    expect(body).toContain(`more than ${limits.formBytes.toLocaleString("en")} bytes`);
  }
  expect(highWaterMiB() - before).toBeLessThan(60);
});

it("long bodies are held together up to a limit, and short ones are taken all the same", async () => {
  const chunk = Buffer.alloc(2 ** 20, 97);
  const begun: ClientRequest[] = [];
  const begin = async () => {
    const request = send({ port, path: "/api/v1/projects", method: "POST", host: "127.0.0.1" });
    request.on("error", () => {});
    request.setMaxListeners(0);
    begun.push(request);
    const refused = once(request, "response").then(([response]) => response);
    for (let n = 0; n < 60; n++)
      if (!request.write(chunk)) {
        const told = await Promise.race([
          once(request, "drain").then(
            () => undefined,
            () => refused,
          ),
          refused,
        ]);
        if (told) return told;
      }
    return undefined;
  };
  const told = [];
  for (let n = 0; n < 5; n++) told.push(await begin());
  expect(told.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(told[4]).toMatchObject({
    statusCode: 503,
    headers: { "retry-after": expect.any(String), "x-content-type-options": "nosniff" },
  });
  expect(await post("/api/v1/projects", Buffer.from("{}"), 1)).toMatchObject({ status: 200 });
  for (const request of begun) request.destroy();
  await expect.poll(() => post("/api/v1/projects", chunk, 20)).toMatchObject({ status: 200 });
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

it("JSON of more values than anybody sends is refused before it is parsed, however short", async () => {
  const many = `[${"{},".repeat(limits.jsonValues)}{}]`;
  expect(many.length).toBeLessThan(limits.callBytes);
  await expect(jsonOf(posted(many), limits.callBytes)).rejects.toThrow(/1,000,000 values/);
  // Commas within texts are texts.
  expect(() => requireBounded(JSON.stringify(",".repeat(2 * limits.jsonValues)))).not.toThrow();
});

it("JSON deeper than anybody writes it is refused before it is parsed", async () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(() => requireBounded(nested(limits.jsonDepth))).not.toThrow();
  expect(() => requireBounded(nested(limits.jsonDepth + 1))).toThrow(/deeper than/);
  // Brackets within texts are texts.
  expect(() => requireBounded(JSON.stringify({ a: `\\"${"[{".repeat(200)}` }))).not.toThrow();
  await expect(jsonOf(posted(nested(200_000)), 2 ** 20)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await expect(jsonOf(posted("{"), 100)).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect(await jsonOf(posted('{"a": [1]}'), 100)).toEqual({ a: [1] });
});
