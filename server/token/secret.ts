import { createHash, randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import type { apiToken, machineToken } from "../../db/schema";

/** 256 bits, safe in an address. */
export const randomSecret = () => randomBytes(32).toString("base64url");

/** How links and tokens are stored. They are random, so a plain hash cannot be guessed backwards. */
export const hashSecret = (secret: string) => createHash("sha256").update(secret).digest("hex");

const SHOWN_CHARACTERS = 6;
const MINUTE_MS = 60_000;

/** A new token: the text, which is shown once, and what is stored of it. */
export function mint(mark: string): { token: string; prefix: string; tokenHash: string } {
  const token = mark + randomSecret();
  return { token, prefix: token.slice(0, mark.length + SHOWN_CHARACTERS), tokenHash: hashSecret(token) };
}

/** Written at most once a minute, so that hundreds of requests a second do not queue for one row. */
export async function noteUse(
  db: Db,
  table: typeof apiToken | typeof machineToken,
  { tokenId, lastUsedAt }: { tokenId: string; lastUsedAt: Date | null },
): Promise<void> {
  const minuteAgo = new Date(Date.now() - MINUTE_MS);
  if (lastUsedAt && lastUsedAt > minuteAgo) return;
  await db.execute(sql`update ${table} set last_used_at = now()
    where id = ${tokenId} and (last_used_at is null or last_used_at < ${minuteAgo.toISOString()}::timestamptz)`);
}
