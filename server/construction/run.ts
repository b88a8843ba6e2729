import { and, asc, desc, eq, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { candidate, dataAsk, dataRun, endpoint, rater, run } from "../../db/schema";
import type { DataInput, DataRecipe, SlotModel } from "../../db/shape/construction";
import type { Actor } from "../audit/audit";
import { receiptOf } from "../endpoint/ledger";
import { costOf } from "../endpoint/price";
import { conflict, expected, invalid, notFound } from "../errors";
import { StudyForm } from "../import/adopt";
import {
  better,
  betterQuestion,
  demonstrationQuestion,
  fileLabel,
  judgement,
  written,
} from "../import/questions";
import { answeringModel } from "../judge/answering";
import { queueRun } from "../run/queue";
import type { Run } from "../run/run";
import { wilsonInterval } from "../statistics/wilson";
import { readInputs } from "./inputs";
import type { Method, Slot } from "./method/method";
import { methodOf, methods } from "./method/methods";
import { givenBy, openRecipe, recipeHash, told } from "./open";
import {
  type DataAudit,
  type DataEstimate,
  type DataRun,
  type DataRunRow,
  dataResultSchema,
  type MethodEntry,
} from "./schema";
import { stands } from "./standing";
import { decidedOf } from "./words";

/** The gallery. */
export const listMethods = (): MethodEntry[] =>
  methods.map(({ id, title, says, use, source, makes, slots, needs, options, open }) => {
    const usual = options.safeParse({}).success ? open({}).slots : slots;
    return {
      ...{ id, title, says, use, source, makes, needs: [...needs] },
      slots: slots.map(({ name, says, can, isMany }) => ({
        ...{ name, says, can, isMany: isMany ?? false },
        isUsual: usual.some((one) => one.name === name),
      })),
      options: z.record(z.string(), z.unknown()).parse(z.toJSONSchema(options, { io: "input" })),
    };
  });

interface Bound {
  name: string;
  model: SlotModel;
  prices: typeof endpoint.$inferSelect | null;
}

/** The model of each slot's places. @throws where there is none, or it cannot do what its slot asks for */
async function bind(
  db: Db,
  {
    projectId,
    method,
    slots,
    recipe,
  }: { projectId: string; method: Method; slots: readonly Slot[]; recipe: DataRecipe },
): Promise<Map<string, Bound[]>> {
  const strange = Object.keys(recipe.slots).find((name) => !method.slots.some((slot) => slot.name === name));
  if (strange) throw invalid(`slots.${strange}: this method has no such slot; leave it out.`);
  const bound = new Map<string, Bound[]>();
  for (const { name: slot, can } of slots) {
    const models: Bound[] = [];
    for (const model of recipe.slots[slot] ?? []) {
      const of = {
        endpointId: "endpointId" in model ? model.endpointId : null,
        modelId: "modelId" in model ? model.modelId : null,
      };
      const answering = await answeringModel(db, projectId, of);
      const lacks = {
        chat: answering.can.writes ? null : "is a reward model and does not write",
        logprobs: answering.can.logprobs > 0 ? null : "tells no log-probabilities",
        completion:
          of.modelId && answering.can.writes
            ? null
            : "continues no raw text: choose a model of the registry that writes",
        reward: answering.can.rewards ? null : "gives no rewards",
      }[can];
      if (lacks) throw invalid(`slots.${slot}: ${answering.name} ${lacks}. Choose another model.`);
      const [prices] = of.endpointId
        ? await db.select().from(endpoint).where(eq(endpoint.id, of.endpointId))
        : [];
      models.push({ name: answering.name, model, prices: prices ?? null });
    }
    bound.set(slot, models);
  }
  return bound;
}

interface Prepared {
  method: Method;
  inputs: DataInput[];
  hash: string;
  bound: Map<string, Bound[]>;
  calls: DataEstimate["slots"];
  output: number;
  cost: number | null;
}

/** Everything that could be wrong with a recipe, before anything is asked. */
async function prepare(
  db: Db,
  { projectId, recipe }: { projectId: string; recipe: DataRecipe },
): Promise<Prepared> {
  const opened = openRecipe(recipe);
  const { method, open } = opened;
  const inputs = await readInputs(db, { projectId, recipe, needs: open.needs });
  const bound = await bind(db, { projectId, method, slots: open.slots, recipe });
  const given = givenBy(recipe, inputs);
  told(() => open.run(given));
  const calls = open.calls(given);
  const dear = [...bound.values()].flat().filter(({ prices }) => prices !== null);
  if (
    recipe.stops.budget !== null &&
    dear.some(({ prices }) => costOf({ input: 1, cached: 0, output: 1 }, prices ?? noPrices) === null)
  )
    throw invalid("A budget needs the endpoint's prices: set them first, 0 where it costs nothing.");
  const costs = calls.map(({ slot, calls, maxTokens }) => {
    const models = bound.get(slot) ?? [];
    const each = models.map(({ prices }) =>
      prices ? costOf({ input: 0, cached: 0, output: maxTokens }, prices) : 0,
    );
    // Several models of a slot share its calls.
    return each.some((cost) => cost === null)
      ? null
      : (calls * each.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)) / Math.max(1, each.length);
  });
  return {
    ...{ method, inputs },
    hash: recipeHash(opened, recipe, inputs),
    bound,
    calls: calls.map(({ slot, calls }) => ({
      slot,
      model: (bound.get(slot) ?? []).map(({ name }) => name).join(", "),
      calls,
    })),
    output: calls.reduce((sum, { calls, maxTokens }) => sum + calls * maxTokens, 0),
    cost: costs.some((cost) => cost === null)
      ? null
      : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
  };
}

const noPrices = { inputPrice: null, cachedPrice: null, outputPrice: null };

/** What a recipe would take when filters drop nothing, and what is in its way. */
export async function estimateDataRun(
  db: Db,
  { projectId, recipe }: { projectId: string; recipe: DataRecipe },
): Promise<DataEstimate> {
  const uses = openRecipe(recipe).open.slots.map(({ name }) => name);
  try {
    const { inputs, calls, output, cost } = await prepare(db, { projectId, recipe });
    const documents = inputs.filter(({ document }) => document).length;
    return {
      ...{ uses, problem: null, prompts: inputs.length - documents, documents, slots: calls, output, cost },
      calls: calls.reduce((sum, { calls }) => sum + calls, 0),
    };
  } catch (error) {
    const problem = expected(error)?.message;
    if (problem === undefined) throw error;
    return { uses, problem, prompts: 0, documents: 0, slots: [], calls: 0, output: 0, cost: 0 };
  }
}

/**
 * Queues a data run. What it works on is read now, and the form gains the question that accepted candidates answer,
 * where it has none such.
 */
export async function startDataRun(
  db: Db,
  actor: Actor,
  { projectId, recipe, title }: { projectId: string; recipe: DataRecipe; title?: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const { method, inputs, hash, bound } = await prepare(tx, { projectId, recipe });
    await adoptQuestion(tx, actor, { projectId, makes: method.makes });
    const isLocal = [...bound.values()].flat().some(({ prices }) => prices === null);
    const name = title ?? `${method.title}: ${recipe.target}`;
    const queued = await queueRun(tx, actor, {
      ...{ projectId, kind: "construct", title: name, spec: { recipe } },
      requirements: isLocal ? { engine: "onnx" } : {},
    });
    const [made] = recipe.audit
      ? await tx
          .insert(rater)
          .values({
            projectId,
            kind: "model",
            name: `${name} (unreviewed)`,
            externalId: `data run ${queued.id}`,
          })
          .returning({ id: rater.id })
      : [];
    await tx
      .insert(dataRun)
      .values({ runId: queued.id, projectId, recipe, recipeHash: hash, inputs, raterId: made?.id });
    return queued;
  });
}

/** The form's question that accepted rows answer, where it has one, else a new one that nobody needs to answer. */
export async function adoptQuestion(
  tx: Db,
  actor: Actor,
  { projectId, makes }: { projectId: string; makes: "examples" | "pairs" },
) {
  const asked = makes === "pairs" ? betterQuestion : demonstrationQuestion;
  const form = await StudyForm.open(tx, actor, projectId);
  await form.adopt([
    judgement(fileLabel, makes === "pairs" ? better("a") : written(demonstrationQuestion, "")),
  ]);
  return { formVersionId: form.formVersionId, question: form.placeOf(asked) };
}

/** A data run's own, as the handler of its run needs it. */
export async function openDataRun(
  db: Db,
  { projectId, runId }: { projectId: string; runId: string },
): Promise<typeof dataRun.$inferSelect> {
  const [found] = await db
    .select()
    .from(dataRun)
    .where(and(eq(dataRun.runId, runId), eq(dataRun.projectId, projectId)));
  if (!found) throw notFound("The data run");
  return found;
}

const counted = (where: SQL) => sql<number>`count(*) filter (where ${where})::int`;
const isKept = isNull(candidate.dropped);
const said = (decision: "accepted" | "edited" | "rejected") =>
  counted(sql`${candidate.audited} and ${isKept} and ${candidate.decision} = ${decision}`);

/** How many candidates each run has, by what became of them. */
async function countsOf(db: Db, runIds: readonly string[]) {
  const rows = await db
    .select({
      runId: candidate.runId,
      kept: counted(isKept),
      dropped: counted(sql`not ${isKept}`),
      drawn: counted(
        sql`${candidate.audited} and ${isKept} and (${candidate.decision} is not null or ${stands})`,
      ),
      accepted: said("accepted"),
      edited: said("edited"),
      rejected: said("rejected"),
      used: counted(sql`${candidate.annotationId} is not null`),
    })
    .from(candidate)
    .where(anyOf(candidate.runId, runIds))
    .groupBy(candidate.runId);
  return new Map(
    rows.map(({ runId, kept, dropped, used, ...people }) => [
      runId,
      { kept, dropped, used, audit: auditOf(people) },
    ]),
  );
}

const nothing = {
  ...{ kept: 0, dropped: 0, used: 0 },
  audit: { drawn: 0, accepted: 0, edited: 0, rejected: 0, pass: null },
};

/** What people passed as it was, of what they decided. */
function auditOf(counts: Omit<DataAudit, "pass">): DataAudit {
  const decided = decidedOf(counts);
  return { ...counts, pass: decided > 0 ? wilsonInterval(counts.accepted, decided) : null };
}

/** How many of a run's drawn candidates people passed as they were, of those that they decided so far. */
export async function passedOfRun(db: Db, runId: string): Promise<{ passed: number; decided: number }> {
  const [counts] = await db
    .select({ passed: said("accepted"), decided: counted(isNotNull(candidate.decision)) })
    .from(candidate)
    .where(and(eq(candidate.runId, runId), eq(candidate.audited, true), isKept));
  return counts;
}

/** How people judge the candidates of several runs. */
export async function auditsOfRuns(db: Db, runIds: readonly string[]): Promise<Map<string, DataAudit>> {
  const counts = await countsOf(db, runIds);
  return new Map(runIds.map((runId) => [runId, (counts.get(runId) ?? nothing).audit]));
}

const titleOf = (id: string) => methodOf(id)?.title ?? id;

/** A project's data runs, newest first. */
export async function listDataRuns(db: Db, { projectId }: { projectId: string }): Promise<DataRunRow[]> {
  const rows = await db
    .select({
      runId: dataRun.runId,
      title: run.title,
      method: sql<string>`${dataRun.recipe}->>'method'`,
      status: run.status,
      createdAt: dataRun.createdAt,
    })
    .from(dataRun)
    .innerJoin(run, eq(run.id, dataRun.runId))
    .where(eq(dataRun.projectId, projectId))
    .orderBy(desc(dataRun.runId))
    .limit(500);
  const counts = await countsOf(
    db,
    rows.map(({ runId }) => runId),
  );
  return rows.map((row) => ({
    ...row,
    methodTitle: titleOf(row.method),
    ...(counts.get(row.runId) ?? nothing),
  }));
}

/** Candidates of which a point of the curve of yields is. */
const POINT = 100;

/** One data run: its recipe, what it made, what each filter removed, what it cost, and how people find it. */
export async function getDataRun(
  db: Db,
  { projectId, runId }: { projectId: string; runId: string },
): Promise<DataRun> {
  const [found] = await db
    .select({
      ...{ recipe: dataRun.recipe, recipeHash: dataRun.recipeHash, createdAt: dataRun.createdAt },
      ...{ title: run.title, status: run.status, error: run.error, result: run.result },
      /** Read on each look at the page: their texts, which can be many megabytes, stay where they are. */
      inputs: sql<number>`json_array_length(${dataRun.inputs})`,
    })
    .from(dataRun)
    .innerJoin(run, eq(run.id, dataRun.runId))
    .where(and(eq(dataRun.runId, runId), eq(dataRun.projectId, projectId)));
  if (!found) throw notFound("The data run");
  const { recipe, result, ...data } = found;
  const [counts, asks, filters, reasons, yields, unreviewed, cost] = await Promise.all([
    countsOf(db, [runId]),
    db
      .select({ asks: sql<number>`count(*)::int`, failedAsks: counted(sql`${dataAsk.failure} is not null`) })
      .from(dataAsk)
      .where(eq(dataAsk.runId, runId)),
    db.execute<{ filter: string; asked: number; dropped: number }>(sql`
      select verdict->>'filter' as filter, count(*)::int as asked,
        count(*) filter (where not (verdict->>'keeps')::boolean)::int as dropped
      from ${candidate}, jsonb_array_elements(${candidate.verdicts}) verdict
      where ${candidate.runId} = ${runId} group by 1 order by 3 desc, 1`),
    db
      .select({ reason: sql<string>`${candidate.dropped}`, count: sql<number>`count(*)::int` })
      .from(candidate)
      .where(and(eq(candidate.runId, runId), sql`${candidate.dropped} is not null`))
      .groupBy(candidate.dropped)
      .orderBy(desc(sql`count(*)`), asc(candidate.dropped)),
    db
      .select({
        from: sql<number>`(${candidate.position} / ${POINT}::int) * ${POINT}::int`,
        made: sql<number>`count(*)::int`,
        kept: counted(isKept),
      })
      .from(candidate)
      .where(eq(candidate.runId, runId))
      .groupBy(sql`1`)
      .orderBy(sql`1`),
    db.$count(candidate, and(eq(candidate.runId, runId), isUnreviewed)),
    costOfRun(db, { runId, recipe }),
  ]);
  return {
    ...data,
    ...{ runId, recipe, method: recipe.method, methodTitle: titleOf(recipe.method) },
    makes: methodOf(recipe.method)?.makes ?? "examples",
    ...(counts.get(runId) ?? nothing),
    result: dataResultSchema.nullable().catch(null).parse(result),
    ...asks[0],
    ...{ filters: [...filters], reasons, yields, unreviewed, cost },
  };
}

/** Kept, not drawn for people, and part of nothing yet; its ancestors stand. */
export const isUnreviewed = sql`${candidate.dropped} is null and not ${candidate.audited}
  and ${candidate.decision} is null and ${candidate.annotationId} is null and ${stands}`;

async function costOfRun(
  db: Db,
  { runId, recipe }: { runId: string; recipe: DataRecipe },
): Promise<number | null> {
  const isPaid = Object.values(recipe.slots)
    .flat()
    .some((model) => "endpointId" in model);
  if (!isPaid) return 0;
  const { cost, unpriced } = await receiptOf(db, { runId });
  return unpriced > 0 ? null : cost;
}

/** @throws CONFLICT while a run makes candidates, or where it ended without */
export async function requireEnded(db: Db, runId: string): Promise<void> {
  const [found] = await db
    .select({ status: run.status })
    .from(run)
    .where(and(eq(run.id, runId), inArray(run.status, ["queued", "running"])));
  if (found) throw conflict("The run still makes candidates: wait for its end, or stop it.");
}
