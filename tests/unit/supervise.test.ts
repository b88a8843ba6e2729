import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { restartPauses } from "@/workers/supervise";

test("a program that was healthy is restarted at once, however often it ended before", () => {
  const pauseAfter = restartPauses();
  expect(Array.from({ length: 7 }, () => pauseAfter(15_000))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("a program that keeps failing waits longer each time, three seconds at most, until it was healthy again", () => {
  const pauseAfter = restartPauses();
  expect(Array.from({ length: 6 }, () => pauseAfter(200))).toEqual([0, 1000, 2000, 3000, 3000, 3000]);
  expect([pauseAfter(11_000), pauseAfter(200), pauseAfter(200)]).toEqual([0, 0, 1000]);
});

test("a port that no browser opens a page on is refused before anything is started", async () => {
  const data = join(tmpdir(), `concord-port-${process.pid}`);
  const start = promisify(execFile)(process.execPath, ["--import", "tsx", "workers/start.ts"], {
    env: { ...process.env, PORT: "4190", CONCORD_DATA: data },
    timeout: 60_000,
  });
  await expect(start).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Port 4190 cannot be used: browsers open no page on it."),
  });
  expect(existsSync(data)).toBe(false);
}, 70_000);

// Elsewhere a machine has one address of its own only.
test.runIf(process.platform === "linux")(
  "another program with the same port of another address is not asked, and not waited for",
  async () => {
    let asked = 0;
    const silent = createServer(() => asked++);
    onTestFinished(() => void silent.close());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    // What comes next ends it: a folder below a file cannot be made.
    const start = promisify(execFile)(process.execPath, ["--import", "tsx", "workers/start.ts"], {
      env: {
        ...process.env,
        HOST: "127.0.0.2",
        PORT: port,
        CONCORD_DATA: join(import.meta.filename, "data"),
      },
      timeout: 60_000,
    });
    await expect(start).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("ENOTDIR") });
    expect(asked).toBe(0);
  },
  70_000,
);
