import { createHash } from "node:crypto";
import { and, eq, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { idempotentReply } from "../../db/schema";
import { type Problem, problem } from "./problem";

export interface Reply {
  status: number;
  /** Absent for 204. */
  body?: unknown;
}

export interface KeyedRequest {
  personId: string;
  key: string;
  /** Everything that makes it the same request: method, address and body. */
  content: string;
}

const RUNNING = "running";
/** A request that has not ended after this long belonged to a site that was killed. */
const ABANDONED = sql`now() - interval '2 minutes'`;
const KEPT = sql`now() - interval '24 hours'`;

/**
 * Runs a request once for each key of a person, and answers repetitions with the first reply.
 * Failures of the server are forgotten, so that the same key can try again.
 */
export async function once(
  db: Db,
  { personId, key, content }: KeyedRequest,
  work: () => Promise<Reply>,
): Promise<{ reply: Reply; replayed: boolean } | { refused: Problem }> {
  const requestHash = createHash("sha256").update(content).digest("hex");
  const mine = and(eq(idempotentReply.personId, personId), eq(idempotentReply.key, key));
  await db
    .delete(idempotentReply)
    .where(and(eq(idempotentReply.personId, personId), lt(idempotentReply.createdAt, KEPT)));
  const started = await db
    .insert(idempotentReply)
    .values({ personId, key, requestHash, status: RUNNING })
    .onConflictDoUpdate({
      target: [idempotentReply.personId, idempotentReply.key],
      set: { createdAt: sql`now()` },
      setWhere: and(
        eq(idempotentReply.status, RUNNING),
        eq(idempotentReply.requestHash, requestHash),
        lt(idempotentReply.createdAt, ABANDONED),
      ),
    })
    .returning({ key: idempotentReply.key });

  if (started.length === 0) {
    const [earlier] = await db.select().from(idempotentReply).where(mine);
    if (earlier?.requestHash !== requestHash) {
      return { refused: problem(422, "This Idempotency-Key was used for a different request.") };
    }
    if (earlier.status === RUNNING) {
      return {
        refused: problem(409, "The first request with this Idempotency-Key is still being worked on."),
      };
    }
    return {
      reply: { status: Number(earlier.status), body: earlier.body ?? undefined },
      replayed: true,
    };
  }

  const reply = await work().catch(async (error: unknown) => {
    await db.delete(idempotentReply).where(mine);
    throw error;
  });
  if (reply.status >= 500) await db.delete(idempotentReply).where(mine);
  else {
    await db
      .update(idempotentReply)
      .set({ status: String(reply.status), body: reply.body ?? null })
      .where(mine);
  }
  return { reply, replayed: false };
}
