import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";

/** A disk of this size holds the events of the run, but not a checkpoint. */
const size = "256k";
const disk = mkdtempSync(join(tmpdir(), "concord-full-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

const where = mounted ? `a disk of ${size}` : "skipped: this user may not mount a small disk";
test.skipIf(!mounted)(`a full disk ends a run with one sentence (${where})`, () => {
  const golden = resolve("tests/parity/golden");
  const file = join(disk, "run.yaml");
  const output = join(disk, "output");
  const spec = {
    method: "sft",
    model: join(golden, "models/llama"),
    train: join(golden, "trajectories/sft-llama/train.jsonl"),
    output,
    max_steps: 4,
    save_steps: 2,
    per_device_train_batch_size: 2,
    max_length: 96,
  };
  writeFileSync(file, stringify(spec));
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "workers/engine/cli/train.ts", file],
    {
      encoding: "utf8",
    },
  );
  expect(status).toBe(1);
  expect(stderr.trim()).toMatch(/cannot be written: the disk is full; free some space and run again\.$/);
  expect(readdirSync(join(output, "checkpoints"))).toEqual([]);
});
