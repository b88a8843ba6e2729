import { sql } from "drizzle-orm";
import { task } from "../schema/content";
import { gold } from "../schema/gold";

/** A condition: a task is there to be judged, and not to measure its raters by a known answer. */
export const isToJudge = sql`not exists (select from ${gold} where ${gold.taskId} = ${task.id})`;
