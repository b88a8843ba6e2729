import { and, desc, eq, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, peoplesVotes, person, project, response, stoppingRule, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { invalid } from "../errors";
import { questionOf } from "../evaluation/blind";
import { groupBy } from "../group";
import {
  mixtureEvidence,
  msprt,
  sequenceHalfWidth,
  votesToDecide,
  votesToNarrow,
} from "../statistics/design/sequential";
import type { NewRule, Stop } from "./schema";

type Rule = Stop["rule"];
type Sides = Pick<Rule, "questionId" | "source" | "opponent">;

/** Points of a sequence that are shown. */
const POINTS = 200;

/** The win rate so far, and what all looks together leave of it. */
interface Standing {
  mean: number;
  low: number;
  high: number;
}

/** Prompts whose outcome is known, in the order in which it was, and what is on its way. */
interface Outcomes {
  /** The mean over a prompt's votes: 1 the source won, 0 its opponent, ½ neither. */
  means: number[];
  begun: number;
  judgements: number;
}

/**
 * The outcome of each prompt for a source against its opponent. A prompt enters once, with the mean of its votes, when
 * no task that shows the two waits for a judgement any more: votes of one prompt are not independent, and a mean that still
 * changes would be looked at twice. Of a rater's votes on the same two responses the last counts, as in the leaderboard.
 */
async function outcomesOf(
  db: Db,
  { projectId, questionId, source, opponent }: Sides & { projectId: string },
): Promise<Outcomes> {
  const shows = (named: string) =>
    sql`exists (select from ${response} r where r.id = any(t.response_ids) and r.source = ${named})`;
  const rows = await db.execute<{ prompt_id: string; mean: number; votes: number; waiting: boolean }>(sql`
    select c.prompt_id, count(*)::int as votes, avg(c.score)::float8 as mean,
      exists (select from ${task} t join ${assignment} s on s.task_id = t.id
        where t.prompt_id = c.prompt_id and s.status in ('open', 'leased', 'returned') and not s.apart
          and ${shows(source)} and ${shows(opponent)}) as waiting
    from (select v.id, v.prompt_id,
        row_number() over (partition by v.rater_id, least(v.response_a, v.response_b),
          greatest(v.response_a, v.response_b) order by v.id desc) as latest,
        case when v.outcome in ('tie', 'both_bad') then 0.5
          when (v.outcome = 'a') = (a.source = ${source}) then 1 else 0 end as score
      from ${peoplesVotes} v join ${response} a on a.id = v.response_a join ${response} b on b.id = v.response_b
      where v.project_id = ${projectId} and v.question_id = ${questionId}
        and ((a.source = ${source} and b.source = ${opponent}) or (a.source = ${opponent} and b.source = ${source}))
    ) c where c.latest = 1
    group by c.prompt_id order by max(c.id::text)`);
  const known = rows.filter(({ waiting }) => !waiting);
  return {
    means: known.map(({ mean }) => mean),
    begun: rows.length - known.length,
    judgements: rows.reduce((sum, { votes }) => sum + votes, 0),
  };
}

/** Where each comparison with a stopping rule stands: decided, not yet, or not to be decided. Newest rule first. */
export async function stopsOf(db: Db, { projectId }: { projectId: string }): Promise<Stop[]> {
  const rules = await rulesOf(db, projectId);
  return Promise.all(
    [...rules.values()].map(async ([rule, ...earlier]) =>
      stateOf(rule, earlier, await outcomesOf(db, { ...rule, projectId })),
    ),
  );
}

/** A comparison is the same from either side. */
const comparisonOf = ({ questionId, source, opponent }: Sides) =>
  JSON.stringify([questionId, ...[source, opponent].sort()]);

/** The rules of each comparison, newest first. */
async function rulesOf(db: Db, projectId: string): Promise<Map<string, Rule[]>> {
  const rules = await db
    .select({ rule: stoppingRule, createdBy: person.name })
    .from(stoppingRule)
    .leftJoin(person, eq(person.id, stoppingRule.createdBy))
    .where(eq(stoppingRule.projectId, projectId))
    .orderBy(desc(stoppingRule.id));
  return groupBy(
    rules.map(({ rule, createdBy }): Rule => ({ ...rule, createdBy })),
    comparisonOf,
  );
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;
const points = (value: number) => `${(100 * value).toFixed(1)} points`;

/** What a rule says of the outcomes so far: the mixture sequential test, and its confidence sequence so far. */
function stateOf(rule: Rule, earlier: readonly Rule[], { means, begun, judgements }: Outcomes): Stop {
  const { alpha, smallest, budget, source, opponent } = rule;
  let [low, high] = [0, 1];
  const states = msprt(means, { alpha }).map((state) => {
    // Valid at all times at once, and so is what all of them leave.
    low = Math.max(low, state.mean - state.halfWidth);
    high = Math.min(high, state.mean + state.halfWidth);
    return { ...state, low, high };
  });
  const decides = states.findIndex(
    (at) =>
      at.logE >= -Math.log(alpha) ||
      (smallest !== null && at.low > 0.5 - smallest && at.high < 0.5 + smallest),
  );
  const now = states.at(-1);
  const at = states[decides];
  const perPrompt = means.length > 0 ? judgements / (means.length + begun) : 1;
  const left = budget - judgements;
  const needed = now && !at ? Math.ceil((promptsNeeded(now.mean, rule) - now.t) * perPrompt) : null;
  const more = needed === null || !Number.isFinite(needed) ? null : Math.max(1, needed);
  const verdict = ((): Stop["verdict"] => {
    if (at) return at.logE < -Math.log(alpha) ? "same" : at.mean > 0.5 ? "better" : "worse";
    if (left <= 0) return "spent";
    return !now || canDecide(Math.floor(left / perPrompt), now.t, now, rule) ? "open" : "hopeless";
  })();
  const asItWent =
    more === null
      ? "the two are even so far"
      : `about ${more} more judgements if what comes is like what came`;
  const words: Record<Stop["verdict"], string> = {
    better: `Decided: ${source} is better than ${opponent}, after ${decides + 1} prompts.`,
    worse: `Decided: ${opponent} is better than ${source}, after ${decides + 1} prompts.`,
    same: `Decided: no difference that matters here, after ${decides + 1} prompts. The win rate lies within ${points(smallest ?? 0)} of one half.`,
    open: now
      ? `Not yet: ${asItWent}${more === null || more > left ? `; the budget has ${left} left` : ""}.`
      : "Not yet: no prompt has all its judgements.",
    hopeless: `This will not be decided by your budget: ${left} judgements are left, and no outcome of them that the votes so far allow decides it.`,
    spent: `Not decided, and the budget of ${budget} judgements is spent.`,
  };
  const cautions = [];
  if (rule.promptsBefore > 0)
    cautions.push(
      earlier.length > 0
        ? `The rule was changed when ${rule.promptsBefore} prompts were known: the error of ${share(alpha)} does not hold for a rule that was changed after looking.`
        : `The rule was fixed when ${rule.promptsBefore} prompts were known already: the error of ${share(alpha)} holds if they were not looked at.`,
    );
  const every = Math.ceil(states.length / POINTS) || 1;
  return {
    ...{ rule, earlier: [...earlier], verdict, says: words[verdict], cautions },
    ...{ prompts: means.length, begun, judgements, needed: more },
    winRate: now?.mean ?? null,
    low: now ? now.low : null,
    high: now ? now.high : null,
    decidedAt: at ? decides + 1 : null,
    sequence: states
      .filter((_, i) => i % every === 0 || i === states.length - 1)
      .map(({ t, mean, ...found }) => ({ prompts: t, winRate: mean, low: found.low, high: found.high })),
  };
}

/** After how many prompts in all it ends if what comes is as what came: by a difference, or by the want of one. */
function promptsNeeded(mean: number, { alpha, smallest }: Rule): number {
  const byDifference = votesToDecide(mean, { alpha });
  const room = smallest === null ? 0 : smallest - Math.abs(mean - 0.5);
  return room > 0 ? Math.min(byDifference, votesToNarrow(room, { alpha })) : byDifference;
}

/** Whether so many more prompts could decide it, if they went as far either way as the sequence so far allows. */
function canDecide(
  more: number,
  t: number,
  { mean, low, high }: Standing,
  { alpha, smallest }: Rule,
): boolean {
  const end = t + more;
  const reaches = (rate: number) =>
    mixtureEvidence(end, t * (mean - 0.5) + more * (rate - 0.5)) >= -Math.log(alpha);
  return reaches(low) || reaches(high) || (smallest !== null && sequenceHalfWidth(end, { alpha }) < smallest);
}

/**
 * Fixes when a comparison ends. A rule is never changed: another one of the same comparison takes its place, with its
 * reason, and both stay to be seen.
 */
export async function fixRule(
  db: Db,
  actor: Actor,
  { projectId, ...rule }: NewRule & { projectId: string },
): Promise<Stop> {
  const { source, opponent } = rule;
  return db.transaction(async (tx) => {
    // One at a time, so that each knows what it takes the place of.
    await tx.select({ id: project.id }).from(project).where(eq(project.id, projectId)).for("no key update");
    const { id: questionId } = await questionOf(tx, { projectId, questionId: rule.questionId });
    const sources = await tx
      .selectDistinct({ source: response.source })
      .from(response)
      .where(
        and(
          eq(response.projectId, projectId),
          or(eq(response.source, source), eq(response.source, opponent)),
        ),
      );
    for (const [field, name] of [
      ["source", source],
      ["opponent", opponent],
    ])
      if (!sources.some((each) => each.source === name))
        throw invalid(
          `${field}: no response of this project comes from "${name}". Name a source as it was imported.`,
        );
    const outcomes = await outcomesOf(tx, { projectId, questionId, source, opponent });
    const [created] = await tx
      .insert(stoppingRule)
      .values({
        projectId,
        ...rule,
        questionId,
        smallest: rule.smallest ?? null,
        promptsBefore: outcomes.means.length,
        createdBy: actor.personId,
      })
      .returning();
    const [now, ...earlier] = (await rulesOf(tx, projectId)).get(comparisonOf(created)) ?? [];
    await audit(tx, actor, {
      action: "conclusion.fixRule",
      target: { kind: "stopping_rule", id: created.id },
      projectId,
      before: earlier[0],
      after: created,
    });
    return stateOf(now, earlier, outcomes);
  });
}
