import type { Db } from "@/db/client";
import { annotation, formVersion, preference, rater, task } from "@/db/schema";
import { addPrompts } from "@/server/content/content";
import { curriculum } from "@/server/demo/curriculum";
import { formSchema } from "@/server/form/schema";

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
    const [given] = await db
      .insert(annotation)
      .values({
        projectId,
        taskId: todo.id,
        raterId: judge.id,
        origin: "demo",
        answers: { better: { type: "preference", outcome: "a", level: 1 } },
        order: [0, 1],
        formVersionId: form.id,
        submittedAt: new Date(),
      })
      .returning();
    await db.insert(preference).values({
      projectId,
      annotationId: given.id,
      taskId: todo.id,
      promptId: promptIds[0],
      raterId: judge.id,
      questionId: "better",
      responseA: better.id,
      responseB: worse.id,
      outcome: "a",
      strength: 1,
      aShownFirst: true,
    });
  }
  return judge.id;
}
