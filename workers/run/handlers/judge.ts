import { getJudgeVersion } from "../../../server/judge/judge";
import { cardOfVersion } from "../../../server/judge/kept-card";
import { judgePolicy } from "../../../server/judge/policy";
import { recordVerdict } from "../../../server/judge/record";
import { repliesWanted } from "../../../server/judge/request";
import { checkWordings, judgedBy } from "../../../server/judge/run";
import { judgeRunSchema } from "../../../server/judge/schema";
import { questionOf, readTasks, tasksToJudge } from "../../../server/judge/tasks";
import { orderNewSeats } from "../../../server/seat/selection";
import type { Judging } from "../../judge/judging";
import { openJudge } from "../../judge/open";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Tasks whose texts are in memory at once. */
const TASKS_AT_ONCE = 500;

/**
 * Lets one version of a judge judge tasks. Each verdict is kept as it comes: attempted again, the run asks for what is
 * not there, and nothing is paid twice.
 */
export const judge = handler(judgeRunSchema, async (work) => {
  const { run, db, projectId, spec, progress, log } = work;
  const { filter, words } = spec;
  const version = await getJudgeVersion(db, { projectId, judgeVersionId: spec.judgeVersionId });
  await checkWordings(db, { projectId, version });
  const { question } = await questionOf(db, version);
  const { taskIds, barred } = await tasksToJudge(db, { version, projectId, ...{ filter, words } });
  if (barred > 0)
    await log(
      "info",
      version.family === null
        ? `${barred} tasks are not judged: too many members would judge responses of their own family.`
        : `${barred} tasks are not judged: they have a response whose source names ${version.family}, the judge's own family.`,
    );
  const rate = rateOf("replies");
  // Attempted again, it goes on counting where it was.
  let { verdicts: done } = await judgedBy(db, { runId: run.id, version });
  const each = repliesWanted(version, 2, words);
  let total = done + taskIds.length * each;
  const judging: Judging = {
    ...{ work, version, question, cap: spec.cap },
    async told(verdict) {
      await recordVerdict(db, { version, question, projectId, runId: run.id, ...verdict });
      progress(rate(++done, total));
    },
  };
  let why: "cap" | "stopped" | null = null;
  if (taskIds.length > 0) {
    const open = await openJudge(judging);
    try {
      for (let at = 0; at < taskIds.length && why === null; at += TASKS_AT_ONCE) {
        const page = taskIds.slice(at, at + TASKS_AT_ONCE);
        const tasks = await readTasks(db, { version, taskIds: page, words });
        const wanted = tasks.reduce((sum, task) => sum + task.wanted.length, 0);
        total += wanted - page.length * each;
        why = await open.ask(tasks);
      }
    } finally {
      await open.close();
    }
    work.signal.throwIfAborted();
  }
  const result = await judgedBy(db, { runId: run.id, version });
  const { queueBy } = await judgePolicy(db, projectId);
  if (queueBy === version.id) {
    // What it may now is what the queue goes by.
    await cardOfVersion(db, { projectId, judgeVersionId: version.id });
    await orderNewSeats(db, projectId);
  }
  return { judgeId: version.judgeId, ...result, left: Math.max(0, total - done), why };
});
