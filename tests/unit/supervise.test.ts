import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
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
