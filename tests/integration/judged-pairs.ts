import type { Db } from "@/db/client";
import { formVersion, rater, task } from "@/db/schema";
import { addPrompts } from "@/server/content/content";
import { curriculum } from "@/server/demo/curriculum";
import { type Answers, formSchema } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";

const questions = formSchema.parse([
  { id: "better", type: "preference", label: "Which is better?", points: 2 },
]);

/** Pairs with known answers, judged by one rater who knows them. @returns the rater */
export async function judgedPairs(
  db: Db,
  { projectId, personId, count, seed }: { projectId: string; personId: string; count: number; seed: number },
): Promise<string> {
  const pairs = curriculum(count, seed);
  const [form] = await db.insert(formVersion).values({ projectId, version: 1, questions }).returning();
  const [judge] = await db.insert(rater).values({ projectId, kind: "demo", name: "Knows" }).returning();
  for (const [position, { messages, chosen, rejected }] of pairs.entries()) {
    const { promptIds } = await addPrompts(
      db,
      { personId },
      {
        projectId,
        prompts: [
          {
            messages,
            metadata: {},
            responses: [chosen, rejected].map((content, i) => ({
              content,
              source: `side-${i}`,
              metadata: {},
            })),
          },
        ],
      },
    );
    const replies = await db.query.response.findMany({ where: (t, { eq }) => eq(t.promptId, promptIds[0]) });
    const better = replies.find(({ content }) => content === chosen);
    const worse = replies.find(({ content }) => content === rejected);
    if (!better || !worse) continue;
    const [todo] = await db
      .insert(task)
      .values({
        projectId,
        promptId: promptIds[0],
        key: `pair-${position}`,
        responseIds: [better.id, worse.id],
        overlap: 1,
      })
      .returning();
    const answers: Answers = { better: { type: "preference", outcome: "a", level: 1 } };
    const order = [0, 1];
    const facts = factsOf({ questions, answers, order, responseIds: todo.responseIds });
    await storeJudgements(db, {
      projectId,
      judgements: [
        {
          taskId: todo.id,
          promptId: promptIds[0],
          raterId: judge.id,
          assignmentId: null,
          origin: "demo",
          answers,
          facts,
          order,
          formVersionId: form.id,
          submittedAt: new Date(),
        },
      ],
    });
  }
  return judge.id;
}
