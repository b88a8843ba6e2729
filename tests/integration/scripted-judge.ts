import { sql } from "drizzle-orm";
import { judgeVerdict } from "@/db/schema";
import { storeProbe } from "@/server/endpoint/endpoint";
import { EVERYTHING } from "@/workers/text/probe";
import type { TestDatabase } from "./database";
import type { Study } from "./study";

/** The source of the reply that stands first in a task's canonical order, and what it says. */
interface Compared {
  id: string;
  first: string;
  content: string;
}

export const comparedIn = async ({ db }: TestDatabase, projectId: string): Promise<Compared[]> => [
  ...(await db.execute<Compared & Record<string, unknown>>(sql`
    select t.id, r.source as first, r.content
    from task t join response r on r.id = t.response_ids[1] where t.project_id = ${projectId} order by t.id`)),
];

/** The id of an endpoint at which nobody is asked: what judges there say is written into the tables. */
export async function unaskedEndpoint({ db }: TestDatabase, { projectId, manager }: Study): Promise<string> {
  const { endpointId } = await manager.caller.endpoint.add({
    ...{ projectId, name: "fake", kind: "openai-compatible", url: "http://127.0.0.1:9", model: "fake" },
    ...{ inputPrice: 0, cachedPrice: 0, outputPrice: 0, requestsPerMinute: null, tokensPerMinute: null },
    concurrency: 1,
  });
  await storeProbe(db, endpointId, { capabilities: EVERYTHING, missing: [], retiresOn: null });
  return endpointId;
}

/** Versions of judges by their scripts: how probable they hold model-0 to be better; null is a failure. */
export async function scriptedJudges(database: TestDatabase, of: Study) {
  const { db } = database;
  const { projectId, manager } = of;
  const endpointId = await unaskedEndpoint(database, of);
  return async (
    name: string,
    tasks: readonly Compared[],
    says: (task: Compared, at: number) => number | null,
  ): Promise<string> => {
    const { judgeVersionId } = await manager.caller.judge.create({
      ...{ projectId, endpointId, questionId: "preference", verdictBy: "schema", name },
      rubric: { criteria: "Which helps more?" },
    });
    await db.insert(judgeVerdict).values(
      tasks.flatMap((task, at) => {
        const said = says(task, at);
        return [
          [0, 1],
          [1, 0],
        ].map((order) => {
          const about = {
            ...{ projectId, versionId: judgeVersionId, taskId: task.id, order },
            ...{ sample: 0, attempts: 1, cost: 0.002 },
          };
          if (said === null) return { ...about, failure: "unparsed" as const, reason: "No verdict." };
          const p = task.first === "model-0" ? said : 1 - said;
          const outcome = p > 0.5 ? ("a" as const) : ("b" as const);
          return { ...about, p, answer: { type: "preference" as const, outcome, level: 1 as const } };
        });
      }),
    );
    return judgeVersionId;
  };
}
