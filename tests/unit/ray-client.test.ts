import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ClusterError, RayCluster } from "@/server/cluster/ray";
import { RayServer } from "@/tests/ray-server";

let server: RayServer;
beforeEach(async () => {
  server = await RayServer.start();
});
afterEach(() => server.close());

/** An answer is waited for as long as a busy machine may need. */
const FAST = { timeoutMs: 10_000, pausesMs: [5, 10] };
const client = (token: string | null = null, tried = FAST) =>
  new RayCluster({ address: `${server.address}/`, token }, tried);
const ZIP = new Uint8Array([80, 75, 5, 6]);

async function submit(ray = client()) {
  const packageUri = await ray.upload(ZIP);
  const job = { submissionId: "concord-1", entrypoint: "exec true", env: {}, metadata: { run: "1" } };
  await ray.submit({ ...job, packageUri });
}

describe("a cluster's Jobs API", () => {
  test("is no browser, and finds the address with the slash at its end", async () => {
    const refused = await fetch(`${server.address}/api/jobs/`, { method: "POST", body: "{}" });
    expect(refused.status, "Node's fetch").toBe(405);
    await submit();
    expect(server.requests.filter((line) => line.startsWith("POST"))).toContain("POST /api/jobs/");
    expect(await client().job("concord-1")).toMatchObject({ status: "PENDING", metadata: { run: "1" } });
    expect(await client().version()).toBe("2.60.0");
  });

  test("uploads the same bytes once", async () => {
    const first = await client().upload(ZIP);
    expect(await client().upload(ZIP)).toBe(first);
    expect(first).toMatch(/^gcs:\/\/_ray_pkg_[0-9a-f]{32}\.zip$/);
    expect(server.requests.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
  });

  test("submits once when the answer is lost: the name is taken then, by the same job", async () => {
    const ray = client();
    await ray.upload(ZIP);
    server.breaks = ["before", "after"];
    await submit(ray);
    expect([...server.jobs.keys()]).toEqual(["concord-1"]);
  });

  test("tells a taken name from other failures, which it names by the last line of the traceback", async () => {
    await expect(
      client().submit({
        submissionId: "x",
        entrypoint: "",
        packageUri: "gcs://none.zip",
        env: {},
        metadata: {},
      }),
    ).rejects.toThrow(/answered 500: RuntimeError: the package is not there$/);
  });

  test("goes on after a connection that breaks in mid-poll, and says so when all of them break", async () => {
    await submit();
    server.breaks = ["before", "after"];
    expect((await client().job("concord-1"))?.status).toBe("PENDING");
    server.breaks = ["before", "before", "before"];
    const error = await client()
      .job("concord-1")
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ClusterError);
    expect(error).toMatchObject({
      reason: "unreachable",
      message: expect.stringMatching(
        /does not answer \(ECONNRESET\): check the address, and that the cluster is up\.$/,
      ),
    });
  });

  test("does not wait for ever", async () => {
    server.silent = true;
    const impatient = client(null, { ...FAST, timeoutMs: 300 });
    await expect(impatient.version()).rejects.toThrow(/no answer in time/);
  });

  test("says what is missing or wrong about the token, once: a refusal is not repeated", async () => {
    server.token = "right";
    await expect(client().version()).rejects.toThrow(
      /asks for a token: set the cluster's token on the page Cluster/,
    );
    await expect(client("wrong").version()).rejects.toThrow(/does not accept the cluster's token/);
    expect(server.requests).toHaveLength(2);
    expect(await client("right").version()).toBe("2.60.0");
  });

  test("says that an address is something else than a dashboard", async () => {
    const page = createServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(page, "listening");
    const { port } = z.object({ port: z.number() }).parse(page.address());
    const ray = new RayCluster({ address: `http://127.0.0.1:${port}`, token: null }, FAST);
    await expect(ray.version()).rejects.toThrow(/answers, but not as Ray's dashboard does/);
    page.close();
  });

  test("stops and forgets jobs, and takes one that is gone for stopped", async () => {
    await submit();
    const ray = client();
    await ray.stop("concord-1");
    expect((await ray.job("concord-1"))?.status).toBe("STOPPED");
    expect(await ray.logTail("concord-1", 8)).toBe("console\n");
    await ray.delete("concord-1");
    await ray.delete("concord-1");
    await ray.stop("concord-1");
    expect(await ray.job("concord-1")).toBeNull();
  });
});
