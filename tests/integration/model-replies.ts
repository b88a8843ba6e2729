import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { claimCall, endCall, tellPieces } from "@/server/serving/call";
import { newKey } from "./study";

/** A model that nothing is loaded of: what it says is given to `reply`. */
export async function aModel(db: Db, projectId: string, name: string = newKey()): Promise<string> {
  const [{ id }] = await db.execute<{ id: string }>(sql`
    insert into model (project_id, name, method, format, source)
    values (${projectId}, ${name}, 'sft', 'full', '{"kind": "folder", "path": "/nowhere"}') returning id`);
  return id;
}

/**
 * Answers the call that waits as a worker does.
 * @returns the place of its speaker, where two were asked
 */
export async function reply(db: Db, text: string): Promise<number | null> {
  const call = await claimCall(db, { openModelId: null });
  if (!call) throw new Error("No call waits.");
  const place = { prompt: 0, sample: 0 };
  await tellPieces(db, call.id, [
    { position: 0, piece: { kind: "text", ...place, count: 1, text } },
    { position: 1, piece: { kind: "end", ...place, finish: "stop", count: 1 } },
  ]);
  await endCall(db, call.id, { inputTokens: 1, outputTokens: 1 });
  return call.place;
}
