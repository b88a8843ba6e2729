import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connect, connectRaw, type Database } from "@/db/client";
import { grantRoles, SITE_ROLE, urlAs } from "@/db/roles";
import { metric, run } from "@/db/schema";
import { folderStore } from "@/server/artifact/store";
import { sweep } from "@/server/collection/sweep";
import { getModel } from "@/server/model/model";
import { claimRun, finishRun, heartbeat } from "@/server/run/lease";
import { logRun } from "@/server/run/log";
import { recordMetrics } from "@/server/run/metric";
import { queueRun } from "@/server/run/queue";
import { seal } from "@/server/secret/seal";
import { openFolders } from "@/workers/training/models";
import { PASSWORDS } from "../integration/cluster";
import { type TestDatabase, testDatabase } from "../integration/database";
import { study } from "../integration/study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.HF_ENDPOINT = "http://127.0.0.1:9";
});

/** Every test of this and the neighbouring folder is made as the site's role: that it may do all it needs is theirs. */
let site: TestDatabase;
let machine: Database;

beforeAll(async () => {
  site = await testDatabase();
  // Once more: what is there already is brought up to date.
  await grantRoles(site.ownerUrl);
  machine = connect(site.machineUrl, { max: 3 });
});
afterAll(async () => {
  await machine.close();
});

const refused = (database: Database, statement: string) =>
  expect(database.sql.unsafe(statement), statement).rejects.toMatchObject({ code: "42501" });

describe("the site's role", () => {
  test("deletes a project and sweeps", async () => {
    const { projectId, manager } = await study(site, { tasks: 2 });
    const { name } = await manager.caller.project.get({ projectId });
    await manager.caller.project.delete({ projectId, name });
    await sweep(site.db);
  });

  test("alone may leave out checks of references that it holds itself, and no machine elsewhere", async () => {
    const leaveOut = "set session_replication_role = replica; reset session_replication_role";
    await site.sql.unsafe(leaveOut);
    await refused(machine, leaveOut);
  });

  test("owns no table, makes none and no role, and leaves the audit log as it is", async () => {
    for (const statement of [
      "create table mine (id int)",
      "drop table project",
      "alter table person add column mine int",
      "truncate annotation",
      "create role mine",
      "update audit_entry set action = 'nothing'",
      "delete from audit_entry",
      "create or replace function audit_forget_addresses() returns bigint language sql as 'select 1'",
      "select pg_read_file('/etc/hostname')",
      "copy person to program 'true'",
      "alter system set jit = on",
    ])
      await refused(site, statement);
  });
});

test("the audit log forgets what was erased, and nothing else, for the site alone", async () => {
  const { projectId, manager } = await study(site, { tasks: 0 });
  const { personId } = manager.viewer;
  await site.asOwner(`update audit_entry set address = '192.0.2.7' where project_id = '${projectId}'`);
  const kept = () =>
    site.db.execute(
      sql`select id, address, before, after from audit_entry where project_id = ${projectId} order by id`,
    );
  const before = await kept();
  await site.db.execute(sql`select audit_forget_project(${projectId}), audit_forget_person(${personId}),
    audit_forget_addresses()`);
  expect(await kept()).toEqual(before);
  for (const call of [
    `audit_forget_project('${projectId}')`,
    `audit_forget_person('${personId}')`,
    "audit_forget_addresses()",
  ])
    await refused(machine, `select ${call}`);
});

describe("the role of machines elsewhere", () => {
  test("does a run from its claim to its end", async () => {
    const { db } = machine;
    const { projectId, manager } = await study(site, { tasks: 0 });
    const queued = await queueRun(site.db, manager.viewer, { projectId, kind: "sft", title: "R", spec: {} });
    const workerId = crypto.randomUUID();
    const capabilities = {
      engines: ["torch" as const],
      devices: ["cpu" as const],
      memoryBytes: 1,
      options: {},
    };
    const taken = await claimRun(db, { workerId, kinds: ["sft"], capabilities });
    expect(taken?.id).toBe(queued.id);
    await heartbeat(db, { runId: queued.id, workerId });
    await logRun(db, { runId: queued.id, level: "info", message: "begun" });
    await recordMetrics(db, queued.id, [{ name: "loss", step: 1, value: 1 }]);
    await finishRun(db, { runId: queued.id, workerId, outcome: { status: "succeeded", result: {} } });
    const [ended] = await site.db.select().from(run).where(eq(run.id, queued.id));
    expect(ended?.status).toBe("succeeded");
    expect(await site.db.$count(metric, eq(metric.runId, queued.id))).toBe(1);
  });

  test("fetches an open model of the Hub without the token that it may not read", async () => {
    const { projectId, manager } = await study(site, { tasks: 0 });
    const { id: modelId } = await manager.caller.model.add({
      projectId,
      name: "Open",
      source: { kind: "hub", repository: "lab/open", revision: "main" },
    });
    const queued = await queueRun(site.db, manager.viewer, { projectId, kind: "sft", title: "R", spec: {} });
    const need = { db: machine.db, store: folderStore("/nowhere"), run: queued };
    const model = await getModel(machine.db, { projectId, modelId });
    // The Hub of this test is nobody: that it was asked is what counts.
    await expect(openFolders(need, model)).rejects.toThrow("lab/open could not be fetched from the Hub");
  });

  test("reads and writes nothing by which somebody signs in", async () => {
    await site.db.execute(sql`insert into secret (person_id, name, ciphertext)
      select id, 'huggingface', ${seal("t", "b")} from person limit 1`);
    for (const table of ["session", "account", "api_token", "machine_token", "secret", "second_factor"]) {
      await refused(machine, `select * from ${table}`);
      await refused(machine, `delete from ${table}`);
    }
    await refused(machine, "select password_hash from person");
    await refused(machine, "update person set is_admin = true");
    await refused(machine, "insert into membership select id, id, 'manager' from person");
    await refused(machine, "update annotation set current = false");
    await refused(machine, "select * from audit_entry");
    await refused(machine, "create table mine (id int)");
  });

  test("reads what runs are made of, and no table that nobody listed for it", async () => {
    await machine.sql.unsafe("select from project, dataset_row, response, annotation limit 0");
    for (const table of ["remark", "norming_remark", "red_team_member", "gold_answer", "saved_view", "vote"])
      await refused(machine, `select from ${table}`);
    // One that it might read before, and one that is new.
    await site.asOwner("grant select on remark to concord_machine; create table added (id int)");
    await grantRoles(site.ownerUrl);
    for (const table of ["remark", "added"]) await refused(machine, `select from ${table}`);
    await site.sql.unsafe("select from added");
    await site.asOwner("drop table added");
  });

  test("passwords are the roles' own", async () => {
    const other = connectRaw(urlAs(site.ownerUrl, SITE_ROLE, PASSWORDS.machine), { max: 1 });
    await expect(other`select 1`).rejects.toMatchObject({ code: "28P01" });
    await other.end({ timeout: 1 });
  });
});
