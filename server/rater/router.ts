import { z } from "zod";
import { manager, reviewer, router } from "../trpc";
import { listRaters, setSkills } from "./rater";
import { raterSchema, skillsSchema } from "./schema";

export const raterRouter = router({
  list: reviewer
    .meta({
      rest: { method: "GET", path: "/projects/{projectId}/raters", summary: "Who judges or has judged" },
    })
    .output(z.array(raterSchema))
    .query(({ ctx }) => listRaters(ctx.db, ctx.projectId)),

  setSkills: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/raters/{raterId}/skills",
        summary: "Say which languages and domains a rater knows; prompts are given out accordingly",
      },
    })
    .input(skillsSchema.extend({ raterId: z.uuid() }))
    .mutation(({ ctx, input }) => setSkills(ctx.db, ctx.actor, input)),
});
