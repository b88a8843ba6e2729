import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { endpoint } from "../../db/schema";
import type { Capabilities } from "../../db/shape/endpoint";
import { type Actor, audit } from "../audit/audit";
import { env } from "../env";
import { conflict, invalid, notFound } from "../errors";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { seal, unseal } from "../secret/seal";
import { noReceipt, receiptsOfProject } from "./ledger";
import { hostsOf, problemOfAddress } from "./reach";
import type { ChangedEndpoint, Endpoint, NewEndpoint } from "./schema";

type Row = typeof endpoint.$inferSelect;

/** What ties a key to its endpoint: sealed for one, it opens no other, and never goes to another address. */
const bound = (id: string) => `endpoint/${id}`;

/** Kinds that answer at an address of their own. */
const WITH_ADDRESS = new Set<Row["kind"]>(["anthropic", "google"]);

/** The project's endpoints that are in use, with what each has cost so far. */
export async function listEndpoints(db: Db, { projectId }: { projectId: string }): Promise<Endpoint[]> {
  const [rows, receipts] = await Promise.all([
    db
      .select()
      .from(endpoint)
      .where(and(eq(endpoint.projectId, projectId), isNull(endpoint.removedAt)))
      .orderBy(asc(endpoint.name)),
    receiptsOfProject(db, projectId),
  ]);
  return rows.map(({ keyCiphertext, missing, ...row }) => ({
    ...row,
    missing: [...missing],
    hasKey: keyCiphertext !== null,
    spent: receipts.get(row.id) ?? noReceipt,
  }));
}

interface Named {
  projectId: string;
  endpointId: string;
}

const inUse = ({ projectId, endpointId }: Named) =>
  and(eq(endpoint.id, endpointId), eq(endpoint.projectId, projectId), isNull(endpoint.removedAt));

async function held(tx: Db, named: Named): Promise<Row> {
  const [found] = await tx.select().from(endpoint).where(inUse(named)).for("update");
  if (!found) throw notFound("The endpoint");
  return found;
}

/** An endpoint as a worker opens it, with its key. Of one that was removed there is no key any more. */
export async function openEndpoint(
  db: Db,
  named: Named,
): Promise<Omit<Row, "keyCiphertext"> & { key: string | null }> {
  const [found] = await db.select().from(endpoint).where(inUse(named));
  if (!found) throw notFound("The endpoint");
  const { keyCiphertext, ...row } = found;
  return { ...row, key: keyCiphertext ? unseal(keyCiphertext, bound(row.id)) : null };
}

/** What the audit log keeps of one: no key, only whether there is one. */
const toldOf = ({ name, kind, url, model, keyCiphertext, ...row }: Row) => ({
  ...{ name, kind, url, model, hasKey: keyCiphertext !== null },
  ...{ inputPrice: row.inputPrice, cachedPrice: row.cachedPrice, outputPrice: row.outputPrice },
  requestsPerMinute: row.requestsPerMinute,
  tokensPerMinute: row.tokensPerMinute,
  concurrency: row.concurrency,
});

/** Adds an endpoint and queues its first probe. @throws where its address may not be asked, or its name is taken */
export async function addEndpoint(
  db: Db,
  actor: Actor,
  { projectId, key, url, ...given }: NewEndpoint & { projectId: string },
): Promise<{ endpointId: string; runId: string }> {
  if (!url && !WITH_ADDRESS.has(given.kind)) throw invalid("Give the address at which the model answers.");
  const problem = url ? problemOfAddress(url, hostsOf(env().CONCORD_ENDPOINT_HOSTS)) : null;
  if (problem) throw invalid(problem);
  if (!key && given.kind !== "openai-compatible") throw invalid("This provider wants a key.");
  return db.transaction(async (tx) => {
    await refuseTaken(tx, projectId, given.name);
    const [{ id }] = await tx
      .insert(endpoint)
      .values({ ...given, projectId, url: url || null, createdBy: actor.personId })
      .returning({ id: endpoint.id });
    const [added] = await tx
      .update(endpoint)
      .set({ keyCiphertext: key ? seal(key, bound(id)) : null })
      .where(eq(endpoint.id, id))
      .returning();
    await audit(tx, actor, {
      action: "endpoint.add",
      target: { kind: "endpoint", id },
      projectId,
      after: toldOf(added),
    });
    const run = await queueProbe(tx, actor, { projectId, endpoint: added });
    return { endpointId: id, runId: run.id };
  });
}

async function refuseTaken(tx: Db, projectId: string, name: string, but?: string): Promise<void> {
  const [taken] = await tx
    .select({ id: endpoint.id })
    .from(endpoint)
    .where(and(eq(endpoint.projectId, projectId), eq(endpoint.name, name), isNull(endpoint.removedAt)));
  if (taken && taken.id !== but)
    throw conflict(`Another endpoint is called ${name}: give this one its own name.`);
}

export async function editEndpoint(
  db: Db,
  actor: Actor,
  { projectId, endpointId, key, ...change }: ChangedEndpoint & { projectId: string; endpointId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await held(tx, { projectId, endpointId });
    if (change.name) await refuseTaken(tx, projectId, change.name, endpointId);
    const [after] = await tx
      .update(endpoint)
      .set({
        ...change,
        name: change.name ?? before.name,
        ...(key ? { keyCiphertext: seal(key, bound(endpointId)) } : {}),
      })
      .where(eq(endpoint.id, endpointId))
      .returning();
    await audit(tx, actor, {
      action: "endpoint.edit",
      target: { kind: "endpoint", id: endpointId },
      projectId,
      before: toldOf(before),
      after: { ...toldOf(after), ...(key ? { newKey: true } : {}) },
    });
  });
}

/** Takes an endpoint out of use: its key is forgotten, its replies and what they cost stay. */
export async function removeEndpoint(
  db: Db,
  actor: Actor,
  { projectId, endpointId }: { projectId: string; endpointId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const before = await held(tx, { projectId, endpointId });
    await tx
      .update(endpoint)
      .set({ removedAt: sql`now()`, keyCiphertext: null })
      .where(eq(endpoint.id, endpointId));
    await audit(tx, actor, {
      action: "endpoint.remove",
      target: { kind: "endpoint", id: endpointId },
      projectId,
      before: toldOf(before),
    });
  });
}

/** Queues a probe, or with a prompt a try. */
export async function probeEndpoint(
  db: Db,
  actor: Actor,
  { projectId, endpointId, prompt }: { projectId: string; endpointId: string; prompt?: string },
): Promise<{ runId: string }> {
  return db.transaction(async (tx) => {
    const found = await held(tx, { projectId, endpointId });
    const run = await queueProbe(tx, actor, { projectId, endpoint: found, ...(prompt ? { prompt } : {}) });
    return { runId: run.id };
  });
}

function queueProbe(
  tx: Db,
  actor: Actor,
  { projectId, endpoint: { id, name }, prompt }: { projectId: string; endpoint: Row; prompt?: string },
): Promise<Run> {
  return queueRun(tx, actor, {
    projectId,
    kind: "probe",
    title: prompt ? `Try ${name}` : `Probe ${name}`,
    spec: { endpointId: id, ...(prompt ? { prompt } : {}) },
    maxAttempts: 1,
  });
}

/** Keeps what a probe found. What an earlier one found stays where this one learnt nothing. */
export async function storeProbe(
  db: Db,
  endpointId: string,
  found:
    | { problem: string }
    | { capabilities: Capabilities; missing: readonly string[]; retiresOn: string | null },
): Promise<void> {
  await db
    .update(endpoint)
    .set({ probedAt: sql`now()`, ...("problem" in found ? found : { ...found, problem: null }) })
    .where(eq(endpoint.id, endpointId));
}
