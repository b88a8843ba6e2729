import { eq, sql } from "drizzle-orm";
import { expect, test, vi } from "vitest";
import { assignment, formVersion, model, rater, score, task } from "@/db/schema";
import { jointWinRate } from "@/server/conclusion/joint";
import { storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { claimSeats } from "@/server/seat/claim";
import { orderSeats } from "@/server/seat/selection";
import { randomOf } from "@/server/statistics/math/random";
import { testDatabase } from "./database";
import { comparedIn, scriptedJudges } from "./scripted-judge";
import { prefer, study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

const database = await testDatabase();
const { db } = database;
const [TASKS, RUNS] = [120, 15];
const random = randomOf(4);

const of = await study(database, { tasks: TASKS, overlap: 1 });
const { projectId, manager } = of;
const [form] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
const tasks = new Map(
  (await db.select().from(task).where(eq(task.projectId, projectId))).map((one) => [one.id, one]),
);
const compared = await comparedIn(database, projectId);

/** Whether model-0 is better: more often than not, but where the reward model cannot say. */
const isBetter = new Map(compared.map(({ id }) => [id, random() < 0.6]));
const truth = [...isBetter.values()].filter((each) => each).length / TASKS;
const [unsure] = await db
  .insert(model)
  .values({ projectId, name: "unsure", method: "reward", format: "full", source: { kind: "run" } })
  .returning();
await db.insert(score).values(
  [...tasks.values()].flatMap(({ id, responseIds }) =>
    responseIds.map((responseId, side) => ({
      ...{ projectId, modelId: unsure.id, responseId },
      reward: side * (isBetter.get(id) ? 4 : 0.5),
    })),
  ),
);
const judge = await (await scriptedJudges(database, of))("Useful", compared, ({ id }) =>
  random() < 0.85 === isBetter.get(id) ? 0.9 : 0.1,
);
await manager.caller.project.update({ projectId, selection: "uncertainty" });
// Draws are set back by hours below.
await db.execute(
  sql`update ${task} set created_at = created_at - interval '1 day' where project_id = ${projectId}`,
);

class Undone extends Error {}

/** A study of its own, by the product's draws and claims, of which nothing stays. */
async function once() {
  let found: Awaited<ReturnType<typeof jointWinRate>> | undefined;
  let plain = 0;
  await db
    .transaction(async (tx) => {
      const wins: number[] = [];
      // Drawn twice, as when more was scored meanwhile.
      for (const name of ["one", "two"]) {
        await orderSeats(tx, projectId);
        const [{ id: raterId }] = await tx
          .insert(rater)
          .values({ projectId, kind: "demo", name })
          .returning();
        await claimSeats(tx, { raterId, hold: 25, ahead: 0, have: [] });
        const seats = await tx.select().from(assignment).where(eq(assignment.raterId, raterId));
        await storeJudgements(tx, {
          projectId,
          judgements: seats.flatMap(({ id: assignmentId, taskId }) => {
            const one = tasks.get(taskId);
            const first = compared.find(({ id }) => id === taskId)?.first;
            if (!one) return [];
            wins.push(isBetter.get(taskId) ? 1 : 0);
            const answers = prefer((first === "model-0") === isBetter.get(taskId) ? "a" : "b");
            const { promptId, responseIds } = one;
            const facts = factsOf({
              questions: storedQuestions(form.questions),
              answers,
              order: [0, 1],
              responseIds,
            });
            return {
              ...{ taskId, promptId, raterId, assignmentId, answers, facts },
              ...{ origin: "demo" as const, order: [0, 1], formVersionId: form.id, submittedAt: new Date() },
            };
          }),
        });
        await tx.update(assignment).set({ status: "submitted" }).where(eq(assignment.raterId, raterId));
        // The clock of a transaction stands still: the next draw is another all the same.
        await tx.execute(sql`update ${assignment} set drawn_at = drawn_at - interval '1 hour' where project_id = ${projectId}
          and status = 'submitted' and drawn_at is not null`);
      }
      plain = wins.reduce((sum, each) => sum + each, 0) / wins.length;
      found = await jointWinRate(tx, {
        projectId,
        judgeVersionId: judge,
        source: "model-0",
        opponent: "model-1",
      });
      throw new Undone();
    })
    .catch((error) => {
      if (!(error instanceof Undone)) throw error;
    });
  if (!found) throw new Error("nothing was estimated");
  return { ...found, plain };
}

test("tasks that the product chose by uncertainty and gave out give the win rate of all", async () => {
  let [held, both, alone, plain] = [0, 0, 0, 0];
  for (let run = 0; run < RUNS; run++) {
    const found = await once();
    // The last of the second draw says only how far it came; the last of the first was known before the second.
    expect(found.weighted?.pairs).toBe(49);
    if ((found.joint.low ?? 1) <= truth && truth <= (found.joint.high ?? 0)) held++;
    both += (found.joint.estimate ?? 0) / RUNS;
    alone += (found.people.estimate ?? 0) / RUNS;
    plain += found.plain / RUNS;
  }
  // The plain mean of what was judged is off by more than ten points; weighted ones by chance alone, in whose average the
  // error of one study, 6 points or so, is a quarter.
  expect(Math.abs(plain - truth)).toBeGreaterThan(0.1);
  expect(Math.abs(both - truth)).toBeLessThan(0.05);
  expect(Math.abs(alone - truth)).toBeLessThan(0.06);
  expect(held).toBeGreaterThanOrEqual(12);
});
