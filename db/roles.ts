import postgres from "postgres";

/** The site and its own worker: rows, no tables. */
export const SITE_ROLE = "concord_site";
/** A machine elsewhere that trains: the runs, and what they read and write. */
export const MACHINE_ROLE = "concord_machine";

/** What a training worker writes, beside reading what its runs are made of. */
const MACHINE_WRITES = [
  ...["run", "run_log", "run_artifact", "metric", "sample", "artifact", "model", "event", "worker"],
];
/** What its runs are made of, and what a model is told to come from. */
const MACHINE_READS = [
  ...["project", "form_version", "prompt", "response", "score", "task", "assignment", "rater"],
  ...["annotation", "pair", "preference", "red_team_attempt", "red_team_judgement"],
  ...["dataset", "dataset_version", "dataset_row", "upload"],
  ...["cluster_event", "cluster_file", "cluster_job", "cluster_upload"],
];

/** What takes contents out of the audit log, each by a rule of its own: only the site calls them. */
const AUDIT_FUNCTIONS = [
  "audit_forget_project(uuid)",
  "audit_forget_person(uuid)",
  "audit_forget_addresses()",
];

/**
 * Makes the roles below the owner, or brings them up to date: the owner alone changes tables and makes roles. The
 * audit log can be read and added to, and loses what was erased; nothing else changes it. Done after each migration.
 * @param passwords of the roles; absent ones keep theirs
 */
export async function grantRoles(
  url: string,
  passwords: { site?: string; machine?: string } = {},
): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (tx) => {
      // One at a time: roles belong to all databases of a server.
      await tx`select pg_advisory_xact_lock(7265003)`;
      for (const [role, password] of [
        [SITE_ROLE, passwords.site],
        [MACHINE_ROLE, passwords.machine],
      ] as const) {
        const [known] = await tx`select from pg_roles where rolname = ${role}`;
        if (!known) await tx`create role ${tx(role)} nosuperuser nocreatedb nocreaterole`;
        // A password is no parameter of this statement; format() quotes it.
        if (password) {
          const [{ text }] = await tx<{ text: string }[]>`
            select format('alter role %I login password %L', ${role}::text, ${password}::text) as text`;
          await tx.unsafe(text);
        }
        await tx`grant usage on schema public to ${tx(role)}`;
        await tx`revoke create on schema public from ${tx(role)}`;
      }
      await tx`revoke create on schema public from public`;
      await tx`grant select, insert, update, delete on all tables in schema public to ${tx(SITE_ROLE)}`;
      await tx`grant usage, select on all sequences in schema public to ${tx(SITE_ROLE)}, ${tx(MACHINE_ROLE)}`;
      await tx`grant execute on all functions in schema public to ${tx(SITE_ROLE)}, ${tx(MACHINE_ROLE)}`;
      await tx`revoke update, delete on audit_entry from ${tx(SITE_ROLE)}`;
      await letImportsHold(tx);
      for (const name of AUDIT_FUNCTIONS)
        await tx.unsafe(`revoke execute on function ${name} from public, ${MACHINE_ROLE}`);
      // A table that is new is closed to it until somebody lists it.
      await tx`revoke all on all tables in schema public from ${tx(MACHINE_ROLE)}`;
      await tx`grant select on ${tx([...MACHINE_READS, ...MACHINE_WRITES])} to ${tx(MACHINE_ROLE)}`;
      await tx`grant insert, update, delete on ${tx(MACHINE_WRITES)} to ${tx(MACHINE_ROLE)}`;
      // Names beside work, nothing to sign in with; and what a run changes is kept.
      await tx`grant select (id, name) on person to ${tx(MACHINE_ROLE)}`;
      await tx`grant insert on audit_entry to ${tx(MACHINE_ROLE)}`;
    });
  } finally {
    await sql.end();
  }
}

/**
 * Lets the site's role insert rows whose references it holds itself: see held.ts. It may delete any row as it is, so
 * that this gives it no power that it lacks. Where the owner is no superuser, as with a managed server, or the server
 * is older than PostgreSQL 15, that cannot be given, and every reference is checked.
 */
async function letImportsHold(tx: postgres.TransactionSql): Promise<void> {
  const [owner] = await tx<{ may: boolean }[]>`
    select rolsuper and current_setting('server_version_num')::int >= 150000 as may
    from pg_roles where rolname = current_user`;
  if (!owner?.may) return;
  const [site] = await tx<{ may: boolean }[]>`
    select has_parameter_privilege(${SITE_ROLE}, 'session_replication_role', 'set') as may`;
  if (!site?.may) await tx`grant set on parameter session_replication_role to ${tx(SITE_ROLE)}`;
}

/** The same database as another role. */
export function urlAs(url: string, role: string, password: string): string {
  const address = new URL(url);
  address.username = role;
  address.password = password;
  return address.href;
}
