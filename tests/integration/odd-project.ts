import { eq, sql } from "drizzle-orm";
import { annotation, assignment, formVersion, preference, rater, task } from "@/db/schema";
import { type Answers, formSchema, storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { setConsent } from "@/server/model/model";
import type { TestDatabase } from "./database";
import { type Member, newKey, somePrompts, study } from "./study";

export const level = 2;
export const said = ["a", "b", "tie", "both_bad"] as const;

/**
 * A project with every oddity: ties, both bad, revisions, undo, exclusions, an adjudication, withdrawn consent, several
 * questions, k-wise and pairs, two sources of one text, a model, an import without order. And its tables, as they are.
 */
export async function oddProject(database: TestDatabase) {
  const { db } = database;
  const questions = formSchema.parse([
    { id: "help", type: "preference", label: "Which helps more?" },
    { id: "safe", type: "preference", label: "Which is safer?", required: false },
    { id: "rank", type: "ranking", label: "Rank them." },
  ]);
  const of = await study(database, { tasks: 3, overlap: 4, questions });
  const { projectId } = of;
  // Three responses, and two sources of one text.
  const [ranked, repeated] = somePrompts(2, 3);
  const [twins] = somePrompts(1, 2);
  await of.manager.caller.content.addPrompts({
    projectId,
    prompts: [
      ranked,
      { ...twins, responses: twins.responses.map((reply) => ({ ...reply, content: "The same." })) },
      // And two of three replies.
      {
        ...repeated,
        responses: repeated.responses.map((reply, n) => ({ ...reply, content: `Text ${n % 2}` })),
      },
    ],
  });
  await of.manager.caller.task.create({ projectId });
  // The first reply is longer for some prompts, and the second for others.
  await db.execute(sql`update response set content = content || repeat(', at length', length(content) % 3 * 2)
    where project_id = ${projectId} and content like 'Reply 0%' and prompt_id in (
      select prompt_id from task where project_id = ${projectId} order by position offset 1)`);
  const reviewer = await of.join("reviewer");
  const people = [await of.join(), await of.join(), await of.join(), await of.join()];

  const verdict = (n: number) => {
    const outcome = said[n % 4];
    return { type: "preference" as const, outcome, ...(n % 4 < 2 && { level }) };
  };
  /** Some agree and some do not; the second question is not always answered. */
  const answersOf = (who: number, n: number, k: number): Answers =>
    k > 2
      ? {
          rank: {
            type: "ranking",
            ranks: [
              [1, 2, 3],
              [1, 3, 2],
              [1, 1, 2],
              [3, 2, 1],
            ][who],
          },
        }
      : { help: verdict(who > 1 ? n : n + who), ...(who !== 2 && { safe: verdict(n) }) };

  async function judgeAll({ caller }: Member, who: number) {
    const done: { assignmentId: string; annotationId: string; k: number }[] = [];
    for (let n = 0; ; n++) {
      const { tasks: held } = await caller.annotation.claim({ projectId });
      if (held.length === 0) return done;
      for (const { assignmentId, responses } of held) {
        const k = responses.length;
        const seen = [...Array(k).keys()].map((place) => ({ share: (place + 1) / k, ms: 1000 * n }));
        const given = {
          assignmentId,
          answers: answersOf(who, n, k),
          visibleMs: 10_000 + 1000 * n,
          // One browser of an older build tells nothing.
          ...(who !== 2 && { inView: { prompt: { share: 1, ms: 500 }, responses: seen } }),
        };
        const flagReason = who === 1 && n === 0 ? "Odd" : undefined;
        const { annotationId } = await caller.annotation.submit({
          ...given,
          flagReason,
          idempotencyKey: newKey(),
        });
        done.push({ assignmentId, annotationId, k });
      }
    }
  }

  const done = [];
  for (const [who, person] of people.entries()) done.push(await judgeAll(person, who));
  const pairs = done.map((all) => all.filter(({ k }) => k === 2));
  const [revised] = pairs[0];
  await people[0].caller.annotation.revise({
    assignmentId: revised.assignmentId,
    answers: { help: verdict(1), safe: verdict(2) },
    idempotencyKey: newKey(),
  });
  const undone = done[1].at(-1);
  if (undone) await people[1].caller.annotation.undo(undone);
  const because = (annotationId: string) => ({ projectId, annotationIds: [annotationId], reason: "Because" });
  await reviewer.caller.review.exclude(because(pairs[0][1].annotationId));
  await reviewer.caller.review.sendBack(because(pairs[2][0].annotationId));
  const tasks = await db.select().from(task).where(eq(task.projectId, projectId));
  const two = tasks.filter(({ responseIds }) => responseIds.length === 2);
  await reviewer.caller.review.adjudicate({
    projectId,
    taskId: two[0].id,
    answers: { help: verdict(0) },
    reason: "So it is",
  });
  const fourth = await db.select().from(rater).where(eq(rater.personId, people[3].viewer.personId));
  await setConsent(db, of.manager.viewer, { projectId, raterId: fourth[0].id, withdrawn: true });

  /** A model's vote, and one of an import that does not tell what stood first. */
  const [form] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
  for (const [kind, origin] of [
    ["model", "model"],
    ["imported", "import"],
  ] as const) {
    const [by] = await db.insert(rater).values({ projectId, kind, name: kind, externalId: kind }).returning();
    const { id: taskId, promptId, responseIds } = two[1];
    const answers: Answers = { help: verdict(0) };
    const order = kind === "model" ? [0, 1] : null;
    const facts = factsOf({ questions: storedQuestions(form.questions), answers, order, responseIds });
    const judgement = { taskId, promptId, raterId: by.id, assignmentId: null, origin, answers, facts };
    const submitted = {
      order: order ?? [],
      formVersionId: form.id,
      submittedAt: new Date(Date.now() - 7_200_000),
    };
    await storeJudgements(db, { projectId, judgements: [{ ...judgement, ...submitted }] });
  }

  const raters = await db.select().from(rater).where(eq(rater.projectId, projectId));
  const seats = await db.select().from(assignment).where(eq(assignment.projectId, projectId));
  const given = (await db.select().from(annotation).where(eq(annotation.projectId, projectId))).filter(
    ({ current }) => current,
  );
  const stated = await db.select().from(preference).where(eq(preference.projectId, projectId));
  /** What counts, said once more. */
  const votes = stated.filter(({ annotationId, raterId }) => {
    const judgement = given.find(({ id }) => id === annotationId);
    const who = raters.find(({ id }) => id === raterId);
    return (
      judgement?.excludedAt === null &&
      judgement.origin !== "adjudication" &&
      who?.consentWithdrawnAt === null &&
      who.kind !== "model"
    );
  });
  return { of, projectId, reviewer, people, tasks, two, raters, seats, given, stated, votes };
}

export type Stated = Awaited<ReturnType<typeof oddProject>>["stated"][number];
