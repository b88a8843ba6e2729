import { randomInt } from "node:crypto";
import { and, arrayOverlaps, asc, eq, inArray, isNotNull } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, chatTurn, model, modelCall, response, task, taskSeen } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { noteSeen } from "../blindness/seen";
import { addPrompts } from "../content/content";
import { promptKey, responseKey, sha256, taskKey } from "../content/keys";
import { conflict, invalid, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { answerProblems, comparing, toCanonical } from "../form/answers";
import { currentForm } from "../form/versions";
import { factsOf } from "../judgement/facts";
import { storeFirst } from "../judgement/store";
import { canonicalView } from "../judgement/submit";
import { sourceOf } from "../model/model";
import { raterOf } from "../rater/rater";
import { leaveOut } from "../review/curate";
import { lockRater } from "../seat/lock";
import { queueCall } from "../serving/call";
import { insertTasks } from "../task/insert";
import type { AskedTurn, JudgedTurn } from "./schema";

/** Why a comparison counts nowhere, as a reviewer reads it beside the judgement. */
const NOT_BLIND = "Not blind: the names of the models stood beside these replies, now or before.";

interface TurnKey {
  projectId: string;
  personId: string;
  turnId: string;
}

type Person = Actor & { personId: string };

/**
 * Asks both speakers of a conversation. Who stands in which place is drawn for each turn that both answer alike, and the
 * browser is not told: it gets the calls by their places. Speakers with conversations of their own keep their places.
 */
export async function askTurn(
  db: Db,
  actor: Person,
  { projectId, modelIds, conversations, after, named, ...sampling }: AskedTurn & { projectId: string },
): Promise<{ turnId: string; callIds: string[] }> {
  const keys = conversations.map((messages) => promptKey(messages));
  const isShared = keys[0] === keys[1];
  return db.transaction(async (tx) => {
    const before =
      after && !isShared ? await turnOf(tx, { projectId, personId: actor.personId, turnId: after }) : null;
    const speakers = (before?.speakers.map((one) => one.modelId) ?? modelIds).map((modelId, i) => ({
      modelId,
      // Each draws its own, also where both are one model.
      seed: 2 * sampling.seed + i,
    }));
    const places = before ? speakers : drawn(speakers);
    const [{ turnId }] = await tx
      .insert(chatTurn)
      .values({
        ...{ projectId, personId: actor.personId, promptKey: isShared ? keys[0] : null },
        // The name of one model that is asked twice is known from the beginning.
        namesShownAt: named || modelIds[0] === modelIds[1] ? new Date() : before?.namesShownAt,
      })
      .returning({ turnId: chatTurn.id });
    const callIds: string[] = [];
    for (const [place, { modelId, seed }] of places.entries()) {
      const request = {
        ...{ kind: "write" as const, prompts: [conversations[place]], samples: 1, topP: 1 },
        ...{ maxTokens: sampling.maxTokens, temperature: sampling.temperature },
        ...{ seed, stop: [], logprobs: null, echo: false },
      };
      callIds.push((await queueCall(tx, actor, { projectId, modelId, request, turnId, place })).callId);
    }
    return { turnId, callIds };
  });
}

const drawn = <T>(two: readonly T[]): readonly T[] => (randomInt(2) === 0 ? two : two.toReversed());

/**
 * A turn of one's own with its speakers in their places; held, where asked, until the transaction ends.
 * @throws NOT_FOUND for a turn of somebody else, or one that is forgotten
 */
async function turnOf(tx: Db, { projectId, personId, turnId }: TurnKey, hold = false) {
  const asked = tx
    .select()
    .from(chatTurn)
    .where(and(eq(chatTurn.id, turnId), eq(chatTurn.projectId, projectId), eq(chatTurn.personId, personId)));
  const [turn] = await (hold ? asked.for("update") : asked);
  const speakers = await tx
    .select({ modelId: model.id, name: model.name, status: modelCall.status, said: modelCall.said })
    .from(modelCall)
    .innerJoin(model, eq(model.id, modelCall.modelId))
    .where(and(eq(modelCall.turnId, turnId), eq(modelCall.projectId, projectId)))
    .orderBy(asc(modelCall.place));
  if (!turn || speakers.length < 2) throw notFound("The turn of this conversation");
  return { ...turn, speakers };
}

/** Tells who stands where, and keeps that it was told: what is judged afterwards is not blind. */
export async function showNames(db: Db, key: TurnKey): Promise<string[]> {
  return db.transaction(async (tx) => {
    const turn = await turnOf(tx, key, true);
    if (!turn.namesShownAt)
      await tx.update(chatTurn).set({ namesShownAt: new Date() }).where(eq(chatTurn.id, turn.id));
    if (turn.annotationId) {
      const [judged] = await tx
        .select({ taskId: annotation.taskId })
        .from(annotation)
        .where(eq(annotation.id, turn.annotationId));
      if (judged) await noteSeen(tx, { personId: key.personId, shown: [judged] });
    }
    return turn.speakers.map(({ name }) => name);
  });
}

/**
 * Keeps which of two replies is better as a judgement of the project, with the conversation, both replies and the order
 * in which they stood. One that was not blind is left out in the same moment, also where the names are known from
 * before: the same question gets the same reply again. A model that was asked twice is judged blind also where its name
 * is known: it says nothing of which reply is whose.
 * @throws CONFLICT where the replies are not what the models said, or were judged before
 */
export async function judgeTurn(
  db: Db,
  actor: Person,
  { projectId, turnId, messages, replies, answers, inView, visibleMs }: JudgedTurn & { projectId: string },
): Promise<{ annotationId: string; blind: boolean }> {
  const { personId } = actor;
  const [one, other] = replies;
  if (one === other) throw invalid("Both replies are the same: there is nothing to compare.");
  if (!one || !other) throw invalid("One of the models replied nothing: there is nothing to compare.");
  return db.transaction(async (tx) => {
    const turn = await turnOf(tx, { projectId, personId, turnId }, true);
    if (turn.annotationId) throw conflict("You have judged these replies already. Nothing was stored.");
    if (turn.promptKey !== promptKey(messages))
      throw conflict(
        "The replies do not answer this conversation, or not the same one, so that they cannot be compared. Ask again.",
      );
    if (turn.speakers.some(({ status, said }, place) => status !== "done" || said !== sha256(replies[place])))
      throw conflict(
        "The replies are not as the models gave them, or were stopped before their end, so that they cannot be judged. Ask again.",
      );
    const raterId = await raterOf(tx, { projectId, personId });
    const rater = await lockRater(tx, raterId);
    requireMayJudge(rater);
    const form = await currentForm(tx, projectId);
    const questions = comparing(form.questions, 2);
    const problems = answerProblems(questions, 2, answers);
    if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
    if (Object.keys(answers).length === 0) throw invalid("Say which reply is better.");

    const shown = replies.map((content, place) => ({
      ...{ content, source: sourceOf({ ...turn.speakers[place], id: turn.speakers[place].modelId }) },
      metadata: { chatTurnId: turnId },
    }));
    const {
      promptIds: [promptId],
    } = await addPrompts(tx, actor, {
      projectId,
      prompts: [{ messages, source: "Chat", metadata: { chatTurnId: turnId }, responses: shown }],
    });
    const keys = shown.map(responseKey);
    const stored = await tx
      .select({ id: response.id, key: response.key })
      .from(response)
      .where(and(eq(response.promptId, promptId), inArray(response.key, keys)));
    // Which was first on the screen does not decide which is first here.
    const responseIds = stored.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ id }) => id);
    const order = keys.map((key) => responseIds.indexOf(stored.find((reply) => reply.key === key)?.id ?? ""));
    const key = taskKey(turn.promptKey, [...keys, raterId]);
    const made = await insertTasks(tx, {
      projectId,
      tasks: [{ promptId, key, responseIds, overlap: 1, openSeats: 0 }],
    });
    const taskId = made.get(key);
    if (!taskId)
      throw conflict(
        "You have judged the same two replies to the same conversation before. Nothing was stored.",
      );
    const canonical = toCanonical(questions, answers, order);
    await storeFirst(tx, {
      ...{ projectId, formVersionId: form.id, origin: "chat" },
      judgements: [
        {
          ...{ taskId, promptId, raterId, answers: canonical, order },
          ...factsOf({ questions, answers: canonical, order, responseIds }),
        },
      ],
    });
    const [{ id: annotationId }] = await tx
      .select({ id: annotation.id })
      .from(annotation)
      .where(and(eq(annotation.taskId, taskId), eq(annotation.raterId, raterId)));
    await tx
      .update(annotation)
      // A program may leave both out: there is nothing to set then, which drizzle refuses.
      .set({ inView: inView ? canonicalView(inView, order) : null, visibleMs: visibleMs ?? null })
      .where(eq(annotation.id, annotationId));
    await tx.update(chatTurn).set({ annotationId }).where(eq(chatTurn.id, turnId));
    const isTwice = turn.speakers[0].modelId === turn.speakers[1].modelId;
    const blind =
      isTwice ||
      (turn.namesShownAt === null && !(await knowsReplies(tx, { ...turn, promptId, responseIds, replies })));
    await audit(tx, actor, {
      action: "chat.judge",
      target: { kind: "annotation", id: annotationId },
      projectId,
      after: { taskId, answers: canonical, blind },
    });
    if (!blind) {
      await noteSeen(tx, { personId, shown: [{ taskId }] });
      await leaveOut(tx, actor, { projectId, annotationIds: [annotationId], reason: NOT_BLIND });
    }
    projectChanged(db, projectId);
    return { annotationId, blind };
  });
}

/** Whether somebody knows from before which model gave one of the replies: from an earlier turn, or the project's pages. */
async function knowsReplies(
  tx: Db,
  {
    projectId,
    personId,
    promptKey,
    promptId,
    responseIds,
    replies,
  }: Pick<typeof chatTurn.$inferSelect, "projectId" | "personId" | "promptKey"> & {
    promptId: string;
    responseIds: string[];
    replies: readonly string[];
  },
): Promise<boolean> {
  const [named] = await tx
    .select({ id: chatTurn.id })
    .from(chatTurn)
    .innerJoin(modelCall, eq(modelCall.turnId, chatTurn.id))
    .where(
      and(
        eq(chatTurn.projectId, projectId),
        eq(chatTurn.personId, personId),
        eq(chatTurn.promptKey, promptKey ?? ""),
        isNotNull(chatTurn.namesShownAt),
        inArray(modelCall.said, replies.map(sha256)),
      ),
    )
    .limit(1);
  if (named) return true;
  const [seen] = await tx
    .select({ taskId: task.id })
    .from(task)
    .innerJoin(taskSeen, and(eq(taskSeen.taskId, task.id), eq(taskSeen.personId, personId)))
    .where(and(eq(task.promptId, promptId), arrayOverlaps(task.responseIds, responseIds)))
    .limit(1);
  return seen !== undefined;
}

/** Whoever gets no tasks in the project does not judge beside them either. */
function requireMayJudge(rater: Awaited<ReturnType<typeof lockRater>>): void {
  const why = rater.isArchived
    ? "The project is archived."
    : rater.hasWithdrawn
      ? "Your consent to the use of your judgements is withdrawn. A manager can take it down that you give it again."
      : rater.blockReason
        ? "Your work in this project is paused. A manager can say why, and let you go on."
        : rater.gold.qualification && !rater.isQualified
          ? "The project has a qualification that you have not passed: judge its tasks on the desk first."
          : null;
  if (why) throw conflict(`${why} Nothing was stored.`);
}
