import { readFile } from "node:fs/promises";
import type { Db } from "@/db/client";

/** Ticks a second of /proc, on every Linux there is. */
const TICKS = 100;

/**
 * Processor time that the database's connections have used so far, in seconds: what a busy machine stretches less than
 * the time that passes. Null where the system does not tell.
 */
export async function databaseSeconds(db: Db): Promise<number | null> {
  const rows = await db.execute<{ pid: number }>(
    "select pid from pg_stat_activity where client_port is not null",
  );
  try {
    const used = await Promise.all(
      rows.map(async ({ pid }) => {
        const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
        return Number(fields[11]) + Number(fields[12]);
      }),
    );
    return used.reduce((sum, ticks) => sum + ticks, 0) / TICKS;
  } catch {
    return null;
  }
}
