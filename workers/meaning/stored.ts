import type { Db } from "../../db/client";
import type { TextKind } from "../../db/shape/meaning";
import { embeddingsAfter } from "../../server/meaning/meaning";

const AT_ONCE = 5000;
const FIRST = "00000000-0000-0000-0000-000000000000";

/** All embeddings of a model as they are kept, a page at a time: memory does not grow with them. */
export async function* storedPages(
  db: Db,
  given: { projectId: string; modelId: string; of: TextKind },
  signal: AbortSignal,
) {
  for (let after = FIRST; ; ) {
    signal.throwIfAborted();
    const rows = await embeddingsAfter(db, { ...given, after, limit: AT_ONCE });
    if (rows.length === 0) return;
    after = rows[rows.length - 1].id;
    yield rows;
  }
}
