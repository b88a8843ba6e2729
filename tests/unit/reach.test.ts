import { createServer } from "node:http";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { guardedFetch, type Reach, ReachError } from "@/server/endpoint/reach";

/** A server that keeps what came, and answers as its path says. */
async function listener() {
  const heard: { url: string; key: string | undefined }[] = [];
  const server = createServer((request, response) => {
    heard.push({ url: request.url ?? "", key: request.headers.authorization });
    const [, kind, where] = /^\/(\w+)(?:\?to=(.*))?$/.exec(request.url ?? "") ?? [];
    if (kind === "moved") response.writeHead(307, { location: decodeURIComponent(where) }).end();
    else if (kind === "silent") response.writeHead(200).write("a");
    else if (kind === "endless") {
      // Not at once: on Node 26 nobody would hear any more that the reader has left.
      const more = () => {
        if (!response.destroyed) response.write("x".repeat(2 ** 20), () => setImmediate(more));
      };
      response.writeHead(200).on("error", () => {});
      more();
    } else response.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port, origin: `http://127.0.0.1:${port}`, heard };
}

const own = await listener();
const other = await listener();
const reach = (more: Partial<Reach> = {}) =>
  guardedFetch({ allowed: [`127.0.0.1:${own.port}`], idleMs: 60_000, ...more });

describe("the way out to endpoints", () => {
  test("leads where an admin allows it, and to no other port of the same host", async () => {
    expect(await (await reach()(`${own.origin}/`)).text()).toBe("hello");
    await expect(reach()(`${other.origin}/`)).rejects.toThrow(/https only/);
    expect(other.heard).toEqual([]);
  });

  test("ends at a redirect: the key goes nowhere else", async () => {
    const to = encodeURIComponent(`${other.origin}/stolen`);
    const headers = { authorization: "Bearer secret" };
    for (const method of ["GET", "POST"]) {
      const answer = await reach()(`${own.origin}/moved?to=${to}`, { method, headers });
      expect([answer.status, answer.redirected]).toEqual([307, false]);
    }
    expect(own.heard.at(-1)).toMatchObject({ key: "Bearer secret" });
    expect(other.heard).toEqual([]);
  });

  test.each([
    [["127.0.0.1"]],
    [["10.1.2.3", "192.168.0.1"]],
    [["169.254.169.254"]],
    [["::1"]],
    [["::ffff:127.0.0.1"]],
    [["64:ff9b::7f00:1"]],
    [["fd00::1"]],
  ])("does not lead to %j, whatever name stands for it", async (addresses) => {
    const asked: string[] = [];
    const fetch = reach({
      resolve(hostname, _options, callback) {
        asked.push(hostname);
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        );
      },
    });
    const failure = await fetch(`https://models.example.org:${other.port}/v1`).catch((error) => error);
    expect(failure).toBeInstanceOf(ReachError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/^models.example.org leads to an address of this machine/),
      sent: false,
    });
    expect(asked).toEqual(["models.example.org"]);
    expect(other.heard).toEqual([]);
  });

  test("looks a name up each time: one that was public yesterday may not be today", async () => {
    let lookups = 0;
    const fetch = reach({
      resolve(_hostname, _options, callback) {
        lookups++;
        callback(null, [{ address: "127.0.0.1", family: 4 }]);
      },
    });
    for (let time = 0; time < 2; time++)
      await expect(fetch("https://models.example.org/")).rejects.toThrow(/CONCORD_ENDPOINT_HOSTS/);
    expect(lookups).toBe(2);
  });

  test("waits no longer than it is told for a word, and takes no answer without end", async () => {
    await expect((await reach({ idleMs: 200 })(`${own.origin}/silent`)).text()).rejects.toMatchObject({
      message: expect.stringMatching(/broke off|silent/),
      sent: true,
    });
    await expect((await reach()(`${own.origin}/endless`)).text()).rejects.toThrow(/answers without end/);
  });
});
