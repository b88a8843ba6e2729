import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { datasetRow, model } from "../../db/schema";
import type { Exposure } from "../../db/shape/model";
import { ancestry } from "./model";

/**
 * What models, and those they were made from, had seen of prompts, as a query to join on the prompt's id. A prompt that
 * is not in it is new to them all.
 */
export function seenPrompts(db: Db, modelIds: readonly string[]) {
  const known = db
    .select({
      promptId: datasetRow.promptId,
      trained: sql<boolean>`bool_or(${datasetRow.split} = 'train')`.as("trained"),
    })
    .from(datasetRow)
    .where(
      sql`${datasetRow.versionId} in (select ${model.versionId} from ${model} where ${model.id} in (${ancestry(modelIds)}))`,
    )
    .groupBy(datasetRow.promptId)
    .as("known");
  const exposure = sql<Exposure>`case when ${known.trained} then 'trained' when ${known.promptId} is null then 'new' else 'held_out' end`;
  return { known, exposure };
}
