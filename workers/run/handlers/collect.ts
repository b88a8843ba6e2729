import { collectArtifacts, collectStrays } from "../../../server/artifact/collect";
import type { Collected, CollectionReport } from "../../../server/collection/schema";
import { sweep } from "../../../server/collection/sweep";
import { env } from "../../../server/env";
import { collectFolders } from "../folders";
import type { Handler } from "../handler";

/** Takes away what nobody needs any more, and tells what it was. Killed and begun again, it goes on with the rest. */
export const collect: Handler = async ({ db, store, signal }) => {
  const collected: Collected[] = [
    ...(await sweep(db)),
    ...(await collectFolders(db, env().CONCORD_DATA, signal)),
    { what: "artifact", ...(await collectArtifacts(db, store, signal)) },
    { what: "stray", ...(await collectStrays(db, store, signal)) },
  ];
  return { collected: collected.filter(({ count }) => count > 0) } satisfies CollectionReport;
};
