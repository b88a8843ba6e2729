import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type postgres from "postgres";
import { afterAll, expect, inject, test } from "vitest";
import { connectRaw } from "@/db/client";
import { migrate } from "@/db/migrate";
import { testDatabase } from "./database";

const nine = (await readFile(new URL("./fixtures/nine-migrations.sql", import.meta.url), "utf8")).split(
  "--> statement-breakpoint\n",
);
const study = await readFile(new URL("./fixtures/nine-migrations-study.sql", import.meta.url), "utf8");

const cluster = connectRaw(inject("clusterUrl"), { max: 1 });
const made: string[] = [];
const open: postgres.Sql[] = [];
afterAll(async () => {
  for (const sql of open) await sql.end();
  for (const name of made) await cluster.unsafe(`drop database ${name} with (force)`);
  await cluster.end();
});

/** A database with nothing in it. */
async function empty(): Promise<{ url: string; sql: postgres.Sql }> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await cluster.unsafe(`create database ${name}`);
  made.push(name);
  const url = new URL(inject("clusterUrl"));
  url.pathname = `/${name}`;
  const sql = connectRaw(url.href, { max: 1 });
  open.push(sql);
  return { url: url.href, sql };
}

/** Everything that was declared in a database, as PostgreSQL spells it. */
async function schemaOf(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select format('column %s.%s %s %s %s %s %s', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid)) as line
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0
        and not a.attisdropped
    union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ' ' order by enumsortorder))
      from pg_enum group by enumtypid
    union all select pg_get_functiondef(p.oid) from pg_proc p
      where pronamespace = 'public'::regnamespace
        and not exists (select from pg_depend where objid = p.oid and deptype = 'e')
    union all select format('view %s %s', viewname, definition) from pg_views where schemaname = 'public'
    union all select format('extension %s', extname) from pg_extension
    union all select format('sequence %s %s %s', sequencename, start_value, increment_by) from pg_sequences
      where schemaname = 'public'
    order by 1`;
  return rows.map(({ line }) => line);
}

/**
 * Sessions are rows of their own since, and the chance with which a task was chosen is its seats'; how many rows a
 * model's held-out file had is no count of what was scored.
 */
const gone = ["session_epoch", "selection_probability", "held_out_rows"];

type Tables = Record<string, Record<string, unknown>[]>;

async function rowsOf(sql: postgres.Sql): Promise<Tables> {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`;
  const found: Tables = {};
  for (const { name } of tables)
    found[name] = (await sql.unsafe(`select to_jsonb(t) as row from "${name}" t order by t::text`)).map(
      ({ row }) => row,
    );
  return found;
}

async function applyNine(sql: postgres.Sql, count = 9): Promise<void> {
  // The schema and table of the record come first; each migration ends with its own line in it.
  let left = count;
  for (const statement of nine) {
    if (left === 0) return;
    await sql.unsafe(statement);
    if (statement.startsWith("INSERT INTO drizzle.")) left--;
  }
}

test("a database of the nine early migrations upgrades, keeps every row and equals a fresh one", async () => {
  const old = await empty();
  await applyNine(old.sql);
  await old.sql.unsafe(study);
  const before = await rowsOf(old.sql);
  expect(Object.values(before).filter((rows) => rows.length > 0).length).toBeGreaterThan(10);

  await migrate(old.url);
  const fresh = await testDatabase();
  expect(await schemaOf(old.sql)).toEqual(await schemaOf(fresh.sql));
  const after = await rowsOf(old.sql);
  for (const [table, rows] of Object.entries(before)) {
    expect(after[table], table).toHaveLength(rows.length);
    rows.forEach((row, index) => {
      const kept = Object.fromEntries(Object.entries(row).filter(([column]) => !gone.includes(column)));
      expect(after[table][index], table).toMatchObject(kept);
    });
  }

  // What is not pairwise was derived from the answers of current revisions.
  const marks = await old.sql`
    select right(annotation_id::text, 2) as annotation, question_id as question, right(response_id::text, 2) as response,
      item, value
    from mark_fact order by question_id, item, response_id`;
  expect(marks.map((row) => Object.values(row))).toEqual([
    ["82", "quality", "52", "clear", 4],
    ["82", "quality", "51", "correct", 5],
    ["82", "quality", "52", "correct", 2],
    ["82", "topic", null, "health", 1],
    ["82", "topic", null, "law", 1],
    ["82", "why", null, "correct", 1],
  ]);

  // And once more: nothing is left to do.
  await migrate(old.url);
  expect(await rowsOf(old.sql)).toEqual(after);
});

test("a database with some of the early migrations is refused and left as it is", async () => {
  const old = await empty();
  await applyNine(old.sql, 8);
  const before = await schemaOf(old.sql);
  await expect(migrate(old.url)).rejects.toThrow(/early Concord: start the last release/);
  expect(await schemaOf(old.sql)).toEqual(before);
});

test("a database that newer code changed is refused", async () => {
  const newer = await testDatabase();
  await migrate(newer.ownerUrl);
  await newer.asOwner(
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.now() + 1e9})`,
  );
  await expect(migrate(newer.ownerUrl)).rejects.toThrow(/newer Concord than this one/);
});
