import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { endpointAttempt, endpointCall } from "../../db/schema";
import { type AttemptOutcome, type Reply, replySchema, type Usage } from "../../db/shape/endpoint";
import { plainNumbers, storedJson } from "../../db/shape/written-json";
import type { Receipt } from "./schema";

/** A call whose holder is silent for this long may be made by another. */
const LEASE_SECONDS = 30;
/** How often a holder has to speak up. */
export const RENEW_MS = (LEASE_SECONDS * 1000) / 3;

const lease = sql`now() + make_interval(secs => ${LEASE_SECONDS})`;

/** The replies that are there already, by the keys of their calls. */
export async function storedReplies(
  db: Db,
  { endpointId, keys }: { endpointId: string; keys: readonly string[] },
): Promise<Map<string, Reply>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .select({ key: endpointCall.key, reply: endpointCall.reply })
    .from(endpointCall)
    .where(
      and(
        eq(endpointCall.endpointId, endpointId),
        inArray(endpointCall.key, [...keys]),
        isNotNull(endpointCall.answeredAt),
      ),
    );
  return new Map(rows.map(({ key, reply }) => [key, replySchema.parse(plainNumbers(reply))]));
}

export interface Attempt {
  callId: string;
  attemptId: string;
  /** Who makes the call, as long as it is not silent: another may have taken it since. */
  holder: string;
}

const $ = sql.placeholder;

const beginning = statement<Record<"key" | keyof Attempt, string>>(sql`
  with given as (
    select * from json_to_recordset(${$("given")}::text::json) as one (key text, bound double precision)
  ), taken as (
    insert into ${endpointCall} as call (endpoint_id, key, holder, leased_until)
    -- Those who take the same calls take them in one order, and never wait for each other.
    select ${$("endpointId")}::uuid, key, ${$("holder")}::uuid, ${lease} from given order by key
    on conflict (endpoint_id, key) do update set holder = excluded.holder, leased_until = excluded.leased_until
    where call.answered_at is null
      and (call.holder is null or call.leased_until < now())
    returning call.id, call.key, call.holder
  ), lost as (
    -- What a holder that fell silent had sent, nobody saw the end of.
    update ${endpointAttempt} attempt set outcome = 'unknown', ended_at = now()
    from taken where attempt.call_id = taken.id and attempt.outcome is null
  ), begun as (
    insert into ${endpointAttempt} (call_id, endpoint_id, run_id, bound)
    select taken.id, ${$("endpointId")}::uuid, ${$("runId")}::uuid, given.bound from taken join given using (key)
    returning call_id, id
  )
  select taken.key, taken.holder, taken.id as "callId", begun.id as "attemptId" from begun join taken on taken.id = begun.call_id`);

/**
 * Takes calls and writes down that a request for each goes out, before it does: whoever is killed between the two has
 * paid nothing, and after them the attempt is known.
 * @returns one for each; null while somebody else makes the call, and when its reply is there
 */
export async function beginAttempts(
  db: Db,
  { endpointId, holder, runId }: { endpointId: string; holder: string; runId: string | null },
  calls: readonly { key: string; bound: number | null }[],
): Promise<(Attempt | null)[]> {
  // Asked for twice at once, it is made once.
  const given = [...new Map(calls.map((call) => [call.key, call])).values()];
  const begun = await beginning(db, { endpointId, holder, runId, given: JSON.stringify(given) });
  const attempts = new Map(begun.map(({ key, ...attempt }) => [key, attempt]));
  return calls.map(({ key }) => {
    const attempt = attempts.get(key) ?? null;
    attempts.delete(key);
    return attempt;
  });
}

/** Says that these calls are still being made. */
export async function renewCalls(db: Db, holder: string, callIds: readonly string[]): Promise<void> {
  if (callIds.length === 0) return;
  await db
    .update(endpointCall)
    .set({ leasedUntil: lease })
    .where(and(inArray(endpointCall.id, [...callIds]), eq(endpointCall.holder, holder)));
}

/** How an attempt ended. */
export interface Ending extends Attempt {
  outcome: AttemptOutcome;
  status?: number;
  error?: string;
  cost?: number | null;
  /** Left out: of the reply. */
  usage?: Usage;
  reply?: Reply;
}

const ending = statement(sql`
  with given as (
    select * from json_to_recordset(${$("given")}::text::json) as one ("callId" uuid, "attemptId" uuid, holder uuid,
      outcome text, status integer, error text, input integer, cached integer, output integer, cost double precision,
      reply json)
  ), ended as (
    update ${endpointAttempt} attempt set outcome = given.outcome, status = given.status, error = given.error,
      input = given.input, cached = given.cached, output = given.output, cost = given.cost, ended_at = now()
    from given where attempt.id = given."attemptId"
  )
  -- Who took the call since goes on with it. The first reply stays: whoever read it goes on with that.
  update ${endpointCall} call set holder = nullif(call.holder, given.holder),
    leased_until = case when call.holder <> given.holder then call.leased_until end,
    reply = coalesce(call.reply, given.reply),
    answered_at = coalesce(call.answered_at, case when given.reply is not null then now() end)
  from given where call.id = given."callId"`);

/** Writes down how attempts ended, and their replies with them. Done twice it changes nothing. */
export async function finishAttempts(db: Db, endings: readonly Ending[]): Promise<void> {
  const given = endings.map(({ usage, reply, ...end }) => ({
    ...end,
    ...(usage ?? reply?.usage),
    ...(reply ? { reply } : {}),
  }));
  await ending(db, { given: storedJson(given) });
}

/** Takes back what was written down and never went out. */
export async function withdrawAttempt(db: Db, { callId, attemptId, holder }: Attempt): Promise<void> {
  await db.execute(sql`
    with gone as (delete from ${endpointAttempt} where id = ${attemptId})
    update ${endpointCall} set holder = null, leased_until = null where id = ${callId} and holder = ${holder}`);
}

/** How many requests a call has taken so far. */
export async function attemptsAt(
  db: Db,
  { endpointId, key }: { endpointId: string; key: string },
): Promise<number> {
  const [{ attempts }] = await db.execute<{ attempts: number }>(sql`
    select count(*)::int as attempts
    from ${endpointAttempt} join ${endpointCall} on ${endpointCall.id} = ${endpointAttempt.callId}
    where ${endpointCall.endpointId} = ${endpointId} and ${endpointCall.key} = ${key}`);
  return attempts;
}

/** What requests came to, of rows with the columns of an attempt. */
export const sums = sql`
  count(*)::int as requests,
  count(*) filter (where outcome = 'answered')::int as answered,
  coalesce(sum(input), 0)::float8 as input,
  coalesce(sum(cached), 0)::float8 as cached,
  coalesce(sum(output), 0)::float8 as output,
  coalesce(sum(cost), 0)::float8 as cost,
  count(*) filter (where outcome = 'answered' and cost is null)::int as unpriced,
  coalesce(sum(bound) filter (where outcome = 'unknown' or outcome is null), 0)::float8 as "unknownCost"`;

/** A receipt. What is under way is among the unknown until its end is seen. */
const receipt = sql`${sums},
  count(*) filter (where outcome = 'failed')::int as failed,
  count(*) filter (where outcome = 'unknown' or outcome is null)::int as unknown`;

/** What a run has spent. */
export async function receiptOf(db: Db, { runId }: { runId: string }): Promise<Receipt> {
  const [spent] = await db.execute<Record<keyof Receipt, number>>(sql`
    select ${receipt} from ${endpointAttempt} where ${endpointAttempt.runId} = ${runId}`);
  return spent;
}

/** Receipts by endpoint. */
export async function receiptsOfProject(db: Db, projectId: string): Promise<Map<string, Receipt>> {
  const rows = await db.execute<Record<keyof Receipt, number> & { of: string }>(sql`
    select ${endpointAttempt.endpointId} as "of", ${receipt} from ${endpointAttempt}
    where ${endpointAttempt.endpointId} in (select id from endpoint where project_id = ${projectId}) group by 1`);
  return new Map(rows.map(({ of, ...spent }) => [of, spent]));
}

export const noReceipt: Receipt = {
  requests: 0,
  answered: 0,
  failed: 0,
  unknown: 0,
  input: 0,
  cached: 0,
  output: 0,
  cost: 0,
  unpriced: 0,
  unknownCost: 0,
};
