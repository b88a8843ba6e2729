import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Platform, type ProgramName, programs } from "@/tests/platform";

/** How long a disk stays full, and how far the clock is put. */
const FULL_MS = 5000;
const CLOCK_SECONDS = [7200, -300];
/** After it a product that does not work again has failed. */
const PATIENCE_MS = 240_000;
const LOOK_MS = 100;

const LIBFAKETIME = ["x86_64", "aarch64"]
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((file) => existsSync(file));

/** A disk of its own for the data folder, which can be filled without filling the machine's. Null: not as this user. */
export interface Disk {
  folder: string;
  fill(): void;
  free(): void;
  unmount(): void;
}

/** @param bytes holds PostgreSQL's log of an hour and the files of many small runs */
export function mountDisk(bytes: number): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), "concord-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=755`, "tmpfs", folder]).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill() {
      const block = Buffer.alloc(1 << 20);
      const file = openSync(ballast, "w");
      try {
        for (;;) writeSync(file, block);
      } catch {
        // No space left: just that.
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast, { force: true }),
    unmount() {
      spawnSync("umount", [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A clock that can be put for the site and the worker, against the database's: libfaketime (Debian's package of that
 * name). Null where it is not installed. PostgreSQL is started with no variable of ours, so that its clock goes on.
 */
export interface Clock {
  env: Record<string, string>;
  put(seconds: number): void;
  remove(): void;
}

export function wrongClock(): Clock | null {
  if (!LIBFAKETIME) return null;
  const folder = mkdtempSync(join(tmpdir(), "concord-clock-"));
  const file = join(folder, "time");
  const put = (seconds: number) => writeFileSync(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}s\n`);
  put(0);
  return {
    env: {
      LD_PRELOAD: LIBFAKETIME,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    put,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const faultNames = [...programs, "disk", "clock"] as const;
export type FaultName = (typeof faultNames)[number];

/**
 * One fault, and how long the product took to work again.
 * @param works resolves when a judgement is acknowledged that was sent after the call
 * @returns milliseconds from the kill (from the room again, for a disk), or null where there was nothing to kill
 */
export async function strike(
  name: FaultName,
  {
    platform,
    disk,
    clock,
    works,
  }: { platform: Platform; disk: Disk | null; clock: Clock | null; works: () => Promise<void> },
): Promise<number | null> {
  let began = performance.now();
  if (name === "disk") {
    if (!disk) return null;
    disk.fill();
    await sleep(FULL_MS);
    disk.free();
    began = performance.now();
  } else if (name === "clock") {
    if (!clock) return null;
    clock.put(CLOCK_SECONDS[Math.floor(Math.random() * CLOCK_SECONDS.length)]);
  } else {
    const killed = platform.kill(name);
    if (killed === null) return null;
    if (name === "worker" || name === "engine") {
      await replaced(platform, name, killed);
      return performance.now() - began;
    }
  }
  await works();
  return performance.now() - began;
}

/** Until another process stands in for one that nobody waits for; an engine may have had its last work. */
async function replaced(platform: Platform, name: ProgramName, killed: number): Promise<void> {
  const until = Date.now() + (name === "engine" ? 20_000 : PATIENCE_MS);
  while (Date.now() < until) {
    const pid = platform.pidOf(name);
    if (pid !== null && pid !== killed) return;
    await sleep(LOOK_MS);
  }
  if (name !== "engine") throw new Error(`No ${name} came back.`);
}
