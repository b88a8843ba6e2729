import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { connectRaw } from "@/db/client";
import { startEmbedded } from "@/db/embedded/server";
import { migrate } from "@/db/migrate";
import { grantRoles } from "@/db/roles";

export const TEMPLATE = "concord_template";
/** Of the narrower roles, which belong to the whole cluster. */
export const PASSWORDS = { site: "a password of the site", machine: "a password of machines" };

declare module "vitest" {
  interface ProvidedContext {
    /** The cluster's own database: where test databases are created from. */
    clusterUrl: string;
  }
}

/** One real PostgreSQL for all integration tests, with a migrated template that each test file copies. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "concord-test-"));
  // Lets the server's own account in when the tests run as root.
  await chmod(folder, 0o755);
  const server = await startEmbedded(folder, {
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
  });

  const sql = connectRaw(server.url, { max: 1 });
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  const template = new URL(server.url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href);
  await grantRoles(template.href, PASSWORDS);

  project.provide("clusterUrl", server.url);
  return async () => {
    await server.stop();
    await rm(await realpath(join(folder, "postgres")), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  };
}
