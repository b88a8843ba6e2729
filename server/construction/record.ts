import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../../db/client";
import { candidate, dataAsk, dataRun } from "../../db/schema";
import type { DataInput, DataRecipe } from "../../db/shape/construction";
import { type Reply, replySchema } from "../../db/shape/endpoint";
import { parseJson, plainNumbers, storedJson } from "../../db/shape/written-json";
import { uniformOf } from "../content/keys";
import type { Ask, Candidate } from "./method/method";

/** What came of an ask, whole: the method sees less of it. */
export type Outcome = { reply: Reply } | { score: number } | { failure: string };

const keptSchema = z.union([z.object({ score: z.number() }), replySchema]);

/** All of an ask but its name: what a model is sent, and which one. */
function requestOf({ key: _, ...request }: Ask): string {
  return storedJson(request);
}

/**
 * What was answered before, by the asks' keys: in an earlier attempt of the run, or in another run of the same recipe,
 * whose answers then are this one's too. Failures of others are asked for again.
 * @throws where an ask of that name was another one: a release that asks otherwise does not carry the run on
 */
export async function answeredBefore(
  db: Db,
  { projectId, runId, asks }: { projectId: string; runId: string; asks: readonly Ask[] },
): Promise<Map<string, Outcome>> {
  const requests = new Map(asks.map((ask) => [ask.key, requestOf(ask)]));
  const given = JSON.stringify([...requests].map(([key, request]) => ({ key, request })));
  await db.execute(sql`
    insert into ${dataAsk} (run_id, key, slot, request, reply)
    select distinct on (other.key) ${runId}::uuid, other.key, other.slot, other.request, other.reply
    from json_to_recordset(${given}::text::json) as one (key text, request text)
    join ${dataRun} mine on mine.run_id = ${runId}::uuid
    join ${dataRun} before on before.project_id = ${projectId}::uuid and before.recipe_hash = mine.recipe_hash
      and before.run_id <> mine.run_id
    join ${dataAsk} other on other.run_id = before.run_id and other.key = one.key and other.request::text = one.request
    where other.reply is not null
    order by other.key, other.created_at
    on conflict do nothing`);
  const rows = await db.execute<{
    key: string;
    request: string;
    reply: string | null;
    failure: string | null;
  }>(sql`
    select key, request::text as request, reply::text as reply, failure from ${dataAsk}
    where run_id = ${runId}::uuid and key in (
      select key from json_to_recordset(${given}::text::json) as one (key text))`);
  return new Map(
    rows.map(({ key, request, reply, failure }): [string, Outcome] => {
      if (request !== requests.get(key))
        throw new Error(
          "This run was begun by a release that asks otherwise, and cannot be carried on: start the recipe anew.",
        );
      if (reply === null) return [key, { failure: failure ?? "" }];
      const kept = keptSchema.parse(plainNumbers(parseJson(reply)));
      return [key, "score" in kept ? kept : { reply: kept }];
    }),
  );
}

/** Keeps what came of asks. What is there stays: a candidate may rest on it. */
export async function keepOutcomes(
  db: Db,
  { runId, outcomes }: { runId: string; outcomes: readonly { ask: Ask; outcome: Outcome }[] },
): Promise<void> {
  if (outcomes.length === 0) return;
  const rows = outcomes.map(({ ask, outcome }) => ({
    ...{ key: ask.key, slot: ask.slot, request: requestOf(ask) },
    reply: "failure" in outcome ? null : storedJson("reply" in outcome ? outcome.reply : outcome),
    failure: "failure" in outcome ? outcome.failure : null,
  }));
  await db.execute(sql`
    insert into ${dataAsk} (run_id, key, slot, request, reply, failure)
    select ${runId}::uuid, key, slot, request::json, reply::json, failure
    from json_to_recordset(${storedJson(rows)}::text::json)
      as one (key text, slot text, request text, reply text, failure text)
    on conflict do nothing`);
}

/** What stands behind inputs and candidates, by their names; see `candidate.sourcePrompts`. */
export class Ancestry {
  readonly #of = new Map<string, { prompts: string[]; annotations: string[] }>();

  constructor(inputs: readonly DataInput[]) {
    for (const { id, promptId, promptIds, annotationIds } of inputs)
      this.#of.set(id, {
        prompts: [...(promptId ? [promptId] : []), ...promptIds],
        annotations: annotationIds,
      });
  }

  /** What stands behind a candidate, which later ones may name as their parent. */
  add({ key, parents }: Pick<Candidate, "key" | "parents">) {
    const behind = parents.map((parent) => {
      const found = this.#of.get(parent);
      if (!found) throw new Error(`${key} names a parent that there is not: ${parent}.`);
      return found;
    });
    const all = {
      prompts: [...new Set(behind.flatMap(({ prompts }) => prompts))].sort(),
      annotations: [...new Set(behind.flatMap(({ annotations }) => annotations))].sort(),
    };
    this.#of.set(key, all);
    return all;
  }
}

/** Rows of one statement: thirteen values each, where a statement takes 65,535. */
const ROWS_AT_ONCE = 1000;

/** Keeps candidates at their places; one that is there stays. */
export async function keepCandidates(
  db: Db,
  given: {
    projectId: string;
    runId: string;
    recipe: Pick<DataRecipe, "seed" | "audit">;
    ancestry: Ancestry;
    /** The place of the first. */
    from: number;
    candidates: readonly Candidate[];
  },
): Promise<void> {
  const { projectId, runId, recipe, ancestry, from, candidates } = given;
  const rows = candidates.map((one, at): typeof candidate.$inferInsert => {
    const { prompts, annotations } = ancestry.add(one);
    const { prompt, responses, pair, nearest, facts } = one;
    return {
      ...{ projectId, runId, position: from + at, key: one.key, parents: [...one.parents] },
      ...{ operator: one.operator, asks: [...one.asks], dropped: one.dropped },
      content: { prompt: [...prompt], responses: [...responses], pair, nearest, facts },
      verdicts: [...one.verdicts],
      ...{ sourcePrompts: prompts, sourceAnnotations: annotations },
      audited: recipe.audit === null || uniformOf(`${recipe.seed} ${one.key}`) < recipe.audit,
    };
  });
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await db
      .insert(candidate)
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .onConflictDoNothing({ target: [candidate.runId, candidate.position] });
}
