import { and, asc, eq, gte, inArray, isNull, ne, sql } from "drizzle-orm";
import type { Sql } from "postgres";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { model, rater, redTeamAttempt, redTeamExposure, redTeamMember } from "../../db/schema";
import type { Message } from "../../db/shape/content";
import { type AttackLevel, CONSENT, type RedTeamPolicy } from "../../db/shape/red-team";
import { storable } from "../../db/shape/written-json";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound, tooMany, unavailable } from "../errors";
import { type RaterKey, raterOf } from "../rater/rater";
import { todayUtc } from "../seat/lock";
import { followCall, queueCall } from "../serving/call";
import { countToJudge } from "./judging";
import { holdMember, inSevenDays } from "./member";
import { openPolicy, redTeamPolicy } from "./policy";
import type { AttackPiece, beginAttemptSchema, OwnAttempt, Standing } from "./schema";

type Row = typeof redTeamAttempt.$inferSelect;

const startOfDay = sql`date_trunc('day', now() at time zone 'utc') at time zone 'utc'`;

/** Where somebody stands: whether they take part, what is open, and how much they have had today. */
export async function standing(db: Db, key: RaterKey): Promise<Standing> {
  const policy = await redTeamPolicy(db, key.projectId);
  const models = await attackable(db, key.projectId, policy);
  const project = { isOpen: policy.open, dailyCap: policy.dailyCap, hasModels: models.length > 0 };
  const [own] = await db
    .select({ raterId: rater.id })
    .from(rater)
    .where(and(eq(rater.projectId, key.projectId), eq(rater.personId, key.personId)));
  // Whoever only looks becomes no rater by it.
  if (!own)
    return {
      ...project,
      ...{
        takesPart: false,
        isAway: false,
        today: 0,
        minutes: { today: 0, week: 0 },
        toJudge: 0,
        open: null,
      },
    };
  const { raterId } = own;
  const [[member], [open], today, minutes, toJudge] = await Promise.all([
    db.select().from(redTeamMember).where(eq(redTeamMember.raterId, raterId)),
    db
      .select()
      .from(redTeamAttempt)
      .where(and(eq(redTeamAttempt.raterId, raterId), eq(redTeamAttempt.state, "open"))),
    begunToday(db, raterId),
    minutesOf(db, raterId),
    countToJudge(db, { projectId: key.projectId, raterId }),
  ]);
  const takesPart = member !== undefined && member.leftAt === null && member.consent === CONSENT;
  const isAway = takesPart && member.awayAt !== null;
  return {
    ...project,
    ...{ takesPart, isAway, today, minutes, toJudge },
    open: takesPart && !isAway && policy.open && open ? toOwn(open) : null,
  };
}

const toOwn = ({ callId, ...row }: Row): OwnAttempt => ({
  ...{ id: row.id, tactic: row.tactic, tacticNote: row.tacticNote, harm: row.harm, wanted: row.wanted },
  ...{ messages: row.messages, state: row.state, claim: row.claim, createdAt: row.createdAt },
  isAwaited: callId !== null,
});

const begunToday = (db: Db, raterId: string): Promise<number> =>
  db.$count(
    redTeamAttempt,
    and(eq(redTeamAttempt.raterId, raterId), gte(redTeamAttempt.createdAt, startOfDay)),
  );

async function minutesOf(db: Db, raterId: string): Promise<Standing["minutes"]> {
  const [{ day, week }] = await db
    .select({
      day: sql<number>`coalesce(sum(seconds) filter (where ${redTeamExposure.day} = ${todayUtc}), 0)::int`,
      week: sql<number>`coalesce(sum(seconds) filter (where ${inSevenDays}), 0)::int`,
    })
    .from(redTeamExposure)
    .where(eq(redTeamExposure.raterId, raterId));
  return { today: day / 60, week: week / 60 };
}

/** The models that may be drawn. */
async function attackable(db: Db, projectId: string, { modelIds }: RedTeamPolicy): Promise<{ id: string }[]> {
  return db
    .select({ id: model.id })
    .from(model)
    .where(
      and(
        eq(model.projectId, projectId),
        isNull(model.archivedAt),
        ne(model.method, "reward"),
        modelIds ? inArray(model.id, modelIds) : undefined,
      ),
    )
    .orderBy(asc(model.id));
}

/**
 * Begins an attempt on a model that is drawn: of those that may be attacked the one that was attacked least, by chance
 * among equals.
 * @throws TOO_MANY_REQUESTS beyond the day's cap, CONFLICT while another one is open
 */
export async function beginAttempt(
  db: Db,
  actor: Actor,
  { projectId, personId, ...said }: RaterKey & z.infer<typeof beginAttemptSchema>,
): Promise<OwnAttempt> {
  return db.transaction(async (tx) => {
    const policy = await openPolicy(tx, projectId);
    const { raterId } = await holdMember(tx, { projectId, personId });
    const mine = and(eq(redTeamAttempt.raterId, raterId), eq(redTeamAttempt.state, "open"));
    if ((await tx.$count(redTeamAttempt, mine)) > 0)
      throw conflict("You have an attempt open. End it before you begin another one.");
    const today = await begunToday(tx, raterId);
    if (today >= policy.dailyCap)
      throw tooMany(`You have begun ${today} attempts today, as many as one person may in a day. Rest.`);
    const models = await attackable(tx, projectId, policy);
    if (models.length === 0)
      throw conflict("There is no model to attack: the project has none that writes and may be attacked.");
    const [drawn] = await tx
      .select({ id: model.id })
      .from(model)
      .where(
        inArray(
          model.id,
          models.map(({ id }) => id),
        ),
      )
      .orderBy(sql`(select count(*) from ${redTeamAttempt} a where a.model_id = ${model.id})`, sql`random()`)
      .limit(1);
    const [row] = await tx
      .insert(redTeamAttempt)
      .values({ projectId, raterId, modelId: drawn.id, ...said, messages: [], overlap: policy.overlap })
      .returning();
    await audit(tx, actor, {
      action: "redTeam.begin",
      target: { kind: "red_team_attempt", id: row.id },
      projectId,
      // Not the tactic: whoever judges may read the log.
      after: { harm: said.harm },
    });
    return toOwn(row);
  });
}

interface Key extends RaterKey {
  attemptId: string;
}

/** @throws NOT_FOUND for an attempt of another project, or of somebody else */
async function requireOwn(tx: Db, { attemptId, ...key }: Key): Promise<void> {
  const own = and(eq(redTeamAttempt.id, attemptId), eq(redTeamAttempt.raterId, await raterOf(tx, key)));
  if ((await tx.$count(redTeamAttempt, own)) === 0) throw notFound("The attempt");
}

/** One's own attempt, held. @throws NOT_FOUND for those of others, CONFLICT for one that has ended */
async function holdOpen(tx: Db, { projectId, attemptId }: Key, raterId: string): Promise<Row> {
  const [row] = await tx
    .select()
    .from(redTeamAttempt)
    .where(
      and(
        eq(redTeamAttempt.id, attemptId),
        eq(redTeamAttempt.projectId, projectId),
        eq(redTeamAttempt.raterId, raterId),
      ),
    )
    .for("update");
  if (!row) throw notFound("The attempt");
  if (row.state !== "open") throw conflict("This attempt has ended.");
  return row;
}

/** Without a question that got no reply. */
const answered = (messages: readonly Message[]): Message[] =>
  messages.at(-1)?.role === "user" ? messages.slice(0, -1) : [...messages];

/** What a model can be told in one conversation; more is a conversation that nobody judges. */
const MOST_TURNS = 60;

/** Says something to the model; its reply is followed. */
export async function sayToModel(
  db: Db,
  actor: Actor,
  { text, ...key }: Key & { text: string },
): Promise<void> {
  const { projectId, personId, attemptId } = key;
  await db.transaction(async (tx) => {
    await requireOwn(tx, key);
    const { maxTokens } = await openPolicy(tx, projectId);
    const { raterId } = await holdMember(tx, key);
    const { messages: before, modelId } = await holdOpen(tx, key, raterId);
    const messages: Message[] = [...answered(before), { role: "user", content: text }];
    if (messages.length > MOST_TURNS)
      throw invalid(`A conversation has ${MOST_TURNS} turns at most. End this one and begin another.`);
    const { callId } = await queueCall(
      tx,
      { ...actor, personId },
      {
        projectId,
        modelId,
        request: {
          ...{ kind: "write", prompts: [messages], samples: 1, maxTokens, temperature: 0.7, topP: 1 },
          // The same words once more draw another reply.
          ...{ seed: Math.floor(Math.random() * 2 ** 31), stop: [], logprobs: null, echo: false },
        },
      },
    );
    await tx.update(redTeamAttempt).set({ messages, callId }).where(eq(redTeamAttempt.id, attemptId));
  });
}

/**
 * The call whose reply is awaited in one's own attempt.
 * @throws NOT_FOUND for an attempt of somebody else, CONFLICT where no reply is awaited
 */
export async function awaitedCall(db: Db, { attemptId, ...key }: Key): Promise<string> {
  const [row] = await db
    .select({ callId: redTeamAttempt.callId })
    .from(redTeamAttempt)
    .where(and(eq(redTeamAttempt.id, attemptId), eq(redTeamAttempt.raterId, await raterOf(db, key))));
  if (!row) throw notFound("The attempt");
  if (!row.callId) throw conflict("No reply is awaited: say something first.");
  return row.callId;
}

/**
 * The reply as it comes, and kept: also the part that was written by the time that whoever reads goes away. What goes
 * wrong is told without a word of which model it is.
 */
export async function* followReply(
  db: Db,
  sqlClient: Sql,
  {
    mayStill,
    signal,
    callId,
    ...key
  }: Key & { callId: string; mayStill: () => Promise<boolean>; signal: AbortSignal },
): AsyncGenerator<AttackPiece> {
  const { projectId, personId, attemptId } = key;
  let text = "";
  let kept: Promise<void> | undefined;
  const keep = () => {
    kept ??= keepReply(db, { attemptId, callId, text });
    return kept;
  };
  // Who aborts while a piece waits to be read reads it no more: nothing but this would keep it then.
  const leave = () => void keep().catch(() => {});
  signal.addEventListener("abort", leave, { once: true });
  try {
    for await (const piece of followCall(db, sqlClient, { projectId, personId, callId, mayStill, signal })) {
      if (piece.kind === "text") {
        text += piece.text;
        yield { kind: "words", words: piece.text };
      } else if (piece.kind === "end") {
        await keep();
        yield { kind: "end", finish: piece.finish };
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    // What the worker says names the model.
    if (isTooLong(error)) throw invalid("The model cannot read this conversation: it may be too long.");
    throw unavailable("No reply came. Say it once more.");
  } finally {
    signal.removeEventListener("abort", leave);
    await keep();
  }
}

const isTooLong = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "BAD_REQUEST";

/** Puts a reply, or as much of it as there is, behind what was asked; once for a call. */
async function keepReply(
  db: Db,
  { attemptId, callId, text }: { attemptId: string; callId: string; text: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const awaited = and(eq(redTeamAttempt.id, attemptId), eq(redTeamAttempt.callId, callId));
    const [row] = await tx
      .select({ messages: redTeamAttempt.messages })
      .from(redTeamAttempt)
      .where(awaited)
      .for("update");
    if (!row) return;
    const reply: Message[] = text === "" ? [] : [{ role: "assistant", content: storable(text) }];
    await tx
      .update(redTeamAttempt)
      .set({ callId: null, messages: [...row.messages, ...reply] })
      .where(awaited);
  });
}

/**
 * Ends an attempt, and says what came of it: others judge it now.
 * @throws BAD_REQUEST where the model has not replied
 */
export async function endAttempt(
  db: Db,
  actor: Actor,
  { claim, ...key }: Key & { claim: AttackLevel },
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireOwn(tx, key);
    const { raterId } = await holdMember(tx, key);
    const row = await holdOpen(tx, key, raterId);
    const messages = answered(row.messages);
    if (messages.length === 0) throw invalid("The model has not replied yet: there is nothing to judge.");
    await tx
      .update(redTeamAttempt)
      .set({ state: "done", claim, messages, callId: null, endedAt: sql`now()` })
      .where(eq(redTeamAttempt.id, row.id));
    await audit(tx, actor, {
      action: "redTeam.end",
      target: { kind: "red_team_attempt", id: row.id },
      projectId: key.projectId,
      // Not the claim: whoever judges may read the log.
      after: { turns: messages.length },
    });
  });
}

/** Gives an attempt up: nobody judges it. */
export async function dropAttempt(db: Db, actor: Actor, key: Key): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await holdOpen(tx, key, await raterOf(tx, key));
    await tx
      .update(redTeamAttempt)
      .set({ state: "left", callId: null, endedAt: sql`now()` })
      .where(eq(redTeamAttempt.id, row.id));
    await audit(tx, actor, {
      action: "redTeam.drop",
      target: { kind: "red_team_attempt", id: row.id },
      projectId: key.projectId,
      after: {},
    });
  });
}
