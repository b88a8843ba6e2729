import { sql } from "drizzle-orm";
import { connect } from "../db/client";
import { startEmbedded } from "../db/embedded/server";
import { env } from "../server/env";
import { recountPairs } from "../server/judgement/pairs";

/**
 * `npm run db:recount`: counts again how the votes on each pair stand, and says how many pairs were kept wrong. None
 * ever should be: for a database that was changed by hand, and for whoever wants to see that it is so.
 */
const { DATABASE_URL, CONCORD_DATA } = env();
if (DATABASE_URL) await recount(DATABASE_URL);
else {
  const embedded = await startEmbedded(CONCORD_DATA);
  await recount(embedded.url);
  if (!embedded.adopted) await embedded.stop();
}

async function recount(url: string): Promise<void> {
  const { db, close } = connect(url, { max: 1 });
  const wrong = await db.transaction((tx) => recountPairs(tx, sql`true`));
  console.log(
    wrong === 0 ? "All pairs were as counted." : `${wrong} pairs were kept wrong and are right now.`,
  );
  await close();
}
