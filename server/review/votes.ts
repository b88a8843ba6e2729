import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { pair, peoplesVotes } from "../../db/schema";
import { currentForm } from "../form/versions";
import { groupBy } from "../group";
import { rawAgreement } from "../statistics/agreement/raw-from-totals";
import type { Dashboard } from "./schema";

type QuestionVotes = Dashboard["questions"][number];

interface Cast extends Record<string, unknown> {
  question_id: string;
  rater_id: string;
  votes: number;
  /** Comparisons with others who judged the same pair, and those of them that came out the same. */
  comparisons: number;
  agreeing: number;
  alone: number;
  first_won: number;
  decided: number;
  undecided: number;
  order_unknown: number;
}

interface Stood extends Record<string, unknown> {
  question_id: string;
  a: number;
  b: number;
  tie: number;
  both_bad: number;
  pairs: number;
  single: number;
  agreeing: number;
  comparisons: number;
  prompts: number;
  deviation: number | null;
}

/**
 * How people voted, question by question: two questions about one pair are two things, and no figure adds them up.
 * Each figure is an entry of the catalogue in `figure/schema`, which says what counts.
 */
export async function votesByQuestion(db: Db, projectId: string): Promise<QuestionVotes[]> {
  const [stood, cast, form] = await Promise.all([
    pairsByQuestion(db, projectId),
    votesByRater(db, projectId),
    currentForm(db, projectId),
  ]);
  const placeOf = (id: string) => form.questions.findIndex((question) => question.id === id);
  const castOn = groupBy(cast, (row) => row.question_id);
  const inOrder = stood.toSorted((one, other) => placeOf(one.question_id) - placeOf(other.question_id));
  return inOrder.map((row) => {
    const mine = castOn.get(row.question_id) ?? [];
    const total = (key: "votes" | "first_won" | "decided" | "undecided" | "order_unknown") =>
      mine.reduce((sum, each) => sum + each[key], 0);
    return {
      questionId: row.question_id,
      label: form.questions[placeOf(row.question_id)]?.label ?? row.question_id,
      outcomes: { a: row.a, b: row.b, tie: row.tie, both_bad: row.both_bad },
      agreement: {
        ...rawAgreement(row),
        pairs: row.pairs,
        leftOut: { single: row.single },
      },
      firstShown: {
        won: total("first_won"),
        decided: total("decided"),
        leftOut: { undecided: total("undecided"), orderUnknown: total("order_unknown") },
      },
      raters: mine.map((each) => ({
        id: each.rater_id,
        agreement: each.comparisons > 0 ? each.agreeing / each.comparisons : null,
        comparisons: each.comparisons,
        votes: each.votes,
        leftOut: { alone: each.alone },
      })),
    };
  });
}

/**
 * What the pairs of each question come to. `deviation` is that of the agreement without one prompt at a time.
 */
function pairsByQuestion(db: Db, projectId: string) {
  return db.execute<Stood>(sql`
    with stood as (
      select question_id, task.prompt_id, sum(a)::int as a, sum(b)::int as b, sum(tie)::int as tie,
        sum(both_bad)::int as both_bad, count(*) filter (where votes > 1)::int as pairs,
        count(*) filter (where votes = 1)::int as single,
        sum(a * (a - 1) + b * (b - 1) + tie * (tie - 1) + both_bad * (both_bad - 1))::int as agreeing,
        sum(votes * (votes - 1))::int as comparisons
      from ${pair} join task on task.id = ${pair.taskId}
      where ${pair.projectId} = ${projectId} and ${pair.votes} > 0
      group by 1, 2
    ), whole as (
      select *, sum(agreeing) over one - agreeing as agreeing_else, sum(comparisons) over one - comparisons as else
      from stood window one as (partition by question_id)
    )
    select question_id, sum(a)::int as a, sum(b)::int as b, sum(tie)::int as tie, sum(both_bad)::int as both_bad,
      sum(pairs)::int as pairs, sum(single)::int as single, (sum(agreeing) / 2)::int as agreeing,
      (sum(comparisons) / 2)::int as comparisons, count(*) filter (where comparisons > 0)::int as prompts,
      stddev_pop(agreeing_else::float8 / nullif(whole.else, 0)) filter (where comparisons > 0) as deviation
    from whole group by question_id order by question_id`);
}

function votesByRater(db: Db, projectId: string) {
  const alike = sql`case outcome when 'a' then ${pair.a} when 'b' then ${pair.b} when 'tie' then ${pair.tie}
    else ${pair.bothBad} end`;
  const decided = sql`outcome in ('a', 'b')`;
  return db.execute<Cast>(sql`
    select vote.question_id, rater_id, count(*)::int as votes,
      sum(${pair.votes} - 1)::int as comparisons, sum(${alike} - 1)::int as agreeing,
      count(*) filter (where ${pair.votes} = 1)::int as alone,
      count(*) filter (where (outcome = 'a' and a_shown_first) or (outcome = 'b' and not a_shown_first))::int
        as first_won,
      count(*) filter (where ${decided} and a_shown_first is not null)::int as decided,
      count(*) filter (where not ${decided})::int as undecided,
      count(*) filter (where ${decided} and a_shown_first is null)::int as order_unknown
    from ${peoplesVotes} vote join ${pair} on ${pair.id} = vote.pair_id
    where vote.project_id = ${projectId}
    group by 1, 2`);
}
