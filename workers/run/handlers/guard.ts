import { getJudgeVersion } from "../../../server/judge/judge";
import { checkWording, judgingCost } from "../../../server/judge/run";
import { questionOf } from "../../../server/judge/tasks";
import { attemptsToGuard, recordGuard } from "../../../server/red-team/guard";
import { guardSpecSchema } from "../../../server/red-team/schema";
import type { Judging } from "../../judge/judging";
import { openJudge } from "../../judge/open";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Lets a judge say of red-team attempts whether they succeeded. Attempted again, it asks for what is not there. */
export const guard = handler(guardSpecSchema, async (work) => {
  const { run, db, projectId, spec, progress, signal } = work;
  const version = await getJudgeVersion(db, { projectId, judgeVersionId: spec.judgeVersionId });
  checkWording(version);
  const { question } = await questionOf(db, version);
  const tasks = await attemptsToGuard(db, { projectId, judgeVersionId: version.id });
  const total = tasks.reduce((sum, { wanted }) => sum + wanted.length, 0);
  const rate = rateOf("replies");
  let verdicts = 0;
  let failed = 0;
  const judging: Judging = {
    ...{ work, version, question, cap: spec.cap },
    async told({ taskId, sample, said, account }) {
      await recordGuard(db, {
        ...{ attemptId: taskId, versionId: version.id, sample, projectId, runId: run.id, said, account },
      });
      if ("failure" in said) failed++;
      else verdicts++;
      progress(rate(verdicts + failed, total));
    },
  };
  let why: "cap" | "stopped" | null = null;
  if (tasks.length > 0) {
    const open = await openJudge(judging);
    try {
      why = await open.ask(tasks);
    } finally {
      await open.close();
    }
    signal.throwIfAborted();
  }
  return {
    ...{ verdicts, failed, left: total - verdicts - failed, why },
    cost: await judgingCost(db, { runId: run.id, version }),
  };
});
