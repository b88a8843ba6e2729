import { and, asc, eq, inArray, notExists, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, assignment, prompt, response, task } from "../../db/schema";
import type { Message } from "../../db/shape/content";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { scoreForSelection } from "../score/incoming";
import { promptKey, responseKey } from "./keys";
import type { NewPrompt } from "./schema";

/** All words of a conversation, for search. */
export const searchTextOf = (messages: readonly Message[]) =>
  messages.map((message) => message.content).join("\n");

/**
 * Adds prompts with their responses. A conversation that the project has already keeps its id and gains the
 * responses that are new; a response with the same source and text is stored once.
 */
export async function addPrompts(
  db: Db,
  actor: Actor,
  { projectId, prompts }: { projectId: string; prompts: readonly NewPrompt[] },
): Promise<{ promptIds: string[]; newPrompts: number; newResponses: number }> {
  const keyed = prompts.map((given) => ({ given, key: promptKey(given.messages, given.tools) }));
  const first = new Map<string, NewPrompt>();
  for (const { given, key } of keyed) if (!first.has(key)) first.set(key, given);
  return db.transaction(async (tx) => {
    const inserted = await tx
      .insert(prompt)
      .values(
        [...first].map(([key, { responses: _, ...given }]) => ({
          ...given,
          projectId,
          key,
          searchText: searchTextOf(given.messages),
        })),
      )
      .onConflictDoNothing({ target: [prompt.projectId, prompt.key] })
      .returning({ id: prompt.id });
    const stored = await tx
      .select({ id: prompt.id, key: prompt.key })
      .from(prompt)
      .where(and(eq(prompt.projectId, projectId), inArray(prompt.key, [...first.keys()])));
    const idOf = new Map(stored.map(({ id, key }) => [key, id]));
    const promptIds = keyed.map(({ key }) => {
      const id = idOf.get(key);
      if (!id) throw conflict("A prompt was deleted while it was being added. Try again.");
      return id;
    });
    const replies = keyed.flatMap(({ given }, index) =>
      given.responses.map((reply) => ({
        ...reply,
        projectId,
        promptId: promptIds[index],
        key: responseKey(reply),
      })),
    );
    const newResponses = replies.length
      ? await tx.insert(response).values(replies).onConflictDoNothing().returning({ id: response.id })
      : [];
    const counts = { newPrompts: inserted.length, newResponses: newResponses.length };
    await audit(tx, actor, {
      action: "content.addPrompts",
      target: { kind: "project", id: projectId },
      projectId,
      after: counts,
    });
    if (newResponses.length > 0) await scoreForSelection(tx, actor, projectId);
    return { promptIds, ...counts };
  });
}

/**
 * Deletes prompts with their responses and tasks.
 * @throws CONFLICT when one of them has been judged, or lies on a rater's desk: no judgement is lost this way
 */
export async function deletePrompts(
  db: Db,
  actor: Actor,
  { projectId, promptIds }: { projectId: string; promptIds: readonly string[] },
): Promise<{ deleted: number }> {
  return db.transaction(async (tx) => {
    const named = and(eq(prompt.projectId, projectId), inArray(prompt.id, [...promptIds]));
    // Who is just submitting has the seat: either the judgement is in before this goes on, or the seat is gone.
    const seats = await tx
      .select({ promptId: task.promptId, status: assignment.status, leasedUntil: assignment.leasedUntil })
      .from(assignment)
      .innerJoin(task, eq(task.id, assignment.taskId))
      .where(and(eq(task.projectId, projectId), inArray(task.promptId, [...promptIds])))
      .orderBy(asc(assignment.id))
      .for("update", { of: assignment });
    // Who takes another seat, or none, waits here or is waited for: an import, a model, an adjudicator.
    const found = await tx
      .select({ id: prompt.id })
      .from(prompt)
      .where(named)
      .orderBy(asc(prompt.id))
      .for("update");
    await tx
      .select({ id: task.id })
      .from(task)
      .where(and(eq(task.projectId, projectId), inArray(task.promptId, [...promptIds])))
      .orderBy(asc(task.id))
      .for("update");
    const judged = tx
      .select({ one: sql`1` })
      .from(annotation)
      .innerJoin(task, eq(task.id, annotation.taskId))
      .where(eq(task.promptId, prompt.id));
    const free = await tx
      .select({ id: prompt.id, externalId: prompt.externalId })
      .from(prompt)
      .where(and(named, notExists(judged)));
    if (found.length < new Set(promptIds).size) throw notFound("One of the prompts");
    if (free.length < found.length)
      throw conflict(
        `${found.length - free.length} of these prompts have judgements. Exclude the judgements instead of deleting them.`,
      );
    const held = seats.flatMap(({ promptId, status, leasedUntil }) =>
      status === "leased" && leasedUntil && leasedUntil > new Date() ? [{ promptId, leasedUntil }] : [],
    );
    if (held.length > 0)
      throw conflict(
        `${new Set(held.map(({ promptId }) => promptId)).size} of these prompts lie on raters' desks. Withdraw ` +
          "their tasks, and delete the prompts when the raters have finished or their leases have run out, the " +
          `last one by ${new Date(Math.max(...held.map(({ leasedUntil }) => leasedUntil.getTime()))).toISOString()}.`,
      );
    await tx.delete(prompt).where(named);
    await audit(tx, actor, {
      action: "content.deletePrompts",
      target: { kind: "project", id: projectId },
      projectId,
      before: free,
    });
    return { deleted: free.length };
  });
}
