/**
 * A quality page of a project with 100,000 votes: how long agreement and the raters' figures take to measure, and how long
 * showing them takes. `npm run bench:quality`; starts a PostgreSQL of its own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { measure } from "@/server/quality/measure";
import { showQuality } from "@/server/quality/show";

const VOTES = 100_000;
const OVERLAP = 4;
const RATERS = 100;

const folder = mkdtempSync(join(tmpdir(), "concord-quality-"));
const embedded = await startEmbedded(folder);
await migrate(embedded.url);
const { db, close } = connect(embedded.url, { max: 4 });

const one = async (query: ReturnType<typeof sql>) => (await db.execute<{ id: string }>(query))[0].id;
const projectId = await one(sql`insert into project (name) values ('bench') returning id`);
const personId = await one(
  sql`insert into person (name, email) values ('bench', 'bench@example.org') returning id`,
);
const form = await one(sql`insert into form_version (project_id, version, questions) values (${projectId}, 1,
  '[{"id": "better", "type": "preference", "label": "Better?", "points": 7, "tie": true, "bothBad": true, "help": "", "required": true}]') returning id`);
const items = VOTES / OVERLAP;
await db.execute(
  sql`insert into rater (project_id, kind, name) select ${projectId}, 'imported', 'rater ' || n from generate_series(1, ${RATERS}::int) n`,
);
await db.execute(sql`insert into prompt (project_id, key, messages, search_text)
  select ${projectId}, 'p' || n, '[{"role": "user", "content": "Question"}]', repeat('word ', 60) from generate_series(1, ${items}::int) n`);
await db.execute(sql`insert into response (project_id, prompt_id, key, content, source)
  select ${projectId}, p.id, 'r' || k, repeat('reply ', 40 + (random() * 60)::int), 'model-' || ((k + ascii(right(p.key, 1))) % 7)
  from prompt p, generate_series(0, 1) k`);
await db.execute(sql`insert into task (project_id, prompt_id, key, response_ids, overlap)
  select ${projectId}, p.id, p.key, array(select id from response where prompt_id = p.id order by key), ${OVERLAP}::int from prompt p`);
await db.execute(sql`insert into pair (project_id, task_id, question_id, response_a, response_b)
  select ${projectId}, id, 'better', response_ids[1], response_ids[2] from task`);
await db.execute(sql`with rater as (select id, row_number() over (order by id) as n from rater),
  seat as (select t.id, t.prompt_id, t.position, k from task t, generate_series(0, ${OVERLAP - 1}::int) k)
  insert into annotation (project_id, task_id, rater_id, origin, answers, "order", form_version_id, submitted_at, visible_ms)
  select ${projectId}, seat.id, rater.id, 'import', '{}', array[0, 1]::smallint[], ${form},
    now() - interval '60 days' + seat.position * interval '3 minutes', 20000 + (random() * 20000)::int
  from seat join rater on rater.n = 1 + (seat.position * 7 + k * 23) % ${RATERS}::int`);
await db.execute(sql`insert into preference (project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, question_id, response_a, response_b, outcome, strength, a_shown_first, submitted_at)
  select ${projectId}, n.id, n.task_id, t.prompt_id, p.id, n.rater_id, 'better', p.response_a, p.response_b,
    (case when r < 0.15 then 'tie' when r < 0.2 then 'both_bad' when (hashtext(t.key) % 2 = 0) = (r < 0.75) then 'a' else 'b' end)::preference_outcome,
    case when r < 0.2 then 0 else 0.67 end, random() < 0.5, n.submitted_at
  from (select *, random() as r from annotation) n join task t on t.id = n.task_id join pair p on p.task_id = t.id`);
await db.execute(sql`analyze`);

const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(2);
const look = { projectId, filter: {} };
await showQuality(db, { ...look, personId });
let known = null;
for (const round of ["first", "again, one vote more"]) {
  const began = performance.now();
  await measure(db, look, {
    known,
    tell: async (report) => {
      known = report;
      console.log(`${round}: ${report.pace.length > 0 ? "whole" : "agreement"} after ${seconds(began)} s`);
      await db.execute(
        sql`update quality_view set report = ${JSON.stringify(report)}::jsonb, dirty_at = null`,
      );
    },
  });
  await db.execute(
    sql`update preference set outcome = 'tie' where id = (select min(id::text)::uuid from preference)`,
  );
}
const times: number[] = [];
for (let n = 0; n < 7; n++) {
  const began = performance.now();
  await showQuality(db, { ...look, personId });
  times.push(performance.now() - began);
}
console.log(`shown in ${times.toSorted((a, b) => a - b)[3].toFixed(0)} ms (median of 7)`);
await close();
await embedded.stop();
rmSync(folder, { recursive: true });
