import { z } from "zod";
import type { Db } from "../../db/client";
import type { KeptKind } from "../../db/shape/kept";
import { isLarge, keptAnswerTo } from "../look/kept";
import { controlOf } from "./control";
import { fragilityBetween } from "./fragile";
import { jointWinRate } from "./joint";
import { leaderboardOf } from "./leaderboard";
import { planOf } from "./plan";
import {
  controlSchema,
  fragilitySchema,
  jointInput,
  jointSchema,
  leaderboardSchema,
  lookSchema,
  pairSchema,
  planInput,
  planSchema,
} from "./schema";

type Of<Input> = Input & { projectId: string };

/**
 * A conclusion from all votes of a project. Of a small one it is reckoned when it is asked for; of a large one a worker
 * does, and what a request reads is of the votes as they stand, or stood half a minute ago.
 */
function conclusion<Input extends object, Output extends object>(
  kind: KeptKind,
  { input, output }: { input: z.ZodType<Input>; output: z.ZodType<Output> },
  reckon: (db: Db, of: Of<Input>) => Promise<Output>,
) {
  return {
    told: async (db: Db, of: Of<Input>): Promise<Output> => {
      const { projectId } = of;
      if (!(await isLarge(db, projectId))) return reckon(db, of);
      return output.parse(await keptAnswerTo(db, { projectId, kind, input: input.parse(of) }));
    },
    /** What a worker keeps, of an input as it was kept. */
    anew: (db: Db, projectId: string, kept: unknown): Promise<object> =>
      reckon(db, { ...input.parse(kept), projectId }),
  };
}

export const conclusions = {
  leaderboard: conclusion("leaderboard", { input: lookSchema, output: leaderboardSchema }, leaderboardOf),
  control: conclusion("control", { input: lookSchema, output: controlSchema }, controlOf),
  fragility: conclusion(
    "fragility",
    { input: z.intersection(lookSchema, pairSchema), output: fragilitySchema },
    fragilityBetween,
  ),
  joint: conclusion("joint", { input: jointInput, output: jointSchema }, jointWinRate),
  plan: conclusion("plan", { input: z.intersection(lookSchema, planInput), output: planSchema }, planOf),
};
