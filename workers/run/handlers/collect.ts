import { collectStore } from "../../../server/artifact/collect";
import { applyRetention } from "../../../server/collection/retention";
import type { CollectionReport } from "../../../server/collection/schema";
import { sweep } from "../../../server/collection/sweep";
import { makeSearchable } from "../../../server/content/search";
import { env } from "../../../server/env";
import { collectFolders } from "../folders";
import type { Handler } from "../handler";

/** Takes away what nobody needs any more, and tells what it was. Killed and begun again, it goes on with the rest. */
export const collect: Handler = async ({ db, store, signal }) => {
  const data = env().CONCORD_DATA;
  const rows = [...(await sweep(db)), ...(await applyRetention(db))];
  const folders = await collectFolders(db, data, signal);
  const files = await collectStore(db, store, signal);
  // What a server that was killed after an import left undone.
  await makeSearchable(db);
  const foreign = (what: string) =>
    `${what} is left alone: it holds mostly what this database does not know, or its file "instance" names another database. If it is this database's, put the id of its first person into that file.`;
  return {
    collected: [
      ...rows,
      ...(folders ?? []),
      ...(files
        ? [
            { what: "artifact" as const, ...files.artifact },
            { what: "stray" as const, ...files.stray },
          ]
        : []),
    ].filter(({ count }) => count > 0),
    left: [
      ...(folders ? [] : [foreign(`The folder ${data}`)]),
      ...(files ? [] : [foreign("The artifact store")]),
    ],
  } satisfies CollectionReport;
};
