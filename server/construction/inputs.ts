import { and, asc, eq, ne, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { admitted, candidate, prompt, task } from "../../db/schema";
import type { DataInput, DataRecipe } from "../../db/shape/construction";
import { repliesIn } from "../form/answers";
import { storedAnswers } from "../form/schema";
import { formQuestions } from "../form/versions";
import { groupBy } from "../group";
import type { Inputs, OpenMethod } from "./method/method";
import { isOrphaned } from "./standing";

/**
 * What a recipe works on, as it stands now: prompts drawn by its seed, each with the first reply that a person wrote to
 * it, and its documents. A prompt without one is left out where the method needs replies with these options; where it
 * needs no prompts, there are none.
 */
export async function readInputs(
  db: Db,
  { projectId, recipe, needs }: { projectId: string; recipe: DataRecipe; needs: OpenMethod["needs"] },
): Promise<DataInput[]> {
  const documents = recipe.inputs.documents.map(
    (document, at): DataInput => ({
      ...{ id: `document ${at + 1}`, promptId: null, annotationIds: [], promptIds: [], messages: [] },
      ...{ response: null, fields: {}, document },
    }),
  );
  if (needs.every((need) => need === "documents")) return documents;
  const { language, domain, source, limit } = recipe.inputs;
  const needsResponse = needs.includes("responses");
  const prompts = await db
    .select({ id: prompt.id, messages: prompt.messages, metadata: prompt.metadata })
    .from(prompt)
    .where(
      and(
        eq(prompt.projectId, projectId),
        language ? eq(prompt.language, language) : undefined,
        domain ? eq(prompt.domain, domain) : undefined,
        source ? eq(prompt.source, source) : undefined,
        needsResponse ? sql`${prompt.id} in (${written(db, projectId)})` : undefined,
      ),
    )
    .orderBy(sql`md5(${`${recipe.seed} `}::text || ${prompt.id}::text)`)
    .limit(limit);
  const promptIds = prompts.map(({ id }) => id);
  const replies = await repliesTo(db, promptIds);
  const origins = await originsOf(db, promptIds);
  const found = prompts.map(({ id, messages, metadata }): DataInput => {
    const reply = replies.get(id);
    const behind = [...(reply ? [reply] : []), ...(origins.get(id) ?? [])];
    return {
      ...{ id, promptId: id, messages, document: null },
      response: reply?.text ?? null,
      fields: fieldsOf(metadata),
      annotationIds: [
        ...(reply ? [reply.annotationId] : []),
        ...behind.flatMap(({ annotationIds }) => annotationIds),
      ],
      promptIds: behind.flatMap(({ promptIds }) => promptIds),
    };
  });
  return [...found.filter(({ response }) => !needsResponse || response !== null), ...documents];
}

/** What can be put into words as it is. */
const fieldsOf = (metadata: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? [[name, String(value)]]
        : [],
    ),
  );

/** Inputs as a method takes them. */
export const inputsOf = (inputs: readonly DataInput[]): Inputs => ({
  prompts: inputs.flatMap(({ id, messages, response, fields, document }) =>
    document ? [] : [{ id, messages, response, fields }],
  ),
  documents: inputs.flatMap(({ id, document }) => (document ? [{ id, text: document.text }] : [])),
});

/** Prompts to which somebody wrote a reply. */
const written = (db: Db, projectId: string) =>
  db
    .select({ promptId: task.promptId })
    .from(admitted)
    .innerJoin(task, eq(task.id, admitted.taskId))
    .where(and(eq(admitted.projectId, projectId), isReply));

/** Of a person, with words in it, and of nothing that was withdrawn: what is made of that would not stand. */
const isReply = and(
  ne(admitted.raterKind, "model"),
  sql`jsonb_path_exists(${admitted.answers}::jsonb, '$.* ? (@.type == "text" || @.type == "edit")')`,
  sql`not ${isOrphaned(admitted.id)}`,
);

/** What stands behind a candidate. */
interface Origin {
  annotationIds: string[];
  promptIds: string[];
}

/** What stands behind prompts that data runs made, by their ids. One that a candidate only answered is its own. */
async function originsOf(db: Db, promptIds: readonly string[]): Promise<Map<string | null, Origin[]>> {
  const rows = await db
    .select({
      promptId: candidate.promptId,
      annotationIds: candidate.sourceAnnotations,
      promptIds: candidate.sourcePrompts,
    })
    .from(candidate)
    .where(
      and(
        anyOf(candidate.promptId, promptIds),
        sql`not ${candidate.promptId} = any(${candidate.sourcePrompts})`,
      ),
    )
    .orderBy(asc(candidate.id));
  return groupBy(rows, ({ promptId }) => promptId);
}

/** What stands behind it is that of the candidate that it was, if it was one. */
interface PersonsReply extends Origin {
  text: string;
  annotationId: string;
}

async function repliesTo(db: Db, promptIds: readonly string[]): Promise<Map<string, PersonsReply>> {
  const rows = await db
    .select({
      promptId: task.promptId,
      annotationId: admitted.id,
      answers: admitted.answers,
      formVersionId: admitted.formVersionId,
      annotationIds: candidate.sourceAnnotations,
      promptIds: candidate.sourcePrompts,
    })
    .from(admitted)
    .innerJoin(task, eq(task.id, admitted.taskId))
    .leftJoin(candidate, eq(candidate.annotationId, admitted.id))
    .where(and(anyOf(task.promptId, promptIds), isReply))
    .orderBy(asc(admitted.submittedAt), asc(admitted.id));
  const replies = new Map<string, PersonsReply>();
  for (const { promptId, annotationId, answers, formVersionId, ...sources } of rows) {
    if (replies.has(promptId)) continue;
    const [reply] = repliesIn(await formQuestions(db, formVersionId), storedAnswers(answers));
    if (!reply) continue;
    replies.set(promptId, {
      ...{ text: reply.text, annotationId },
      annotationIds: sources.annotationIds ?? [],
      promptIds: sources.promptIds ?? [],
    });
  }
  return replies;
}
