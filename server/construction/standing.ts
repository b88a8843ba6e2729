import { type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { admitted, candidate, prompt } from "../../db/schema";

/** A candidate stands while all its ancestors do: their prompts are there, and their judgements count. */
export const stands: SQL<boolean> = sql<boolean>`(
  not exists (select from unnest(${candidate.sourcePrompts}) as source (id)
    where not exists (select from ${prompt} where ${prompt.id} = source.id))
  and not exists (select from unnest(${candidate.sourceAnnotations}) as source (id)
    where not exists (select from ${admitted} where ${admitted.id} = source.id)))`;

/** Whether a judgement rests on a candidate whose ancestors were withdrawn: it is part of no dataset. */
export const isOrphaned = (annotationId: AnyPgColumn): SQL =>
  sql`exists (select from ${candidate} where ${candidate.annotationId} = ${annotationId} and not ${stands})`;
