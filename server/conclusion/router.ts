import { z } from "zod";
import { hourlyRateSchema } from "../../db/shape/project";
import { manager, reviewer, router } from "../trpc";
import { conclusionFile } from "./files";
import { conclusions } from "./kept";
import { setRate } from "./plan";
import { reportOf } from "./report";
import {
  conclusionFiles,
  controlSchema,
  fileSchema,
  fragilitySchema,
  jointInput,
  jointSchema,
  leaderboardSchema,
  lookSchema,
  newRuleSchema,
  pairSchema,
  planInput,
  planSchema,
  reportSchema,
  stopSchema,
} from "./schema";
import { fixRule, stopsOf } from "./stop";

/** What may be concluded. Sources are named, so that raters have none of it. */
export const conclusionRouter = router({
  leaderboard: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/leaderboard",
        summary: "Sources ranked by the votes on one question, with intervals, ranks and the win matrix",
      },
    })
    .input(lookSchema)
    .output(leaderboardSchema)
    .query(({ ctx, input }) => conclusions.leaderboard.told(ctx.db, input)),

  control: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/leaderboard/control",
        summary: "The ranking with length and style held equal, beside the same without",
      },
    })
    .input(lookSchema)
    .output(controlSchema)
    .query(({ ctx, input }) => conclusions.control.told(ctx.db, input)),

  fragility: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/leaderboard/fragility",
        summary: "How few judgements, and which raters, carry the order of two sources",
      },
    })
    .input(lookSchema)
    .input(pairSchema)
    .output(fragilitySchema)
    .query(({ ctx, input }) => conclusions.fragility.told(ctx.db, input)),

  joint: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/leaderboard/joint",
        summary: "The win rate of two sources by people, by a judge, and by both together",
      },
    })
    .input(jointInput)
    .output(jointSchema)
    .query(({ ctx, input }) => conclusions.joint.told(ctx.db, input)),

  plan: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/plan",
        summary: "How many judgements, hours and what money a conclusion needs, from the votes so far",
      },
    })
    .input(lookSchema)
    .input(planInput)
    .output(planSchema)
    .query(({ ctx, input }) => conclusions.plan.told(ctx.db, input)),

  setRate: manager
    .meta({
      rest: {
        method: "PUT",
        path: "/projects/{projectId}/plan/rate",
        summary: "Say what an hour of judging costs, for plans; null: nobody knows",
      },
    })
    .input(z.object({ rate: hourlyRateSchema.nullable() }))
    .mutation(({ ctx, input }) => setRate(ctx.db, ctx.actor, input)),

  stops: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/stopping-rules",
        summary: "Where each comparison with a stopping rule stands, newest rule first",
      },
    })
    .output(z.array(stopSchema))
    .query(({ ctx }) => stopsOf(ctx.db, ctx)),

  fixRule: manager
    .meta({
      rest: {
        method: "POST",
        path: "/projects/{projectId}/stopping-rules",
        summary:
          "Fix when a comparison of two sources ends; a later rule takes the place of the one before, and both stay",
      },
    })
    .input(newRuleSchema)
    .output(stopSchema)
    .mutation(({ ctx, input }) => fixRule(ctx.db, ctx.actor, input)),

  report: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/report",
        summary:
          "What a paper says of the study: design, raters, what was left out, agreement, ranking, methods",
      },
    })
    .input(lookSchema)
    .output(reportSchema)
    .query(({ ctx, input }) => reportOf(ctx.db, input)),

  file: reviewer
    .meta({
      rest: {
        method: "GET",
        path: "/projects/{projectId}/conclusions/{file}",
        summary: "The ranking as CSV or SVG, the report as Markdown or LaTeX",
      },
    })
    .input(lookSchema.extend({ file: z.enum(conclusionFiles) }))
    .output(fileSchema)
    .query(({ ctx, input }) => conclusionFile(ctx.db, input)),
});
