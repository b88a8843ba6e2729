import { connect } from "../../db/client";
import { startEmbedded } from "../../db/embedded/server";
import { removeDemo } from "../../server/demo/demo";
import { env } from "../../server/env";
import { endWith } from "../entry";

/** `npm run demo:remove`: deletes the demo project, whether Concord is running or not. It does not come back. */
async function main() {
  const { DATABASE_URL, CONCORD_DATA } = env();
  const embedded = DATABASE_URL ? undefined : await startEmbedded(CONCORD_DATA);
  const { db, close } = connect(DATABASE_URL ?? embedded?.url ?? "", { max: 1 });
  try {
    console.log((await removeDemo(db)) ? "The demo project is gone." : "There is no demo project.");
  } finally {
    await close();
    if (embedded && !embedded.adopted) await embedded.stop();
  }
}

await main().catch(endWith);
