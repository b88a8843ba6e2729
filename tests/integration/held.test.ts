import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Db } from "@/db/client";
import { insertingHeld } from "@/db/held";
import { prompt } from "@/db/schema";
import { testDatabase } from "./database";

const { db } = await testDatabase();

const insertOrphan = (tx: Db) =>
  tx.insert(prompt).values({ projectId: randomUUID(), key: "key", messages: [], searchText: "" });

test.each([
  ["was done", async () => {}],
  ["failed", () => Promise.reject(new Error("It cannot be."))],
  ["failed after a savepoint", (tx: Db) => tx.transaction(() => Promise.reject(new Error("It cannot be.")))],
])("references are checked again when what was held %s", async (_, insert) => {
  const doing = db.transaction(async (tx) => {
    const inserting = await insertingHeld(tx);
    await inserting(() => insertOrphan(tx));
    await inserting(() => insert(tx)).catch(() => {});
    await insertOrphan(tx);
  });
  await expect(doing).rejects.toMatchObject({ cause: { code: "23503" } });
});
