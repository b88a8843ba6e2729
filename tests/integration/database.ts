import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, inject } from "vitest";
import { connect, connectRaw, type Database, type Db } from "@/db/client";
import { MACHINE_ROLE, SITE_ROLE, urlAs } from "@/db/roles";
import { PASSWORDS, TEMPLATE } from "./cluster";

/** A database as the site has it: with the role that owns nothing. */
export interface TestDatabase extends Database {
  url: string;
  /** Of the role that machines elsewhere have. */
  machineUrl: string;
  /** Of the owner of the tables. */
  ownerUrl: string;
  /** A statement that is not the site's to make. */
  asOwner(statement: string): Promise<void>;
}

/** How many sessions of a test's database wait for a lock: those of other tests are none of its. */
export const lockWaits = (db: Db): Promise<number> =>
  db.$count(sql`pg_stat_activity`, sql`datname = current_database() and wait_event_type = 'Lock'`);

/** A fresh, migrated database of this test file alone; dropped when the file is done. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const cluster = connectRaw(inject("clusterUrl"), { max: 1 });
  await cluster.unsafe(`create database ${name} template ${TEMPLATE}`);

  const { href: ownerUrl } = new URL(`/${name}`, inject("clusterUrl"));
  const url = urlAs(ownerUrl, SITE_ROLE, PASSWORDS.site);
  const database = connect(url, { max: 5 });
  afterAll(async () => {
    await database.close();
    await cluster.unsafe(`drop database ${name} with (force)`);
    await cluster.end();
  });
  return {
    ...database,
    url,
    machineUrl: urlAs(ownerUrl, MACHINE_ROLE, PASSWORDS.machine),
    ownerUrl,
    async asOwner(statement) {
      const owner = connectRaw(ownerUrl, { max: 1 });
      await owner.unsafe(statement).finally(() => owner.end());
    },
  };
}
