import { storable } from "../../../db/shape/written-json";
import { groupBy } from "../../../server/group";
import { draftOf } from "../../../server/judge/judge";
import type { Account } from "../../../server/judge/record";
import { judgingCost } from "../../../server/judge/run";
import { type JudgeTryResult, judgeTrySchema } from "../../../server/judge/schema";
import { questionOf, readTasks, tasksToJudge } from "../../../server/judge/tasks";
import { besideDraft, triedOn } from "../../../server/judge/try";
import { type Said, settledBy } from "../../../server/judge/verdict";
import type { Judging } from "../../judge/judging";
import { openJudge } from "../../judge/open";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Its words are for reading, not for keeping. */
const WORDS = 4000;

/** A cut may leave half a character, which the result could not be stored with. */
const wordsOf = (said: Said, { reasoning, reply }: Account): string =>
  storable(
    ["failure" in said ? said.reason : "", reasoning ?? "", reply ?? ""]
      .filter(Boolean)
      .join("\n\n")
      .slice(0, WORDS),
  );

/** Lets settings that are no judge yet judge ten items that people have judged. Nothing is stored but its result. */
export const judgeTry = handler(judgeTrySchema, async (work): Promise<JudgeTryResult> => {
  const { run, db, projectId, spec, progress, signal } = work;
  const version = await draftOf(db, { projectId, settings: spec.settings });
  const { question } = await questionOf(db, version);
  const { taskIds } = await tasksToJudge(db, { version, projectId, filter: triedOn(spec.seed) });
  const tasks = await readTasks(db, { version, taskIds });
  const wanted = tasks.reduce((sum, task) => sum + task.wanted.length, 0);
  const rate = rateOf("replies");
  const told: Parameters<Judging["told"]>[0][] = [];
  const judging: Judging = {
    ...{ work, version, question, cap: spec.cap },
    async told(verdict) {
      told.push(verdict);
      progress(rate(told.length, wanted));
    },
  };
  const open = await openJudge(judging);
  let why: "cap" | "stopped" | null;
  try {
    why = await open.ask(tasks);
  } finally {
    await open.close();
  }
  signal.throwIfAborted();
  const beside = await besideDraft(db, { question, taskIds });
  const byTask = groupBy(told, ({ taskId }) => taskId);
  return {
    items: tasks.map(({ taskId, wanted }) => {
      const own = (byTask.get(taskId) ?? []).toSorted(
        (one, other) => one.order[0] - other.order[0] || one.sample - other.sample,
      );
      const verdicts = own.flatMap(({ order, said }) => ("failure" in said ? [] : [{ ...said, order }]));
      const { excerpt = "", people = [] } = beside.get(taskId) ?? {};
      return {
        ...{ taskId, excerpt, people },
        said: own.map(({ order, said, account }) => ({
          order: [...order],
          answer: "failure" in said ? null : said.answer,
          p: "failure" in said ? null : said.p,
          failure: "failure" in said ? said.failure : null,
          words: wordsOf(said, account),
        })),
        settled:
          verdicts.length === wanted.length
            ? settledBy({ question, settles: version.settles }, verdicts)
            : null,
      };
    }),
    why,
    cost: await judgingCost(db, { runId: run.id, version }),
  };
});
