import { randomBytes } from "node:crypto";
import { startEmbedded } from "../db/embedded/server";
import { grantRoles, MACHINE_ROLE, SITE_ROLE, urlAs } from "../db/roles";
import { env } from "../server/env";

/**
 * `npm run db:roles`: makes the narrower roles of the database and prints their addresses. Of an external one
 * (DATABASE_URL, as its owner) with new passwords; the embedded one has them from its first start.
 */
const { DATABASE_URL, CONCORD_DATA } = env();
if (DATABASE_URL) {
  const passwords = { site: randomBytes(24).toString("hex"), machine: randomBytes(24).toString("hex") };
  await grantRoles(DATABASE_URL, passwords);
  console.log(`For the site and its workers, with DATABASE_OWNER_URL for migrations:`);
  console.log(`  DATABASE_URL=${urlAs(DATABASE_URL, SITE_ROLE, passwords.site)}`);
  console.log(`For machines elsewhere:\n  ${urlAs(DATABASE_URL, MACHINE_ROLE, passwords.machine)}`);
} else {
  const embedded = await startEmbedded(CONCORD_DATA);
  console.log(`For machines elsewhere, through a tunnel to this one:\n  ${embedded.machineUrl}`);
  if (!embedded.adopted) await embedded.stop();
}
