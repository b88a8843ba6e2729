import { createHash } from "node:crypto";
import { and, eq, lt, ne, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { outlast } from "../../db/outage";
import { idempotentReply, membership, person } from "../../db/schema";
import { type Problem, problem } from "../problem";

export interface Reply {
  status: number;
  /** Absent for 204. */
  body?: unknown;
}

export interface KeyedRequest {
  personId: string;
  key: string;
  /** The project that is asked for: its replies go with it. */
  projectId?: string;
  /** Everything that makes it the same request: method, address and body. */
  content: string;
  /** The answer holds a secret: it is not kept. */
  secret?: boolean;
}

const RUNNING = "running";
/** A request that has not ended after this long belonged to a site that was killed. */
const ABANDONED = sql`now() - interval '2 minutes'`;
/** Shorter: within it nobody else can have begun with the same key. */
const RECOVERY_MS = 100_000;

/**
 * Runs a request once for each key of a person, and answers repetitions with the first reply.
 * Failures of the server are forgotten, so that the same key can try again.
 */
export async function once(
  db: Db,
  { personId, key, projectId, content, secret = false }: KeyedRequest,
  work: () => Promise<Reply>,
): Promise<{ reply: Reply; replayed: boolean } | { refused: Problem }> {
  const requestHash = createHash("sha256").update(content).digest("hex");
  const mine = and(eq(idempotentReply.personId, personId), eq(idempotentReply.key, key));
  const started = await db
    .insert(idempotentReply)
    .values({ personId, key, projectId, requestHash, status: RUNNING })
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
    if (!(await stillHolds(db, personId, earlier.roles)))
      return { refused: problem(403, "Your rights have changed since the first request: ask anew.") };
    if (secret && Number(earlier.status) < 300) {
      const detail = "The first answer held a secret, which is not kept. Ask for a new one with another key.";
      return { refused: problem(409, detail) };
    }
    return {
      reply: { status: Number(earlier.status), body: earlier.body ?? undefined },
      replayed: true,
    };
  }

  const forget = () => db.delete(idempotentReply).where(and(mine, eq(idempotentReply.status, RUNNING)));
  /** Where the database itself had failed: as soon as it is back, so that the caller's next try is not held up. */
  const forgetAtLast = async () => {
    await forget().catch(() => {
      outlast(forget, AbortSignal.timeout(RECOVERY_MS)).catch(() => undefined);
    });
  };
  const reply = await work().catch(async (error: unknown) => {
    await forgetAtLast();
    throw error;
  });
  if (reply.status >= 500) await forgetAtLast();
  else {
    await db
      .update(idempotentReply)
      .set({
        status: String(reply.status),
        body: secret && reply.status < 300 ? null : (reply.body ?? null),
        roles: await rolesOf(db, personId),
      })
      .where(mine);
  }
  return { reply, replayed: false };
}

/**
 * Deletes what was answered about a project. What is still being answered is swept with the day: nobody is left who
 * could ask for it.
 */
export async function forgetReplies(tx: Db, projectId: string): Promise<void> {
  await tx
    .delete(idempotentReply)
    .where(and(eq(idempotentReply.projectId, projectId), ne(idempotentReply.status, RUNNING)));
}

const ADMIN = "admin";

/** What a person may do, as text that can be compared. */
async function rolesOf(db: Db, personId: string): Promise<string[]> {
  const [{ isAdmin }] = await db
    .select({ isAdmin: person.isAdmin })
    .from(person)
    .where(eq(person.id, personId));
  const held = await db.select().from(membership).where(eq(membership.personId, personId));
  return [...held.map(({ projectId, role }) => `${projectId} ${role}`), ...(isAdmin ? [ADMIN] : [])];
}

/** Whether nothing was taken from a person since: an answer may tell what only a lost role could ask for. */
async function stillHolds(db: Db, personId: string, earlier: readonly string[]): Promise<boolean> {
  const now = new Set(await rolesOf(db, personId));
  return earlier.every((role) => now.has(role));
}
