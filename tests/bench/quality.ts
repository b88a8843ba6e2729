/**
 * A quality page of a project with 100,000 votes: what measuring them costs, how soon a new vote is in the report, also
 * while raters' figures are still being made, and how long showing takes. `npm run bench:quality`; starts a PostgreSQL of
 * its own, takes about two minutes on two cores, and says what it does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type SQL, sql } from "drizzle-orm";
import pino from "pino";
import { connect } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { markChanged } from "@/server/look/look";
import { measureAgreement, measureRaters } from "@/server/quality/measure";
import { showQuality } from "@/server/quality/show";
import { measureQuality } from "@/workers/quality/measurer";
import { median } from "./median";

const VOTES = 100_000;
const OVERLAP = 4;
const RATERS = 100;

const start = performance.now();
const say = (what: string) =>
  console.log(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${what}`);
const folder = mkdtempSync(join(tmpdir(), "concord-quality-"));
const embedded = await startEmbedded(folder);
await migrate(embedded.url);
const { db, sql: raw, close } = connect(embedded.url, { max: 4 });

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
await castVotes(
  sql`select t.id, t.prompt_id, t.position, k from task t, generate_series(0, ${OVERLAP - 1}::int) k`,
  "rater %",
);
await db.execute(sql`analyze`);

say("filled");

const look = { projectId, filter: {} };
const show = () => showQuality(db, { ...look, personId });

// What measuring costs this processor, apart from whatever else the machine does.
for (const [what, step] of [
  ["reading and agreement", measureAgreement],
  ["raters' figures, with reading", measureRaters],
] as const) {
  const began = process.cpuUsage();
  await step(db, look, null);
  const { user, system } = process.cpuUsage(began);
  say(`${what}: ${((user + system) / 1e6).toFixed(2)} s of processor, PostgreSQL's aside`);
}

// As in the product: a worker hears of a vote, waits until votes settle, and measures in a process of its own.
const stop = new AbortController();
const working = measureQuality(
  { db, sql: raw, url: embedded.url, log: pino({ level: "silent" }) },
  stop.signal,
);
const until = async (what: string, votes: number, isWhole: boolean) => {
  const from = performance.now();
  for (;;) {
    const { parts, isWaiting, failed } = await show();
    if (failed) throw new Error(failed);
    if (parts[0]?.votes === votes && !(isWhole && isWaiting)) break;
    await sleep(100);
  }
  say(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
};
await show();
await until("the first report, whole", VOTES, true);
for (const [n, what] of [
  "a vote more, the worker at rest: in the report after",
  "the next one, while raters' figures are made: in the report after",
  "and one after it: in the report after",
].entries()) {
  await db.execute(
    sql`insert into rater (project_id, kind, name) values (${projectId}, 'imported', ${`late ${n}`})`,
  );
  await castVotes(sql`select id, prompt_id, position, 0 as k from task order by key limit 1`, `late ${n}`);
  await markChanged(db, projectId);
  await until(what, VOTES + n + 1, false);
}
await until("all of it, raters' figures too", VOTES + 3, true);
stop.abort();
await working;

const times: number[] = [];
for (let n = 0; n < 7; n++) {
  const from = performance.now();
  await show();
  times.push(performance.now() - from);
}
say(`shown in ${median(times).toFixed(0)} ms (median of 7)`);
await close();
await embedded.stop();
rmSync(folder, { recursive: true });

/** A vote for each seat (id, prompt_id, position and k) by one of the raters whose name is like that. */
async function castVotes(seats: SQL, names: string): Promise<void> {
  await db.execute(sql`with rater as (select id, row_number() over (order by id) as n, count(*) over () as all from rater where name like ${names}),
    seat as (${seats}),
    annotated as (insert into annotation (project_id, task_id, rater_id, origin, answers, "order", form_version_id, submitted_at, visible_ms)
      select ${projectId}, seat.id, rater.id, 'import', '{}', array[0, 1]::smallint[], ${form},
        now() - interval '60 days' + seat.position * interval '3 minutes', 20000 + (random() * 20000)::int
      from seat join rater on rater.n = 1 + (seat.position * 7 + k * 23) % rater.all
      returning *, random() as r)
    insert into preference (project_id, annotation_id, task_id, prompt_id, pair_id, rater_id, question_id, response_a, response_b, outcome, strength, a_shown_first, submitted_at)
    select ${projectId}, n.id, n.task_id, t.prompt_id, p.id, n.rater_id, 'better', p.response_a, p.response_b,
      (case when r < 0.15 then 'tie' when r < 0.2 then 'both_bad' when (hashtext(t.key) % 2 = 0) = (r < 0.75) then 'a' else 'b' end)::preference_outcome,
      case when r < 0.2 then 0 else 0.67 end, random() < 0.5, n.submitted_at
    from annotated n join task t on t.id = n.task_id join pair p on p.task_id = t.id`);
}
