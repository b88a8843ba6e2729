import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "../../db/client";
import { judgeVerdict } from "../../db/schema";
import type { Question } from "../form/schema";
import { groupBy } from "../group";
import type { MemberReply } from "./members";
import { storedAnswer } from "./record";
import type { JudgeVersion } from "./schema";

/** A reply of a member of a judge of judges, and in which order it was asked. */
type KeptReply = MemberReply & { shown: number[] };

/** What a version said of tasks, by the task; in the words of its rubric. */
export async function memberReplies(
  db: Db,
  { version, question, taskIds }: { version: JudgeVersion; question: Question; taskIds: readonly string[] },
): Promise<Map<string, KeptReply[]>> {
  if (taskIds.length === 0) return new Map();
  const rows = await db
    .select()
    .from(judgeVerdict)
    .where(
      and(
        eq(judgeVerdict.versionId, version.id),
        inArray(judgeVerdict.taskId, [...taskIds]),
        eq(judgeVerdict.wording, 0),
      ),
    )
    .orderBy(judgeVerdict.order, judgeVerdict.sample);
  return groupBy(
    rows.map(({ answer, order, ...row }) => ({
      ...row,
      shown: order,
      order: version.verdictBy === "reward" ? null : order,
      answer: answer && storedAnswer(question, answer),
    })),
    ({ taskId }) => taskId,
  );
}
