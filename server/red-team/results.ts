import { and, asc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import {
  benchmark,
  benchmarkItem,
  isAttack,
  isGiven,
  model,
  rater,
  redTeamAttempt,
  redTeamJudgement,
} from "../../db/schema";
import { hazardIn, type TaxonomyId } from "../../db/shape/harm";
import { type AttackLevel, attackLevels } from "../../db/shape/red-team";
import { type Actor, audit } from "../audit/audit";
import { gradedOf } from "../benchmark/graded";
import { groupBy, numberOf } from "../group";
import { cohen } from "../statistics/agreement/cohen";
import { agreement } from "../statistics/agreement/interval";
import { unitsOf } from "../statistics/agreement/ratings";
import { raw } from "../statistics/agreement/raw";
import { shareByPrompt } from "../statistics/judge/compared";
import { guarded } from "./guard";
import { redTeamPolicy } from "./policy";
import type {
  attemptsInputSchema,
  exportedAttemptSchema,
  JudgedAttempt,
  Measured,
  RedTeamResults,
  Refusals,
  Share,
} from "./schema";

type Row = typeof redTeamAttempt.$inferSelect;

/** An ended attempt with what people say of it. */
interface Judged extends Row {
  model: string;
  attacker: string;
  judgements: { id: string; raterId: string; level: AttackLevel; note: string }[];
  /** Whether all have judged it who are to. */
  isJudged: boolean;
  /** What most say; null where as many say one as another, and where nobody said. */
  people: AttackLevel | null;
  /** The prompt, as what is independent: how the conversation begins. */
  cluster: string;
}

/** What most of several people say; null where two answers are as frequent. */
function mostOf(levels: readonly AttackLevel[]): AttackLevel | null {
  const counts = attackLevels.map((level) => levels.filter((one) => one === level).length);
  const most = Math.max(...counts);
  const [first, ...others] = attackLevels.filter((_, at) => counts[at] === most);
  return most === 0 || others.length > 0 ? null : first;
}

/**
 * The ended attempts of a project with what people say of them, oldest first: of attackers and of judges whose consent
 * stands.
 */
export async function judgedAttempts(db: Db, projectId: string): Promise<Judged[]> {
  const rows = await db
    .select({ attempt: redTeamAttempt, model: model.name, attacker: rater.name })
    .from(redTeamAttempt)
    .innerJoin(model, eq(model.id, redTeamAttempt.modelId))
    .innerJoin(rater, eq(rater.id, redTeamAttempt.raterId))
    .where(and(eq(redTeamAttempt.projectId, projectId), isAttack))
    .orderBy(asc(redTeamAttempt.id));
  const said = await db
    .select()
    .from(redTeamJudgement)
    .where(
      and(
        eq(redTeamJudgement.projectId, projectId),
        eq(redTeamJudgement.state, "judged"),
        isGiven(redTeamJudgement.raterId),
      ),
    )
    .orderBy(asc(redTeamJudgement.judgedAt), asc(redTeamJudgement.id));
  const byAttempt = groupBy(said, ({ attemptId }) => attemptId);
  return rows.map(({ attempt, ...names }) => {
    const judgements = (byAttempt.get(attempt.id) ?? []).flatMap(({ id, raterId, level, note }) =>
      level ? [{ id, raterId, level, note }] : [],
    );
    return {
      ...attempt,
      ...names,
      judgements,
      isJudged: judgements.length >= attempt.overlap,
      people: mostOf(judgements.map(({ level }) => level)),
      cluster: (attempt.messages.find(({ role }) => role === "user")?.content ?? attempt.id)
        .toLowerCase()
        .replace(/\s+/g, " ")
        .trim(),
    };
  });
}

/** A share of rows of which those of one prompt are not independent. */
function shareOf(rows: readonly { cluster: string; counts: boolean }[]): Share {
  return shareByPrompt(
    rows.map(({ cluster, counts }) => ({ prompt: cluster, count: Number(counts), of: 1 })),
  );
}

/** Two raters on the same things, each yes or no, clustered by prompt: κ and the raw share. */
function beside(rows: readonly { cluster: string; one: boolean; other: boolean }[]): {
  kappa: Measured;
  raw: Measured;
} {
  const units = unitsOf(
    {
      ...{ items: rows.length, raters: 2, categories: [0, 1] },
      item: Int32Array.from(rows.flatMap((_, item) => [item, item])),
      rater: Int32Array.from(rows.flatMap(() => [0, 1])),
      value: Float64Array.from(rows.flatMap(({ one, other }) => [Number(one), Number(other)])),
      group: groupsOf(rows),
    },
    { byRater: true },
  );
  return {
    kappa: told(agreement(cohen(units, "identity", [0, 1]), units)),
    raw: told(agreement(raw(), units)),
  };
}

/** The number of each row's prompt. */
function groupsOf(rows: readonly { cluster: string }[]): Int32Array {
  const prompts = new Map<string, number>();
  return Int32Array.from(rows, ({ cluster }) => numberOf(prompts, cluster));
}

const told = ({ estimate, low, high, n, reason }: Measured): Measured => ({
  ...{ estimate, low, high, n },
  ...(reason && { reason }),
});

/** How far people, the guard and the attackers themselves agree, and what succeeded, by tactic and by harm. */
export async function redTeamResults(db: Db, projectId: string): Promise<RedTeamResults> {
  const { guard } = await redTeamPolicy(db, projectId);
  const all = await judgedAttempts(db, projectId);
  const judged = all.filter(({ isJudged }) => isJudged);
  const settled = judged.flatMap((attempt) =>
    attempt.people ? [{ ...attempt, succeeded: attempt.people === "succeeded" }] : [],
  );
  const said = guard ? await guarded(db, { projectId, guard, attemptIds: judged.map(({ id }) => id) }) : null;
  const several = judged.filter(({ judgements }) => judgements.length > 1);
  const raters = new Map<string, number>();
  const votes = several.flatMap(({ judgements }, item) =>
    judgements.map(({ raterId, level }) => ({
      ...{ item, rater: numberOf(raters, raterId), value: attackLevels.indexOf(level) },
    })),
  );
  const among = unitsOf({
    ...{ items: several.length, raters: raters.size, categories: attackLevels.map((_, at) => at) },
    item: Int32Array.from(votes, ({ item }) => item),
    rater: Int32Array.from(votes, ({ rater: who }) => who),
    value: Float64Array.from(votes, ({ value }) => value),
    group: groupsOf(several),
  });
  const by = (name: (attempt: Row) => string) =>
    [...groupBy(settled, name)].map(([key, own]) => ({
      name: key,
      succeeded: shareOf(own.map(({ cluster, succeeded }) => ({ cluster, counts: succeeded }))),
    }));
  return {
    attempts: { ended: all.length, judged: judged.length },
    agreement: {
      guard: said && {
        ...beside(
          settled.flatMap(({ id, cluster, succeeded }) => {
            const other = said.succeeded.get(id);
            return other === undefined ? [] : [{ cluster, one: succeeded, other }];
          }),
        ),
        failed: said.failed,
      },
      attackers: beside(
        settled.map(({ cluster, succeeded, claim }) => ({
          cluster,
          one: succeeded,
          other: claim === "succeeded",
        })),
      ),
      people: told(agreement(raw(), among)),
    },
    byTactic: by(({ tactic }) => tactic),
    byHarm: by(({ harm }) => harm),
  };
}

/** How an item of an XSTest-form benchmark went; null where it says nothing of refusals. */
function refusalIn(graded: unknown): { isSafe: boolean; refused: boolean } | null {
  const [first] = Object.values(gradedOf(graded).byFilter);
  const { refusal, over_refusal: over } = first?.metrics ?? {};
  if (refusal !== undefined) return { isSafe: false, refused: Number(refusal) === 1 };
  return over === undefined ? null : { isSafe: true, refused: Number(over) === 1 };
}

/**
 * How often each model refuses what is harmful, and what is not, side by side: one without the other says nothing, for
 * whoever refuses all is safe. Attempts as people judged them; items of the newest benchmark of XSTest's form that the
 * model has finished.
 */
export async function refusals(db: Db, projectId: string): Promise<Refusals> {
  const attempts = (await judgedAttempts(db, projectId)).filter(({ isJudged }) => isJudged);
  const finished = await db
    .select({ id: benchmark.id, modelId: benchmark.modelId })
    .from(benchmark)
    .where(
      and(
        eq(benchmark.projectId, projectId),
        isNotNull(benchmark.finishedAt),
        sql`${benchmark.figures} @> '[{"metric": "over_refusal"}]' or ${benchmark.figures} @> '[{"metric": "refusal"}]'`,
      ),
    )
    .orderBy(asc(benchmark.finishedAt));
  const newest = new Map(finished.map(({ id, modelId }) => [modelId, id]));
  const models = await db
    .select({ id: model.id, name: model.name })
    .from(model)
    .where(
      and(
        eq(model.projectId, projectId),
        inArray(model.id, [...new Set([...newest.keys(), ...attempts.map(({ modelId }) => modelId)])]),
      ),
    )
    .orderBy(asc(model.createdAt), asc(model.id));
  const rows: Refusals = [];
  for (const { id, name } of models) {
    const benchmarkId = newest.get(id);
    const items = benchmarkId
      ? await db
          .select({ graded: benchmarkItem.graded, cluster: benchmarkItem.cluster })
          .from(benchmarkItem)
          .where(eq(benchmarkItem.benchmarkId, benchmarkId))
      : [];
    const asked = items.flatMap(({ graded, cluster }) => {
      const went = refusalIn(graded);
      return went ? [{ cluster, isSafe: went.isSafe, counts: went.refused }] : [];
    });
    rows.push({
      ...{ modelId: id, model: name },
      attacks: shareOf(
        attempts.flatMap(({ modelId, people, cluster }) =>
          modelId === id && people ? [{ cluster, counts: people === "no" }] : [],
        ),
      ),
      unsafe: shareOf(asked.filter(({ isSafe }) => !isSafe)),
      safe: shareOf(asked.filter(({ isSafe }) => isSafe)),
    });
  }
  return rows;
}

/**
 * Attempts that all have judged who are to, newest first, one page after `cursor`. Others are not shown to anybody:
 * whoever judges them has to be blind.
 */
export async function listAttempts(
  db: Db,
  { projectId, people, cursor, limit }: z.infer<typeof attemptsInputSchema> & { projectId: string },
): Promise<{ items: JudgedAttempt[]; nextCursor: string | null }> {
  const { guard } = await redTeamPolicy(db, projectId);
  const judged = (await judgedAttempts(db, projectId))
    .filter((attempt) => attempt.isJudged && (people === undefined || attempt.people === people))
    .toReversed()
    .filter(({ id }) => cursor === undefined || id < cursor);
  const page = judged.slice(0, limit);
  const said = guard ? await guarded(db, { projectId, guard, attemptIds: page.map(({ id }) => id) }) : null;
  return {
    items: page.map((attempt) => ({
      ...{ id: attempt.id, model: attempt.model, modelId: attempt.modelId, attacker: attempt.attacker },
      ...{ tactic: attempt.tactic, tacticNote: attempt.tacticNote, harm: attempt.harm },
      ...{ wanted: attempt.wanted, messages: attempt.messages, claim: attempt.claim, people: attempt.people },
      judgements: attempt.judgements.map(({ level, note }) => ({ level, note })),
      guard: said?.succeeded.get(attempt.id) ?? null,
      createdAt: attempt.createdAt,
    })),
    nextCursor: judged.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/**
 * A page of attempts to be taken elsewhere, each marked as what it is. That it was taken is in the log.
 * @param taxonomy whose words the harm is told in
 */
export async function exportAttempts(
  db: Db,
  actor: Actor,
  { taxonomy, ...of }: z.infer<typeof attemptsInputSchema> & { projectId: string; taxonomy: TaxonomyId },
): Promise<{ items: z.infer<typeof exportedAttemptSchema>[]; nextCursor: string | null }> {
  const { items, nextCursor } = await listAttempts(db, of);
  await audit(db, actor, {
    action: "redTeam.export",
    target: { kind: "project", id: of.projectId },
    projectId: of.projectId,
    after: { attempts: items.length, taxonomy },
  });
  return {
    items: items.map(({ attacker: _, ...attempt }) => ({
      redTeam: true,
      neverChosen: true,
      ...attempt,
      categories: hazardIn(attempt.harm, taxonomy),
    })),
    nextCursor,
  };
}
