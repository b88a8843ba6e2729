import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import {
  admitted,
  candidate,
  dataAsk,
  dataRun,
  datasetRow,
  datasetVersion,
  endpoint,
  model,
  run,
  task,
} from "../../db/schema";
import type { candidateShows } from "../../db/shape/candidate";
import type { CandidateContent, DataInput, DataRecipe, EditedContent } from "../../db/shape/construction";
import { replySchema } from "../../db/shape/endpoint";
import { plainNumbers, writeJson } from "../../db/shape/written-json";
import { type Actor, audit } from "../audit/audit";
import { addPrompts } from "../content/content";
import { promptKey, responseKey, taskKey } from "../content/keys";
import { conflict, invalid, notFound } from "../errors";
import type { Answers, Question } from "../form/schema";
import { factsOf } from "../judgement/facts";
import { retire } from "../judgement/retire";
import { storeJudgements } from "../judgement/store";
import { raterOf } from "../rater/rater";
import { insertTasks } from "../task/insert";
import type { Method } from "./method/method";
import { methodOf } from "./method/methods";
import { adoptQuestion, auditsOfRuns, isUnreviewed, openDataRun, requireEnded } from "./run";
import type { Candidate, CandidateTrace, candidatesInputSchema, decisionSchema } from "./schema";
import { stands } from "./standing";
import { isPassedTooLittle } from "./stops";
import { asWritten, decidedOf } from "./words";

const {
  projectId: _project,
  sourcePrompts: _prompts,
  sourceAnnotations: _annotations,
  decidedBy: _by,
  annotationId: _annotation,
  createdAt: _created,
  ...shown
} = getTableColumns(candidate);

const isWaiting = and(
  isNull(candidate.dropped),
  eq(candidate.audited, true),
  isNull(candidate.decision),
  stands,
);

const showing: Record<(typeof candidateShows)[number], SQL | undefined> = {
  all: undefined,
  kept: isNull(candidate.dropped),
  dropped: isNotNull(candidate.dropped),
  waiting: isWaiting,
  decided: isNotNull(candidate.decision),
};

/** A run's candidates in the order in which they were made, one page after `cursor`. */
export async function listCandidates(
  db: Db,
  { projectId, runId, only, cursor, limit }: z.infer<typeof candidatesInputSchema> & { projectId: string },
): Promise<{ items: Candidate[]; nextCursor: number | null }> {
  // Its inputs, which can be many megabytes, stay where they are.
  if ((await db.$count(dataRun, and(eq(dataRun.runId, runId), eq(dataRun.projectId, projectId)))) === 0)
    throw notFound("The data run");
  const items = await db
    .select({ ...shown, stands })
    .from(candidate)
    .where(
      and(
        eq(candidate.projectId, projectId),
        eq(candidate.runId, runId),
        showing[only],
        cursor === undefined ? undefined : gt(candidate.position, cursor),
      ),
    )
    .orderBy(asc(candidate.position))
    .limit(limit);
  return { items, nextCursor: items.length === limit ? items[items.length - 1].position : null };
}

interface Key {
  projectId: string;
  runId: string;
  candidateId: string;
}

/** A candidate with all that stands behind it, down to the raw words of models. */
export async function traceCandidate(db: Db, key: Key): Promise<CandidateTrace> {
  const { projectId, runId, candidateId } = key;
  const [found] = await db
    .select({ ...shown, stands })
    .from(candidate)
    .where(
      and(eq(candidate.id, candidateId), eq(candidate.runId, runId), eq(candidate.projectId, projectId)),
    );
  if (!found) throw notFound("The candidate");
  const { inputs } = await openDataRun(db, { projectId, runId });
  const named = [...found.parents, ...(found.content.nearest ? [found.content.nearest.of] : [])];
  const earlier = await db
    .select({ key: candidate.key, content: candidate.content })
    .from(candidate)
    .where(and(eq(candidate.runId, runId), inArray(candidate.key, named)));
  const asks = await db
    .select()
    .from(dataAsk)
    .where(and(eq(dataAsk.runId, runId), inArray(dataAsk.key, found.asks)));
  const texts = new Map([
    ...inputs.map((input) => [input.id, textOfInput(input)] as const),
    ...earlier.map(({ key, content }) => [key, textOfContent(content)] as const),
  ]);
  const input = new Map(inputs.map((one) => [one.id, one]));
  return {
    candidate: found,
    parents: found.parents.map((id) => ({
      id,
      text: texts.get(id) ?? "",
      promptId: input.get(id)?.promptId ?? null,
      licence: input.get(id)?.document?.licence ?? null,
    })),
    nearest: found.content.nearest ? (texts.get(found.content.nearest.of) ?? null) : null,
    asks: found.asks.flatMap((key) => {
      const ask = asks.find((one) => one.key === key);
      if (!ask) return [];
      const reply = replySchema.safeParse(plainNumbers(ask.reply)).data;
      return {
        ...{ key, slot: ask.slot, request: writeJson(ask.request, 2), failure: ask.failure },
        text: reply ? reply.text : ask.reply === null ? null : writeJson(ask.reply),
        model: reply?.model ?? null,
        input: reply?.usage.input ?? null,
        output: reply?.usage.output ?? null,
      };
    }),
  };
}

const textOfInput = ({ document, messages, response }: DataInput): string =>
  document
    ? `${document.name}\n${document.text}`
    : [...messages.map(({ content }) => content), ...(response ? [response] : [])].join("\n\n");

const textOfContent = ({ prompt, responses }: CandidateContent): string =>
  [...prompt.map(({ content }) => content), ...responses.map(({ text }) => text)].join("\n\n");

/**
 * Keeps what a person says of a candidate. An accepted or edited one becomes a prompt of the project, with its reply as
 * a demonstration or its pair as a comparison, judged by whoever accepts it. That is no vote: they saw which reply the
 * method prefers, and it counts as an adjudication does. Said again, it replaces what was said before.
 * @throws CONFLICT where what it was made from was withdrawn, or the same row is in the project already
 */
export async function decide(
  db: Db,
  actor: Actor,
  given: z.infer<typeof decisionSchema> & Key & { personId: string },
): Promise<Candidate> {
  const { projectId, runId, candidateId, personId, decision, reason, edited } = given;
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select({ ...getTableColumns(candidate), stands })
      .from(candidate)
      .where(
        and(eq(candidate.id, candidateId), eq(candidate.runId, runId), eq(candidate.projectId, projectId)),
      )
      .for("no key update", { of: candidate });
    if (!found) throw notFound("The candidate");
    if (found.dropped !== null)
      throw conflict(`Filters dropped this candidate (${found.dropped}): it cannot be used.`);
    if (!found.stands && decision !== "rejected")
      throw conflict("What this was made from was withdrawn: reject it, or bring that back first.");
    if (found.annotationId && found.decision === null)
      throw conflict("This row was taken over without a look. Leave it out of datasets where it is wrong.");
    if (found.annotationId) await retire(tx, { annotationIds: [found.annotationId], withdrawn: true });
    const used =
      decision === "rejected"
        ? { promptId: null, annotationId: null }
        : await takeOver(tx, actor, {
            of: await takingOver(tx, actor, { projectId, runId }),
            raterId: await raterOf(tx, { projectId, personId }),
            origin: "adjudication" as const,
            row: found,
            content: edited ?? asWritten(found.content),
          });
    if (!used) throw conflict("The project has this row from elsewhere already: reject it as a duplicate.");
    const [after] = await tx
      .update(candidate)
      .set({
        ...{ decision, reason: reason ?? null, edited: edited ?? null, decidedBy: personId },
        ...{ decidedAt: sql`now()`, ...used },
      })
      .where(eq(candidate.id, candidateId))
      .returning(shown);
    await audit(tx, actor, {
      action: "construction.decide",
      target: { kind: "candidate", id: candidateId },
      projectId,
      before: { decision: found.decision, annotationId: found.annotationId },
      after: { decision, reason: after.reason, ...used },
    });
    return { ...after, stands: found.stands };
  });
}

type RunKey = Pick<Key, "projectId" | "runId">;

/** A run without its inputs, which can be many megabytes. */
async function recipeOf(tx: Db, { projectId, runId }: RunKey) {
  const [found] = await tx
    .select({ recipe: dataRun.recipe, raterId: dataRun.raterId, title: run.title })
    .from(dataRun)
    .innerJoin(run, eq(run.id, dataRun.runId))
    .where(and(eq(dataRun.runId, runId), eq(dataRun.projectId, projectId)));
  if (!found) throw notFound("The data run");
  return found;
}

/** What all rows of a run have in common when they are taken over, with the question that they answer. */
async function takingOver(tx: Db, actor: Actor, { projectId, runId }: RunKey) {
  const { recipe, title } = await recipeOf(tx, { projectId, runId });
  const makes = methodOf(recipe.method)?.makes ?? "examples";
  return {
    ...{ projectId, runId, recipe, title, makes },
    ...(await adoptQuestion(tx, actor, { projectId, makes })),
  };
}

interface TakenOver {
  of: Awaited<ReturnType<typeof takingOver>>;
  raterId: string;
  origin: "adjudication" | "model";
  row: Pick<typeof candidate.$inferSelect, "id" | "content">;
  content: EditedContent;
}

/** Makes content and a judgement of a row. @returns null where its rater judged the same row before */
async function takeOver(
  tx: Db,
  actor: Actor,
  { of, raterId, origin, row, content }: TakenOver,
): Promise<{ promptId: string; annotationId: string } | null> {
  const { projectId, runId, recipe, title, makes, formVersionId, question } = of;
  if (content.responses.length !== (makes === "pairs" ? 2 : 1))
    throw invalid(makes === "pairs" ? "A pair has two replies." : "An example has one reply.");
  if (makes === "pairs" && content.responses[0] === content.responses[1])
    throw invalid(
      "Both replies are the same: a pair has a better and a worse one. Change one, or reject it.",
    );
  const sources = await sourcesOf(tx, recipe, row.content);
  // What people see of the machine's words stays as they were written; the demonstration says what was made of them. Of a
  // pair they see what was made of it, which are the model's words no longer.
  const original = asWritten(row.content).responses;
  const replies = (makes === "pairs" ? content.responses : original).map((text, at) => ({
    content: text,
    source: `${sources[at].slice(0, 180)}${text === original[at] ? "" : ", edited"}`,
    metadata: { runId, candidateId: row.id },
  }));
  const {
    promptIds: [promptId],
  } = await addPrompts(tx, actor, {
    projectId,
    prompts: [
      {
        messages: content.messages,
        source: title.slice(0, 200),
        metadata: { runId, candidateId: row.id },
        responses: replies,
      },
    ],
  });
  const keys = replies.map(responseKey);
  const stored = await tx.query.response.findMany({
    columns: { id: true, key: true },
    where: (t, { and, eq, inArray }) => and(eq(t.promptId, promptId), inArray(t.key, keys)),
  });
  const responseIds = keys.map((key) => stored.find((one) => one.key === key)?.id ?? "");
  const key = taskKey(promptKey(content.messages), keys);
  const made = await insertTasks(tx, {
    projectId,
    tasks: [{ promptId, key, responseIds, overlap: 0, openSeats: 0 }],
  });
  const [known] = made.has(key)
    ? []
    : await tx
        .select()
        .from(task)
        .where(and(eq(task.projectId, projectId), eq(task.key, key)))
        // Whoever decides on the same row at the same time, here or in the review, comes after.
        .for("no key update");
  const taskId = made.get(key) ?? known.id;
  const canonical = known?.responseIds ?? responseIds;
  const judged = and(
    eq(admitted.taskId, taskId),
    origin === "model" ? eq(admitted.raterId, raterId) : eq(admitted.isAdjudication, true),
  );
  if ((await tx.$count(admitted, judged)) > 0) return null;
  const answers = answersOf(question, content, { makes, better: canonical.indexOf(responseIds[0]) });
  const order = canonical.map((_, place) => place);
  const [annotationId] = await storeJudgements(tx, {
    projectId,
    judgements: [
      {
        ...{ taskId, promptId, raterId, assignmentId: null, origin, answers, order, formVersionId },
        facts: factsOf({ questions: [question], answers, order: null, responseIds: canonical }),
        submittedAt: new Date(),
      },
    ],
  });
  return { promptId, annotationId };
}

/** Who wrote each reply, in the order of `asWritten`: its model by the name it is known by, or a person. */
async function sourcesOf(
  tx: Db,
  recipe: DataRecipe,
  { responses, pair }: CandidateContent,
): Promise<string[]> {
  const names = await Promise.all(
    responses.map(async ({ by }) => {
      const wrote = by ? recipe.slots[by.slot]?.[by.at] : undefined;
      if (!wrote) return "a person";
      const [found] =
        "endpointId" in wrote
          ? await tx.select({ name: endpoint.model }).from(endpoint).where(eq(endpoint.id, wrote.endpointId))
          : await tx.select({ name: model.name }).from(model).where(eq(model.id, wrote.modelId));
      return found?.name ?? "a model that is gone";
    }),
  );
  return pair ? [names[pair.chosen], names[pair.rejected]] : names;
}

/** To the question that a run's rows answer: see `adoptQuestion`. */
function answersOf(
  { id }: Question,
  { responses }: EditedContent,
  { makes, better }: { makes: Method["makes"]; better: number },
): Answers {
  return {
    [id]:
      makes === "pairs"
        ? { type: "preference", outcome: better === 0 ? "a" : "b", level: 1 }
        : { type: "text", text: responses[0], chips: [] },
  };
}

/** Rows of one call: somebody waits for it. */
const AT_ONCE = 500;

/**
 * Takes over rows that nobody looked at, once people have judged every one that was drawn and not passed too few of them
 * by the recipe. Their judgements are of the
 * run itself, a rater that is a model: a dataset has them where its recipe counts models, and its version says what
 * share of those people looked at passed.
 */
export async function releaseUnreviewed(
  db: Db,
  actor: Actor,
  { projectId, runId }: { projectId: string; runId: string },
): Promise<{ used: number; known: number; left: number }> {
  return db.transaction(async (tx) => {
    const { raterId, recipe } = await recipeOf(tx, { projectId, runId });
    if (!raterId)
      throw conflict("This recipe names no audit share: people look at each row, and nothing else is used.");
    await requireEnded(tx, runId);
    const ofRun = eq(candidate.runId, runId);
    const waiting = await tx.$count(candidate, and(ofRun, isWaiting));
    if (waiting > 0)
      throw conflict(`${waiting} of the rows that were drawn have not been judged: judge them first.`);
    const audited = (await auditsOfRuns(tx, [runId])).get(runId);
    if (!audited?.pass) throw conflict("No row was drawn and judged: nothing is known of the others.");
    const decided = decidedOf(audited);
    if (isPassedTooLittle({ passed: audited.accepted, decided }, recipe.stops))
      throw conflict(
        `People passed ${audited.accepted} of the ${decided} rows that were drawn, too few for stops.auditBelow of ${recipe.stops.auditBelow}: decide on the others one by one. Or start the recipe with a lower auditBelow, which asks models nothing again.`,
      );
    const rows = await tx
      .select({ id: candidate.id, content: candidate.content })
      .from(candidate)
      .where(and(ofRun, isUnreviewed))
      .orderBy(asc(candidate.position))
      .limit(AT_ONCE)
      .for("no key update");
    const of = await takingOver(tx, actor, { projectId, runId });
    let used = 0;
    const known: string[] = [];
    for (const row of rows) {
      const content = asWritten(row.content);
      const taken = await takeOver(tx, actor, { of, raterId, origin: "model", row, content });
      if (taken) await tx.update(candidate).set(taken).where(eq(candidate.id, row.id));
      else known.push(row.id);
      if (taken) used++;
    }
    // The same texts twice are one row.
    if (known.length > 0)
      await tx
        .update(candidate)
        .set({ decision: "rejected", reason: "The same row as another", decidedAt: sql`now()` })
        .where(inArray(candidate.id, known));
    const left = await tx.$count(candidate, and(ofRun, isUnreviewed));
    await audit(tx, actor, {
      action: "construction.release",
      target: { kind: "run", id: runId },
      projectId,
      after: { used, known: known.length, left, pass: audited.pass },
    });
    return { used, known: known.length, left };
  });
}

/** The data runs whose rows are in a version of a dataset, and how people judge each of them. */
export async function runsBehindVersion(
  db: Db,
  { projectId, versionId }: { projectId: string; versionId: string },
) {
  const version = and(eq(datasetVersion.id, versionId), eq(datasetVersion.projectId, projectId));
  if ((await db.$count(datasetVersion, version)) === 0) throw notFound("The version");
  const rows = await db
    .select({
      runId: candidate.runId,
      title: run.title,
      rows: sql<number>`count(distinct ${datasetRow.index})::int`,
      reviewed: sql<number>`count(distinct ${datasetRow.index}) filter (where ${candidate.decision} is not null)::int`,
    })
    .from(datasetRow)
    .innerJoin(candidate, sql`${candidate.annotationId} = any(${datasetRow.annotationIds})`)
    .innerJoin(run, eq(run.id, candidate.runId))
    .where(eq(datasetRow.versionId, versionId))
    .groupBy(candidate.runId, run.title)
    .orderBy(asc(candidate.runId));
  const audits = await auditsOfRuns(
    db,
    rows.map(({ runId }) => runId),
  );
  return rows.flatMap((row) => {
    const audited = audits.get(row.runId);
    return audited ? [{ ...row, audit: audited }] : [];
  });
}
