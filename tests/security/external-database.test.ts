import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { connect, connectRaw } from "@/db/client";
import { freePort } from "@/db/embedded/port";
import { migrate } from "@/db/migrate";
import { refuseTransactionPooling } from "@/db/pooler";
import { grantRoles, SITE_ROLE, urlAs } from "@/db/roles";
import { PASSWORDS } from "../integration/cluster";
import { newKey, prefer, study } from "../integration/study";

/** Debian's PostgreSQL 15 and PgBouncer: `apt install postgresql-15 pgbouncer`. */
const BIN = "/usr/lib/postgresql/15/bin";
const POOLER = "/usr/sbin/pgbouncer";
const missing = [`${BIN}/initdb`, POOLER].filter((file) => !existsSync(file));

/** Neither runs as root: as whoever the cluster of all tests runs as. */
let account: { uid: number; gid: number } | undefined;
let folder: string;
let owner: string;
const children: ChildProcess[] = [];

/** Starts a server and waits until it answers at `url`. */
async function serve(file: string, args: string[], url: string): Promise<void> {
  const child = spawn(file, args, { ...account, cwd: folder, stdio: "ignore" });
  children.push(child);
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`${file} ended with status ${child.exitCode}`);
      const sql = connectRaw(url, { max: 1 });
      await sql.unsafe("select 1").finally(() => sql.end());
    },
    { timeout: 60_000 },
  );
}

async function pooler(mode: string): Promise<string> {
  const port = await freePort();
  const { port: server } = new URL(owner);
  const file = join(folder, `${mode}.ini`);
  await writeFile(
    file,
    `[databases]
* = host=127.0.0.1 port=${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users")}
pool_mode = ${mode}
`,
  );
  const address = new URL(urlAs(owner, SITE_ROLE, PASSWORDS.site));
  address.port = String(port);
  await serve(POOLER, ["-q", file], address.href);
  return address.href;
}

beforeAll(async () => {
  if (missing.length > 0) return;
  if (process.getuid?.() === 0) {
    const cluster = connectRaw(inject("clusterUrl"), { max: 1 });
    const [{ data_directory }] = await cluster<{ data_directory: string }[]>`show data_directory`;
    await cluster.end();
    const { uid, gid } = await stat(data_directory);
    account = { uid, gid };
  }
  folder = await mkdtemp(join(tmpdir(), "concord-external-"));
  if (account) await chown(folder, account.uid, account.gid);
  const data = join(folder, "data");
  const made = spawnSync(`${BIN}/initdb`, ["-D", data, "-U", "owner", "--auth=trust", "-E", "UTF8"], {
    ...account,
    cwd: folder,
    encoding: "utf8",
  });
  expect(made.status, made.stderr).toBe(0);
  const port = await freePort();
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: "", fsync: "off" };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  owner = `postgres://owner:any@127.0.0.1:${port}/postgres`;
  await serve(`${BIN}/postgres`, ["-D", data, ...options], owner);
  await migrate(owner);
  await grantRoles(owner, PASSWORDS);
  await writeFile(join(folder, "users"), `"${SITE_ROLE}" "${PASSWORDS.site}"\n`);
});
afterAll(async () => {
  for (const child of children.reverse()) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGINT");
      await once(child, "exit");
    }
  }
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Six raters at once, ten tasks each: how many of the 60 are stored. */
async function judgedThrough(url: string): Promise<number> {
  const database = connect(url, { max: 5 });
  try {
    const made = await study(
      { ...database, url, machineUrl: "", ownerUrl: owner, asOwner: async () => {} },
      { tasks: 60 },
    );
    const { projectId } = made;
    const raters = await Promise.all(Array.from({ length: 6 }, () => made.join()));
    const judge = async ({ caller }: (typeof raters)[number]) => {
      for (let index = 0; index < 10; index += 1) {
        const { tasks } = await caller.annotation.claim({ projectId, hold: 1 });
        const assignmentId = tasks[0]?.assignmentId ?? "";
        await caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
      }
    };
    await Promise.all(raters.map(judge));
    return (await made.manager.caller.review.preferenceCount({ projectId })).total;
  } finally {
    await database.close();
  }
}

describe.skipIf(missing.length > 0)(
  `a database of the operator's (${missing.length > 0 ? `skipped: ${missing} absent` : "PostgreSQL 15"})`,
  () => {
    test("stores 60 of 60", async () => {
      const url = urlAs(owner, SITE_ROLE, PASSWORDS.site);
      await refuseTransactionPooling(url);
      expect(await judgedThrough(url)).toBe(60);
    });

    test("behind PgBouncer that lends a connection for a session, too", async () => {
      const url = await pooler("session");
      await refuseTransactionPooling(url);
      expect(await judgedThrough(url)).toBe(60);
    });

    test.each(["transaction", "statement"])(
      "is refused in one sentence behind one that lends for a %s",
      async (mode) => {
        await expect(refuseTransactionPooling(await pooler(mode))).rejects.toThrow(
          /^DATABASE_URL leads through a pooler/,
        );
      },
    );
  },
);
