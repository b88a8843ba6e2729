import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { sums } from "./ledger";
import type { Usage } from "./schema";

/**
 * What the project asked of models in the last days, today among them: of endpoints by the ledger, of its own models
 * by the accounts of calls, both by day in UTC, by who asked and for what. Those taken out of use since are among them.
 */
export async function usageOf(
  db: Db,
  { projectId, days }: { projectId: string; days: number },
): Promise<Usage[]> {
  const rows = await db.execute<Usage & Record<string, unknown>>(sql`
    with since as (
      select (date_trunc('day', now() at time zone 'UTC') - make_interval(days => ${days - 1})) at time zone 'UTC' as at
    ), asked as (
      select a.started_at as at, 'endpoint' as origin, e.id, e.name, r.created_by as by, r.kind as purpose,
        a.outcome, a.input, a.cached, a.output, a.cost, a.bound
      from endpoint_attempt a join endpoint e on e.id = a.endpoint_id left join run r on r.id = a.run_id
      where e.project_id = ${projectId} and a.started_at >= (select at from since)
      union all
      select c.created_at, 'model', m.id, m.name, c.person_id, null,
        case c.status when 'done' then 'answered' when 'queued' then null when 'running' then null else 'failed' end,
        c.input_tokens, 0, c.output_tokens, 0, null
      from model_call c join model m on m.id = c.model_id
      where c.project_id = ${projectId} and c.created_at >= (select at from since)
    )
    select to_char(asked.at at time zone 'UTC', 'YYYY-MM-DD') as day, origin, asked.id, asked.name,
      person.id as "personId", person.name as by, purpose, ${sums}
    from asked left join person on person.id = asked.by
    group by 1, 2, 3, 4, person.id, person.name, purpose
    order by 1 desc, requests desc, asked.name`);
  return [...rows];
}
