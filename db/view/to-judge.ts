import { sql } from "drizzle-orm";
import { task } from "../schema/content";
import { gold } from "../schema/gold";
import { normingItem } from "../schema/norming";

/** A condition: a task is there to be judged, and not to measure its raters by a known answer or to bring them together. */
export const isToJudge = sql`not exists (select from ${gold} where ${gold.taskId} = ${task.id})
  and not exists (select from ${normingItem} where ${normingItem.taskId} = ${task.id})`;
