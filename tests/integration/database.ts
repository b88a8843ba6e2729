import { randomUUID } from "node:crypto";
import { afterAll, inject } from "vitest";
import { connect, connectRaw, type Database } from "@/db/client";
import { TEMPLATE } from "./cluster";

export interface TestDatabase extends Database {
  url: string;
}

/** A fresh, migrated database of this test file alone; dropped when the file is done. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const cluster = connectRaw(inject("clusterUrl"), { max: 1 });
  await cluster.unsafe(`create database ${name} template ${TEMPLATE}`);

  const url = new URL(inject("clusterUrl"));
  url.pathname = `/${name}`;
  const database = connect(url.href, { max: 5 });
  afterAll(async () => {
    await database.close();
    await cluster.unsafe(`drop database ${name} with (force)`);
    await cluster.end();
  });
  return { ...database, url: url.href };
}
