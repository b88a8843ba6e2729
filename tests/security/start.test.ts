import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { refuseTransactionPooling } from "@/db/pooler";
import { isDiskFull } from "@/server/errors";
import { holdDataFolder } from "@/workers/hold";

test("a data folder has one supervisor, and one that was killed leaves it free", async () => {
  const folder = await mkdtemp(join(tmpdir(), "concord-hold-"));
  const release = await holdDataFolder(folder);
  await expect(holdDataFolder(folder)).rejects.toThrow(`already runs with the data folder ${folder}`);
  await release();
  await (await holdDataFolder(folder))();

  // The socket of a process that was killed lies there and answers nobody.
  const { spawnSync } = await import("node:child_process");
  const killed = spawnSync(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(join(folder, "supervisor.sock"))}, () => process.kill(process.pid, "SIGKILL"))`,
  ]);
  expect(killed.signal).toBe("SIGKILL");
  await (await holdDataFolder(folder))();
  await rm(folder, { recursive: true, force: true });
});

test("PostgreSQL itself is no pooler", async () => {
  await refuseTransactionPooling(inject("clusterUrl"));
});

test("a full disk is known by what the system and PostgreSQL say of it", () => {
  const failed = (code: string) =>
    new Error("Failed query", { cause: Object.assign(new Error(code), { code }) });
  for (const code of ["ENOSPC", "EDQUOT", "53100"]) expect(isDiskFull(failed(code))).toBe(true);
  for (const code of ["ENOENT", "53300", "57P01"]) expect(isDiskFull(failed(code))).toBe(false);
});
