import { readFileSync } from "node:fs";
import { TRPCError } from "@trpc/server";
import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  annotation,
  assignment,
  formVersion,
  gold,
  goldAnswer,
  normingItem,
  rater,
  redTeamJudgement,
  task,
} from "@/db/schema";
import { goldPolicySchema } from "@/db/shape/gold";
import { randomFor } from "@/server/demo/random";
import { storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { recountPairs } from "@/server/judgement/pairs";
import { storeJudgements } from "@/server/judgement/store";
import { testDatabase } from "./database";
import { aModel, reply } from "./model-replies";
import { type Member, newKey, prefer, type Study, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;
const STEPS = 220;
const TASKS = 10;
/** Of the tasks. */
const NORMED = 2;
const KNOWN = 8;
const OVERLAP = 2;

/** What the table says may follow: `act before` → the states after. */
const allowed = new Map<string, string[]>();
for (const line of readFileSync("server/judgement/STATES.md", "utf8").split("\n")) {
  const [, act, before, after] = line.split("|").map((cell) => cell.trim());
  if (!act || !before || !after || act === "Act" || act.startsWith("---")) continue;
  allowed.set(`${act} ${before}`, [...(allowed.get(`${act} ${before}`) ?? []), after]);
}

const of = await study(database, { tasks: TASKS, overlap: OVERLAP });
const { projectId, manager } = of;
const people = [await of.join(), await of.join(), await of.join()];
/** Compares what models reply in a chat. */
const chatter = await of.join("reviewer");
for (const { caller } of [...people, chatter]) await caller.annotation.desk({ projectId });
const raters = await Promise.all(
  [...people, chatter].map(async ({ viewer, caller }) => {
    const [{ id }] = await db.select().from(rater).where(eq(rater.personId, viewer.personId));
    return { id, caller };
  }),
);

/** Beside the work: items with known answers, a norming, models in a chat and under attack, and one that judges. */
await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(KNOWN, 2) });
const items = await db.execute<{ promptId: string; responseIds: string[] }>(sql`
  select prompt_id as "promptId", array_agg(id order by id) as "responseIds" from response
  where project_id = ${projectId} and prompt_id not in (select prompt_id from task where project_id = ${projectId})
  group by 1`);
await manager.caller.gold.create({
  projectId,
  items: items.map((item) => ({ ...item, answers: prefer("a"), reason: "So." })),
});
await manager.caller.gold.setPolicy({ projectId, policy: goldPolicySchema.parse({ rate: 0.4 }) });
const { id: normingId } = await manager.caller.norming.start({
  ...{ projectId, count: NORMED, holdsWork: false },
  personIds: people.map(({ viewer }) => viewer.personId),
});
const modelIds = [await aModel(db, projectId), await aModel(db, projectId)];
const [judge] = await db
  .insert(rater)
  .values({ projectId, kind: "model", name: "Judge", externalId: "judge" })
  .returning();
await manager.caller.redTeam.setPolicy({ projectId, policy: { open: true } });
for (const { caller } of people) await caller.redTeam.join({ projectId });

const { uniform: random } = randomFor("states");
const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
const seats = () =>
  db.select().from(assignment).where(eq(assignment.projectId, projectId)).orderBy(assignment.id);
const seatOf = async (id: string) => (await db.select().from(assignment).where(eq(assignment.id, id)))[0];
const currentOf = async (assignmentId: string) =>
  (
    await db
      .select()
      .from(annotation)
      .where(and(eq(annotation.assignmentId, assignmentId), eq(annotation.current, true)))
  )[0];

const normed = (await db.select().from(normingItem).where(eq(normingItem.normingId, normingId))).map(
  ({ taskId }) => taskId,
);
const known = (await db.select().from(gold).where(eq(gold.projectId, projectId))).map(({ taskId }) => taskId);
const isGold = (taskId: string) => known.includes(taskId);
/** Of tasks that measure their raters or are practice. */
const isApart = (taskId: string) => isGold(taskId) || normed.includes(taskId);

/** What a judgement replaced, by its id: undo goes back to just that. */
const replaced = new Map<string, { status: string; comment: string | null; current: string | undefined }>();

/** Every judgement that was ever stored, as it was stored. */
const stored = new Map<string, string>();

async function holds(step: string): Promise<void> {
  const rows = await db.select().from(annotation).where(eq(annotation.projectId, projectId));
  for (const row of rows) {
    const { current: _, withdrawnAt: __, excludedAt: ___, excludedReason: ____, ...fixed } = row;
    const text = JSON.stringify(fixed);
    expect(stored.get(row.id) ?? text, `${step}: a judgement changed`).toBe(text);
    stored.set(row.id, text);
  }
  expect(rows.length, `${step}: a judgement is lost`).toBe(stored.size);

  const withdrawn = new Set(
    (await db.select().from(rater).where(sql`consent_withdrawn_at is not null`)).map(({ id }) => id),
  );
  const all = await seats();
  for (const seat of all) {
    const on = rows.filter((row) => row.assignmentId === seat.id);
    const current = on.filter((row) => row.current);
    const isJudged =
      seat.status === "submitted" ||
      seat.status === "returned" ||
      (seat.status === "closed" &&
        seat.raterId !== null &&
        withdrawn.has(seat.raterId) &&
        current.length > 0);
    expect(current.length, `${step}: ${seat.status} seat`).toBe(isJudged ? 1 : 0);
    expect(
      on.map(({ revision }) => revision).sort((a, b) => a - b),
      `${step}: revisions`,
    ).toEqual(on.map((_, index) => index + 1));
    if (seat.status === "returned") expect(current[0].excludedAt, `${step}: sent back`).not.toBeNull();
    if (seat.status === "returned") expect(seat.returnComment, `${step}: comment`).not.toBeNull();
    if (seat.status === "submitted") expect(seat.returnComment, `${step}: comment`).toBeNull();
    if (withdrawn.has(seat.raterId ?? "")) expect(["closed", "skipped"], step).toContain(seat.status);
  }
  const tasks = await db.select().from(task).where(eq(task.projectId, projectId));
  for (const { id: taskId, overlap } of tasks) {
    const wanted = all.filter(
      (seat) => seat.taskId === taskId && seat.status !== "skipped" && seat.status !== "closed",
    );
    if (isApart(taskId)) {
      // A seat of each rater who was given it, and none that anybody may take.
      expect(
        wanted.filter((seat) => !seat.apart),
        `${step}: set apart`,
      ).toEqual([]);
      continue;
    }
    expect(wanted.length, `${step}: overlap`).toBeGreaterThanOrEqual(overlap);
    // Consent given again may find that others have judged meanwhile; then nobody else is asked.
    if (wanted.length > overlap)
      expect(
        wanted.some(({ status }) => status === "open"),
        step,
      ).toBe(false);
  }
  const counted = rows.filter(
    (row) =>
      row.current &&
      !row.apart &&
      !row.excludedAt &&
      row.origin !== "adjudication" &&
      !withdrawn.has(row.raterId),
  );
  const votes = await db.execute<{ id: string }>(
    sql`select annotation_id as id from vote where project_id = ${projectId}`,
  );
  expect(votes.map(({ id }) => id).sort(), `${step}: votes`).toEqual(counted.map(({ id }) => id).sort());
  expect(await recountPairs(db, sql`true`), `${step}: pairs`).toBe(0);

  // What an item says of its rater is the first answer that was not taken back.
  for (const { assignmentId, annotationId } of await db.select().from(goldAnswer)) {
    const [first] = rows
      .filter((row) => row.assignmentId === assignmentId && row.withdrawnAt === null)
      .sort((one, other) => one.revision - other.revision);
    expect(annotationId, `${step}: first answer`).toBe(first?.id ?? null);
  }
}

/** Seats of comparisons beside which the models' names stood: nothing is judged there again. */
const notBlind = new Set<string>();

/** Two models reply, and one reply is said to be better; where their names stood beside them it counts nowhere. */
async function chat(): Promise<void> {
  const messages = [{ role: "user" as const, content: `Well, ${newKey()}?` }];
  const named = random() < 0.4;
  const { turnId } = await chatter.caller.chat.ask({
    ...{ projectId, modelIds, conversations: [messages, messages], after: null, named },
    ...{ maxTokens: 8, temperature: 0, seed: 1 },
  });
  const replies: string[] = [];
  for (const text of ["One.", "Another."]) replies[(await reply(db, text)) ?? 0] = text;
  const { annotationId, blind } = await chatter.caller.chat.judge({
    ...{ projectId, turnId, messages, replies, answers: prefer("a") },
  });
  expect(blind).toBe(!named);
  const [kept] = await db.select().from(annotation).where(eq(annotation.id, annotationId));
  expect(kept.excludedAt === null).toBe(blind);
  if (named) notBlind.add(kept.assignmentId ?? "");
  // A seat of its own comes with it, submitted from the beginning.
  replaced.set(annotationId, { status: "leased", comment: null, current: undefined });
}

/** A model judges a task that it has not judged. */
async function judgeAsModel(): Promise<void> {
  const mine = await db
    .select()
    .from(annotation)
    .where(and(eq(annotation.raterId, judge.id), eq(annotation.current, true)));
  const tasks = await db.select().from(task).where(eq(task.projectId, projectId));
  const given = pick(tasks.filter(({ id }) => !isApart(id) && !mine.some(({ taskId }) => taskId === id)));
  if (!given) return;
  const [form] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
  const { id: taskId, promptId, responseIds } = given;
  const answers = prefer("b");
  const order = [0, 1];
  await storeJudgements(db, {
    projectId,
    judgements: [
      {
        ...{ taskId, promptId, raterId: judge.id, assignmentId: null, origin: "model", answers, order },
        facts: factsOf({ questions: storedQuestions(form.questions), answers, order, responseIds }),
        ...{ formVersionId: form.id, submittedAt: new Date() },
      },
    ],
  });
}

/** One attacks a model, and another says what came of it: a judgement of its own kind, and no vote. */
async function attack(): Promise<void> {
  const willing = [];
  for (const who of raters.slice(0, people.length)) {
    const [{ consentWithdrawnAt }] = await db.select().from(rater).where(eq(rater.id, who.id));
    if (consentWithdrawnAt === null) willing.push(who);
  }
  const [attacker, other] = willing;
  if (!attacker || !other) return;
  const begun = await attacker.caller.redTeam.begin({
    ...{ projectId, tactic: "persona", harm: "S7", wanted: "The made-up word." },
  });
  const key = { projectId, attemptId: begun.id };
  await attacker.caller.redTeam.say({ ...key, text: "The word?" });
  await reply(db, "Kumquat.");
  for await (const _ of await attacker.caller.redTeam.follow(key));
  await attacker.caller.redTeam.end({ ...key, claim: "succeeded" });
  const before = await db.$count(redTeamJudgement);
  const next = await other.caller.redTeam.next({ projectId });
  if (!next) throw new Error("Nobody is given the attempt.");
  await other.caller.redTeam.judge({ projectId, attemptId: next.attemptId, level: "no" });
  expect(await db.$count(redTeamJudgement)).toBe(before + 1);
}

type Act = (rater: (typeof raters)[number], seat: typeof assignment.$inferSelect) => Promise<unknown>;
const reason = "As it is.";
const given = (seat: typeof assignment.$inferSelect) => ({
  assignmentId: seat.id,
  answers: prefer(random() < 0.5 ? "a" : "b"),
  idempotencyKey: newKey(),
});
const onCurrent =
  (call: (input: { projectId: string; annotationIds: string[]; reason: string }) => Promise<unknown>) =>
  async (_: unknown, seat: typeof assignment.$inferSelect) => {
    const current = await currentOf(seat.id);
    if (!current) throw new TRPCError({ code: "CONFLICT", message: "There is nothing to decide about." });
    return call({ projectId, annotationIds: [current.id], reason });
  };
const acts: Record<string, Act> = {
  release: ({ caller }, { id }) => caller.annotation.release({ assignmentId: id }),
  skip: ({ caller }, { id }) => caller.annotation.skip({ assignmentId: id, reason }),
  submit: ({ caller }, seat) => caller.annotation.submit(given(seat)),
  revise: ({ caller }, seat) => caller.annotation.revise(given(seat)),
  undo: ({ caller }, { id }) => caller.annotation.undo({ assignmentId: id }),
  return: onCurrent(manager.caller.review.sendBack),
  exclude: onCurrent(manager.caller.review.exclude),
  include: onCurrent(manager.caller.review.include),
};
const reviewers = ["return", "exclude", "include"];
/** Whether the first round of the norming still takes judgements. */
const isJudgedPass = async () =>
  (
    await db.execute<{ open: boolean }>(
      sql`select opened_at is null as open from norming where id = ${normingId}`,
    )
  )[0].open;
const names = ["submit", "submit", "submit", "revise", "undo", "return", "return", ...Object.keys(acts)];

test("whatever people and models do, in any order: what the table allows happens, and nothing is lost or counts twice", async () => {
  const happened = new Set<string>();
  for (let n = 0; n < STEPS; n += 1) {
    const who = pick(raters);
    if (!who) throw new Error("nobody");
    if (n % 12 === 5) {
      const other = pick([chat, judgeAsModel, attack]) ?? chat;
      await other();
      happened.add(other.name);
      await holds(`${n} ${other.name}`);
      continue;
    }
    if (n === Math.floor(STEPS / 2) && (await isJudgedPass())) {
      const before = await seats();
      await manager.caller.norming.open({ projectId, normingId });
      for (const seat of before) {
        const after = (await seatOf(seat.id))?.status;
        const ends = seat.apart && !isGold(seat.taskId) && ["open", "leased"].includes(seat.status);
        expect(after, "norming opened").toBe(ends ? "closed" : seat.status);
      }
      await holds(`${n} norming opened`);
      continue;
    }
    const chance = random();
    if (chance < 0.25) {
      await who.caller.annotation.claim({ projectId, hold: 2 });
      await holds(`${n} claim`);
      continue;
    }
    if (chance < 0.32) {
      // For all seats of the rater at once.
      const withdrawn = random() < 0.4;
      const before = await seats();
      await manager.caller.model.setConsent({ projectId, raterId: who.id, withdrawn });
      const act = withdrawn ? "withdraw consent" : "give consent";
      for (const seat of before.filter(({ raterId }) => raterId === who.id)) {
        const after = (await seatOf(seat.id))?.status ?? "gone";
        if (after !== seat.status) {
          expect(allowed.get(`${act} ${seat.status}`), `${n} ${act}`).toContain(after);
          happened.add(`${act} ${seat.status} ${after}`);
        }
      }
      await holds(`${n} ${act}`);
      continue;
    }
    if (chance < 0.34) {
      const before = await seats();
      const call = manager.caller.review.reopen({ projectId, raterId: who.id, reason, to: "anyone" });
      const refused = await call.then(
        () => false,
        (error: unknown) => error instanceof TRPCError && error.code === "CONFLICT",
      );
      for (const seat of before.filter(({ raterId }) => raterId === who.id)) {
        const after = (await seatOf(seat.id))?.status ?? "gone";
        expect(after, `${n} reopen`).toBe(
          refused || seat.apart ? seat.status : (allowed.get(`reopen ${seat.status}`)?.[0] ?? seat.status),
        );
        if (after !== seat.status) happened.add(`reopen ${seat.status} ${after}`);
      }
      await holds(`${n} reopen`);
      continue;
    }
    if (chance < 0.36) {
      const taskId = pick((await seats()).filter(({ taskId }) => !isApart(taskId)))?.taskId ?? "";
      await manager.caller.review.adjudicate({ projectId, taskId, answers: prefer("a"), reason });
      await holds(`${n} adjudicate`);
      continue;
    }
    const seat = pick((await seats()).filter(({ raterId }) => raterId === who.id));
    if (!seat) continue;
    // Mostly what is allowed, else whatever somebody might try.
    const possible = names.filter((name) => random() < 0.3 || allowed.has(`${name} ${seat.status}`));
    const untried = possible.filter((name) =>
      allowed
        .get(`${name} ${seat.status}`)
        ?.some((after) => !happened.has(`${name} ${seat.status} ${after}`)),
    );
    const act = pick(random() < 0.6 && untried.length > 0 ? untried : possible) ?? "submit";
    const step = `${n} ${act} ${seat.status}`;
    const before = await currentOf(seat.id);
    let refusal: unknown;
    await acts[act]?.(who, seat).catch((error: unknown) => {
      refusal = error;
    });
    const after = await seatOf(seat.id);
    const now = await currentOf(seat.id);
    // Of what is set apart a reviewer decides nothing, and what was judged in a norming stays once others have seen it.
    const isPast = seat.apart && !isGold(seat.taskId) && !(await isJudgedPass());
    const isBarred =
      (seat.apart && (reviewers.includes(act) || (isPast && ["revise", "undo"].includes(act)))) ||
      (notBlind.has(seat.id) && ["submit", "revise", "undo"].includes(act));
    const may = isBarred ? undefined : allowed.get(`${act} ${seat.status}`);
    if (seat.apart && !refusal) happened.add(`${isGold(seat.taskId) ? "known" : "normed"} ${act}`);
    if (refusal) {
      expect(refusal, step).toBeInstanceOf(TRPCError);
      // On a slow machine the time for undo runs out, which is a reason, too.
      const isLate = refusal instanceof TRPCError && /^Undo works for/.test(refusal.message);
      const isEmpty = refusal instanceof TRPCError && /nothing to decide about/.test(refusal.message);
      if (!isLate && !isEmpty) expect(may, `${step} is refused: ${refusal}`).toBeUndefined();
      expect([after, now], step).toEqual([seat, before]);
    } else if (act !== "skip" || seat.status !== "skipped") {
      expect(may, step).toContain(after?.status);
      happened.add(`${act} ${seat.status} ${after?.status}`);
    }
    if (!refusal && (act === "submit" || act === "revise") && now)
      replaced.set(now.id, { status: seat.status, comment: seat.returnComment, current: before?.id });
    if (!refusal && act === "undo" && before)
      expect({ status: after?.status, comment: after?.returnComment, current: now?.id }, step).toEqual(
        replaced.get(before.id),
      );
    await holds(step);
  }
  // Each kind was there, or nothing is said of it.
  expect([...happened]).toEqual(
    expect.arrayContaining(["chat", "judgeAsModel", "attack", "known submit", "normed submit"]),
  );
});

/** The way to each row of the table, from a seat that nobody has; the last act is the row's. */
const ways: Record<string, string[]> = {
  "claim open leased": ["claim"],
  "release leased open": ["claim", "release"],
  "skip leased skipped": ["claim", "skip"],
  "submit leased submitted": ["claim", "submit"],
  "revise submitted submitted": ["claim", "submit", "revise"],
  "revise returned submitted": ["claim", "submit", "return", "revise"],
  "undo submitted leased": ["claim", "submit", "undo"],
  "undo submitted submitted": ["claim", "submit", "revise", "undo"],
  "undo submitted returned": ["claim", "submit", "return", "revise", "undo"],
  "return submitted returned": ["claim", "submit", "return"],
  "return returned returned": ["claim", "submit", "return", "return"],
  "exclude submitted submitted": ["claim", "submit", "exclude"],
  "exclude returned returned": ["claim", "submit", "return", "exclude"],
  "exclude closed closed": ["claim", "submit", "withdraw consent", "exclude"],
  "include submitted submitted": ["claim", "submit", "exclude", "include"],
  "include returned submitted": ["claim", "submit", "return", "include"],
  "include closed closed": ["claim", "submit", "exclude", "withdraw consent", "include"],
  "reopen submitted closed": ["claim", "submit", "reopen"],
  "reopen returned closed": ["claim", "submit", "return", "reopen"],
  "withdraw consent leased open": ["claim", "withdraw consent"],
  "withdraw consent submitted closed": ["claim", "submit", "withdraw consent"],
  "withdraw consent returned closed": ["claim", "submit", "return", "withdraw consent"],
  "give consent closed submitted": ["claim", "submit", "withdraw consent", "give consent"],
  "give consent closed returned": ["claim", "submit", "return", "withdraw consent", "give consent"],
};

test("each row of the table happens, and there is no way to what it does not have", async () => {
  const rows = [...allowed].flatMap(([key, afters]) => afters.map((after) => `${key} ${after}`));
  expect(Object.keys(ways).sort()).toEqual(rows.sort());
  for (const [row, way] of Object.entries(ways)) {
    const own = await study(database, { tasks: 1, overlap: 1 });
    const { caller, viewer } = await own.join();
    const [{ taskId, id }] = await db
      .select()
      .from(assignment)
      .where(eq(assignment.projectId, own.projectId));
    expect(taskId, row).toBeTruthy();
    let before = "open";
    for (const act of way) {
      before = (await seatOf(id))?.status ?? "gone";
      if (act === "claim") await caller.annotation.claim({ projectId: own.projectId });
      else await step(own, { caller, personId: viewer.personId, seatId: id, act });
    }
    const after = (await seatOf(id))?.status;
    expect(`${way.at(-1)} ${before} ${after}`, row).toBe(row);
    const isJudged =
      after === "submitted" || after === "returned" || (after === "closed" && !way.includes("reopen"));
    expect((await currentOf(id)) !== undefined, `${row}: a current judgement`).toBe(isJudged);
  }
});

/** One act on a seat of a study of its own. */
async function step(
  { projectId, manager }: Study,
  {
    caller,
    personId,
    seatId,
    act,
  }: { caller: Member["caller"]; personId: string; seatId: string; act: string },
): Promise<void> {
  const [who] = await db
    .select()
    .from(rater)
    .where(and(eq(rater.projectId, projectId), eq(rater.personId, personId)));
  const current = await currentOf(seatId);
  const judged = { assignmentId: seatId, answers: prefer("a"), idempotencyKey: newKey() };
  const decide = { projectId, annotationIds: [current?.id ?? ""], reason };
  const consent = (withdrawn: boolean) =>
    manager.caller.model.setConsent({ projectId, raterId: who.id, withdrawn });
  // Undo works for seconds, which a busy machine takes for less.
  if (act === "undo")
    await db.update(annotation).set({ createdAt: new Date() }).where(eq(annotation.assignmentId, seatId));
  const all: Record<string, () => Promise<unknown>> = {
    release: () => caller.annotation.release({ assignmentId: seatId }),
    skip: () => caller.annotation.skip({ assignmentId: seatId, reason }),
    submit: () => caller.annotation.submit(judged),
    revise: () => caller.annotation.revise(judged),
    undo: () => caller.annotation.undo({ assignmentId: seatId }),
    return: () => manager.caller.review.sendBack(decide),
    exclude: () => manager.caller.review.exclude(decide),
    include: () => manager.caller.review.include(decide),
    reopen: () => manager.caller.review.reopen({ projectId, raterId: who.id, reason, to: "anyone" }),
    "withdraw consent": () => consent(true),
    "give consent": () => consent(false),
  };
  await all[act]();
}
