import { givenBy, openRecipe, recipeHash } from "../../../server/construction/open";
import { Ancestry, keepCandidates } from "../../../server/construction/record";
import { openDataRun, passedOfRun } from "../../../server/construction/run";
import { dataRunSpecSchema, type StopReason } from "../../../server/construction/schema";
import { Watch } from "../../../server/construction/stops";
import { Answers } from "../../construction/answers";
import { handler } from "../handler";
import { rateOf } from "../rate";

/**
 * Lets a method make candidates. What models answered is all that is kept on the way: attempted again, the method runs
 * anew over the answers that are there, and makes the same candidates at the same places.
 */
export const construct = handler(dataRunSpecSchema, async (work) => {
  const { db, run, projectId, progress, signal } = work;
  const runId = run.id;
  const data = await openDataRun(db, { projectId, runId });
  const { recipe, inputs } = data;
  const opened = openRecipe(recipe);
  if (recipeHash(opened, recipe, inputs) !== data.recipeHash)
    throw new Error(
      `This run was queued by a release whose ${opened.method.title} works otherwise: start the recipe anew.`,
    );
  const answers = new Answers({ work, recipe, recipeHash: data.recipeHash });
  const watch = new Watch(recipe);
  const ancestry = new Ancestry(inputs);
  const rate = rateOf("candidates");
  const given = { projectId, runId, recipe, ancestry };
  try {
    const why = await made();
    signal.throwIfAborted();
    return { kept: watch.kept, dropped: watch.dropped, why };
  } finally {
    await answers.close();
  }

  async function made(): Promise<StopReason> {
    const steps = opened.open.run(givenBy(recipe, inputs));
    for (let step = steps.next([]); !step.done; ) {
      signal.throwIfAborted();
      if ("asks" in step.value) {
        const answered = await answers.to(step.value.asks);
        if ("why" in answered) return answered.why;
        step = steps.next(answered);
        continue;
      }
      const { candidates } = step.value;
      await keepCandidates(db, { ...given, from: watch.kept + watch.dropped, candidates });
      watch.add(candidates);
      progress(rate(Math.min(watch.kept, recipe.target), recipe.target));
      const why = watch.why(await passedOfRun(db, runId));
      if (why) return why;
      step = steps.next([]);
    }
    return watch.kept >= recipe.target ? "target" : "used_up";
  }
});
