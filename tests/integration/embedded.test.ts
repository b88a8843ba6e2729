import { spawn, spawnSync } from "node:child_process";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { connectRaw } from "@/db/client";
import { type EmbeddedServer, startEmbedded } from "@/db/embedded/server";
import { keepPrivate } from "@/workers/data-folder";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(mode: number): Promise<string> {
  const path = await mkdtemp("/tmp/concord-embedded-");
  await chmod(path, mode);
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function started(data: string): Promise<EmbeddedServer> {
  const server = await startEmbedded(data);
  cleanups.push(() => server.stop());
  return server;
}

async function query<T>(server: EmbeddedServer, text: string): Promise<T[]> {
  const sql = connectRaw(server.url, { max: 1 });
  try {
    return await sql.unsafe<T[]>(text);
  } finally {
    await sql.end();
  }
}

test("keeps its rows over a stop, a kill -9 and an adoption, on the same address", async () => {
  const data = await folder(0o755);
  const first = await started(data);
  await query(first, "create table kept (n int); insert into kept values (1)");
  await first.stop();
  expect(first.isRunning()).toBe(false);

  const second = await started(data);
  expect(second.url).toBe(first.url);
  const pidFile = join(data, "postgres", "cluster", "postmaster.pid");
  const pid = Number.parseInt(await readFile(pidFile, "utf8"), 10);
  process.kill(pid, "SIGKILL");
  await expect.poll(() => second.isRunning()).toBe(false);
  expect((await stat(pidFile)).isFile()).toBe(true);

  const third = await started(data);
  expect(third.url).toBe(first.url);
  const adopted = await startEmbedded(data);
  expect(await query(adopted, "select n from kept")).toEqual([{ n: 1 }]);
  expect(await query(adopted, "show fsync")).toEqual([{ fsync: "on" }]);
});

test("is not fooled by a postmaster.pid whose process id another program has now", async () => {
  const data = await folder(0o755);
  const first = await started(data);
  const pidFile = join(data, "postgres", "cluster", "postmaster.pid");
  const [pid, ...rest] = (await readFile(pidFile, "utf8")).split("\n");
  process.kill(Number(pid), "SIGKILL");
  await expect.poll(() => first.isRunning()).toBe(false);
  const stranger = spawn("sleep", ["60"]);
  cleanups.push(async () => stranger.kill());
  await writeFile(pidFile, [stranger.pid, ...rest].join("\n"));

  const second = await started(data);
  expect(second.isRunning()).toBe(true);
});

test.runIf(isRoot)("as root in a 0700 folder, the cluster moves where its own user can enter", async () => {
  const home = await folder(0o700);
  const data = join(home, "checkout", ".concord");
  const server = await started(data);
  const link = join(data, "postgres");
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  const shelter = await realpath(link);
  cleanups.unshift(() => rm(shelter, { recursive: true, force: true }));
  expect((await stat(shelter)).mode & 0o777).toBe(0o700);
  expect((await stat(shelter)).uid).not.toBe(0);
  expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);
  await server.stop();

  const again = await started(data);
  expect(await realpath(link)).toBe(shelter);
  expect(again.url).toBe(server.url);
});

test.runIf(isRoot)(
  "as root in a data folder that others pass through, its account enters nothing but its own",
  async () => {
    const data = await folder(0o755);
    await mkdir(join(data, "runs"), { mode: 0o755 });
    await mkdir(join(data, "postgres"), { mode: 0o755 });
    await writeFile(join(data, "auth-secret"), "kept", { mode: 0o644 });
    await keepPrivate(data);
    const server = await started(data);
    expect((await lstat(join(data, "postgres"))).isDirectory()).toBe(true);
    expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);

    const { uid, gid } = await stat(join(data, "postgres"));
    expect(uid).not.toBe(0);
    const tries = [`ls ${data}`, `cat ${data}/auth-secret`, `ls ${data}/runs`, `ls ${data}/artifacts`];
    for (const command of tries)
      expect(
        spawnSync("/bin/sh", ["-c", command], { uid, gid, cwd: "/" }).stderr.toString(),
        command,
      ).toContain("ermission denied");
    const modes = async (names: string[]) =>
      Promise.all(names.map(async (name) => ((await stat(join(data, name))).mode & 0o777).toString(8)));
    expect(
      await modes(["", "runs", "postgres", "auth-secret", "postgres/password", "postgres/port"]),
    ).toEqual(["711", "700", "700", "600", "600", "600"]);
  },
);

test.runIf(isRoot)("an ordinary user needs neither root nor another account", async () => {
  const data = await folder(0o755);
  await chown(data, NOBODY, NOBODY);
  const program = `
    import { startEmbedded } from "${process.cwd()}/db/embedded/server.ts";
    import { keepPrivate } from "${process.cwd()}/workers/data-folder.ts";
    await keepPrivate(process.env.DATA);
    const server = await startEmbedded(process.env.DATA);
    await server.stop();`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    uid: NOBODY,
    gid: NOBODY,
    env: { ...process.env, DATA: data, TMPDIR: data },
    stdio: "inherit",
  });
  const status = await new Promise((resolve) => child.once("exit", resolve));
  expect(status).toBe(0);
  expect((await stat(join(data, "postgres", "cluster"))).uid).toBe(NOBODY);
  expect((await stat(data)).mode & 0o777).toBe(0o700);
});
