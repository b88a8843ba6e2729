import { chmod, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { connect, type Database, type Db } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import * as schema from "@/db/schema";
import { recountPairs } from "@/server/judgement/pairs";
import { defaultQuestions } from "@/server/project/schema";
import type { PreferenceFilter } from "@/server/review/schema";

/** Judgements of each task that is judged. */
export const OVERLAP = 3;
const RATERS = 30;

/** Tasks with all their judgements, and further ones that nobody has judged yet. */
export interface Filling {
  tasks: number;
  open?: number;
}

/** Gives work an embedded PostgreSQL, whose data stay in the folder for the next time; absent: they go afterwards. */
export async function onEmbedded(
  kept: string | undefined,
  work: (database: Database, url: string) => Promise<void>,
): Promise<void> {
  if (kept) await mkdir(kept, { recursive: true });
  const folder = await realpath(kept ?? (await mkdtemp(join(tmpdir(), "concord-bench-"))));
  await chmod(folder, 0o755);
  const server = await startEmbedded(folder);
  const database = connect(server.url, { max: 4 });
  try {
    await migrate(server.url);
    await work(database, server.url);
  } finally {
    await database.close();
    await server.stop();
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
}

/** By each column of the table of preferences, common values and rare ones. */
export async function preferenceFilters(
  db: Db,
  projectId: string,
): Promise<Record<string, PreferenceFilter>> {
  const [{ raterId }] = await db.execute<{ raterId: string }>(
    sql`select id as "raterId" from rater where project_id = ${projectId} limit 1`,
  );
  return {
    rater: { raterId },
    question: { questionId: "preference" },
    outcome: { outcome: "tie" },
    strength: { minStrength: 0.9 },
    source: { source: "model-1" },
    "rare source": { source: "model-rare" },
    language: { language: "de" },
    "rare language": { language: "rare" },
    domain: { domain: "domain-3" },
    "common words": { prompt: "question" },
    "rare words": { prompt: "4711" },
    "words of a reply": { response: "answer" },
    days: { from: new Date(Date.now() - 86_400_000).toISOString() },
    counted: { state: "counted" },
    flagged: { state: "flagged" },
    excluded: { state: "excluded" },
    returned: { state: "returned" },
    adjudicated: { state: "adjudicated" },
  };
}

const rewritten = ["prompt", "response", "task", "assignment", "annotation", "pair", "preference"];

/**
 * Projects with judgements of 30 raters, three on each task, written by the server itself; outcomes, languages and sources
 * come by number, so that each run is alike. Indexes are made anew in the end, and foreign keys are not looked at: faster,
 * and what stands there is the same.
 * @returns their ids
 */
export async function fillProjects(db: Db, fillings: readonly Filling[]): Promise<string[]> {
  const indexes = await db.execute<{ name: string; definition: string }>(sql`
    select indexname as name, indexdef as definition from pg_indexes
    where schemaname = 'public' and tablename in ${rewritten}
      and indexname not in (select conname from pg_constraint)`);
  for (const { name } of indexes) await db.execute(sql`drop index ${sql.identifier(name)}`);
  const ids: string[] = [];
  for (const filling of fillings) ids.push(await db.transaction((tx) => fill(tx, filling)));
  for (const { definition } of indexes) await db.execute(sql.raw(definition));
  await db.execute(sql`analyze`);
  // Some at a time: their ids are held.
  const parts = Math.ceil(fillings.reduce((sum, { tasks }) => sum + tasks, 0) / 100_000);
  for (let part = 0; part < parts; part++)
    await db.transaction((tx) =>
      recountPairs(tx, sql`abs(hashtext(${schema.pair.id}::text)) % ${parts}::int = ${part}::int`),
    );
  await db.execute(sql`vacuum analyze`);
  return ids;
}

async function fill(db: Db, { tasks, open = 0 }: Filling): Promise<string> {
  const judgements = tasks * OVERLAP;
  await db.execute(sql`set local session_replication_role = replica`);
  const [{ id }] = await db.insert(schema.project).values({ name: "Bench", overlap: OVERLAP }).returning();
  await db.insert(schema.guidelineVersion).values({ projectId: id, version: 1, markdown: "Judge." });
  const [form] = await db
    .insert(schema.formVersion)
    .values({ projectId: id, version: 1, questions: defaultQuestions })
    .returning();
  const run = (text: ReturnType<typeof sql>) => db.execute(text);
  await run(sql`insert into rater (project_id, kind, name)
    select ${id}, 'person', 'Rater ' || n from generate_series(1, ${RATERS}::int) n`);
  await run(sql`
    insert into prompt (project_id, key, messages, search_text, language, domain)
    select ${id}, 'p' || lpad(n::text, 8, '0'),
      jsonb_build_array(jsonb_build_object('role', 'user', 'content', text)), text,
      case when n % 1000 = 7 then 'rare' else (array['en', 'de', 'fr', 'ja'])[1 + n % 4] end, 'domain-' || n % 10
    from generate_series(1, ${tasks + open}::int) n, lateral (
      select 'A question of ' || n || ': how does a model of this kind answer at length?' as text) said`);
  await run(sql`
    insert into response (project_id, prompt_id, key, content, source)
    select ${id}, id, key || '-' || slot, 'An answer of ' || substr(key, 2) || slot
        || repeat(', with the words that replies of some length have', 5),
      case when language = 'rare' then 'model-rare' else 'model-' || (substr(key, 2)::int + slot) % 5 end
    from prompt, generate_series(0, 1) slot where project_id = ${id}`);
  await run(sql`analyze prompt, response`);
  await run(sql`
    insert into task (project_id, prompt_id, key, response_ids, overlap, language, domain)
    select ${id}, prompt.id, prompt.key, array_agg(response.id order by response.key), ${OVERLAP}::int, language, domain
    from prompt join response on prompt_id = prompt.id where prompt.project_id = ${id} group by prompt.id order by prompt.id`);
  await run(sql`
    insert into assignment (project_id, task_id, rater_id, status, priority, position, language, domain, "order")
    select ${id}, task.id, who.id, 'submitted', 0, position, language, domain, '{0,1}'
    from (select * from task where project_id = ${id} order by position limit ${tasks}) task cross join generate_series(0, ${OVERLAP - 1}::int) seat
    join (select id, row_number() over (order by id) - 1 as n from rater where project_id = ${id}) who
      on who.n = (position * 7 + seat * 11) % ${RATERS}::int
    order by seat, position`);
  await run(sql`
    insert into assignment (project_id, task_id, priority, position, language, domain)
    select ${id}, task.id, 0, position, language, domain
    from (select * from task where project_id = ${id} order by position offset ${tasks}) task
      cross join generate_series(1, ${OVERLAP}::int) seat order by position, seat`);
  await run(sql`
    insert into annotation (project_id, task_id, assignment_id, rater_id, origin, answers, "order", form_version_id,
      submitted_at, visible_ms, flag_reason, excluded_at, excluded_reason)
    select ${id}, task_id, id, rater_id, 'desk',
      '{"preference": {"type": "preference", "outcome": "a", "level": 2}}', '{0,1}', ${form.id},
      now() - n * interval '20 days' / ${judgements}::int, 20000 + n % 40000,
      case when n % 200 = 3 then 'Odd' end, case when n % 100 = 9 then now() end, case when n % 100 = 9 then 'Fast' end
    from (select *, row_number() over (order by id desc) as n from assignment
      where project_id = ${id} and status = 'submitted') seat order by id`);
  await run(sql`update assignment set status = 'returned'
    where project_id = ${id} and status = 'submitted' and position % 300 = 5`);
  await run(sql`
    insert into annotation (project_id, task_id, rater_id, origin, answers, "order", form_version_id, submitted_at)
    select ${id}, task.id, (select id from rater where project_id = ${id} limit 1), 'adjudication', '{}', '{0,1}',
      ${form.id}, now()
    from task where project_id = ${id} and position % 500 = 8`);
  await run(sql`
    insert into pair (project_id, task_id, question_id, response_a, response_b)
    select ${id}, id, 'preference', response_ids[1], response_ids[2]
    from (select * from task where project_id = ${id} order by position limit ${tasks}) task order by id`);
  await run(sql`analyze task, annotation, pair`);
  await run(sql`
    insert into preference (project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, response_a, response_b,
      question_id, outcome, strength, a_shown_first, submitted_at)
    select ${id}, n.id, t.id, prompt_id, pair.id, rater_id, pair.response_a, pair.response_b, 'preference', outcome,
      case when outcome in ('a', 'b') then (1 + draw % 3) / 3.0 else 0 end, draw % 2 = 0, n.submitted_at
    from annotation n join task t on t.id = n.task_id join pair on pair.task_id = t.id,
      lateral (select abs(hashtext(n.id::text)) as draw) drawn,
      lateral (select (case when draw % 20 = 0 then 'both_bad' when draw % 10 = 1 then 'tie'
        when (draw % 5 = 2) <> (position % 2 = 0) then 'a' else 'b' end)::preference_outcome as outcome) said
    where n.project_id = ${id} order by n.id`);
  return id;
}
