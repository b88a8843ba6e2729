import { z } from "zod";
import { taxonomyIds } from "../../db/shape/harm";
import { judgeEstimateSchema } from "../judge/schema";
import { runSchema } from "../run/schema";
import { manager, member, reviewer, router } from "../trpc";
import {
  awaitedCall,
  beginAttempt,
  dropAttempt,
  endAttempt,
  followReply,
  sayToModel,
  standing,
} from "./attempt";
import { estimateGuard, startGuard } from "./guard";
import { judgeAttack, nextAttack } from "./judging";
import { comeBack, joinRedTeam, leaveRedTeam, noteExposure, stepAway } from "./member";
import { redTeamPolicy, redTeamSettings, setRedTeamPolicy } from "./policy";
import { exportAttempts, listAttempts, redTeamResults, refusals } from "./results";
import {
  attackPieceSchema,
  attackToJudgeSchema,
  attemptsInputSchema,
  beginAttemptSchema,
  byAttempt,
  endAttemptSchema,
  exportedAttemptSchema,
  exposureSchema,
  guardSpecSchema,
  judgeAttackSchema,
  judgedAttemptSchema,
  ownAttemptSchema,
  policyInputSchema,
  redTeamResultsSchema,
  redTeamSettingsSchema,
  refusalsSchema,
  sayToModelSchema,
  standingSchema,
} from "./schema";

/** A member, as one who attacks or judges. */
const taker = member.use(({ ctx, next }) =>
  next({ ctx: { ...ctx, key: { projectId: ctx.projectId, personId: ctx.viewer.personId } } }),
);

const at = "/projects/{projectId}/red-team";

export const redTeamRouter = router({
  standing: taker
    .meta({
      rest: {
        method: "GET",
        path: at,
        summary:
          "Where you stand with attacks on the project's models: consent, what is open, how much today",
      },
    })
    .output(standingSchema)
    .query(({ ctx }) => standing(ctx.db, ctx.key)),

  join: taker
    .meta({
      rest: { method: "POST", path: `${at}/join`, summary: "Agree to attack models and to judge attacks" },
    })
    .mutation(({ ctx }) => joinRedTeam(ctx.db, ctx.actor, ctx.key)),

  leave: taker
    .meta({
      rest: { method: "POST", path: `${at}/leave`, summary: "Take part no more; what is open is given up" },
    })
    .mutation(({ ctx }) => leaveRedTeam(ctx.db, ctx.actor, ctx.key)),

  away: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/away`,
        summary: "Stop at once, and be shown nothing before you come back",
      },
    })
    .mutation(({ ctx }) => stepAway(ctx.db, ctx.actor, ctx.key)),

  back: taker
    .meta({ rest: { method: "POST", path: `${at}/back`, summary: "Come back after you stepped away" } })
    .mutation(({ ctx }) => comeBack(ctx.db, ctx.actor, ctx.key)),

  exposed: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/exposure`,
        summary: "Say how long model text stood unblurred before you since you last did",
      },
    })
    .input(exposureSchema)
    .mutation(({ ctx, input }) => noteExposure(ctx.db, { ...ctx.key, seconds: input.seconds })),

  begin: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/attempts`,
        summary: "Begin an attempt on a model that is drawn and not named",
      },
    })
    .input(beginAttemptSchema)
    .output(ownAttemptSchema)
    .mutation(({ ctx, input: { projectId: _, ...said } }) =>
      beginAttempt(ctx.db, ctx.actor, { ...ctx.key, ...said }),
    ),

  say: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/attempts/{attemptId}/turns`,
        summary: "Say something to the model; follow its reply",
      },
    })
    .input(sayToModelSchema)
    .mutation(({ ctx, input: { attemptId, text } }) =>
      sayToModel(ctx.db, ctx.actor, { ...ctx.key, attemptId, text }),
    ),

  follow: taker
    .meta({
      rest: {
        method: "GET",
        path: `${at}/attempts/{attemptId}/reply`,
        summary:
          "The reply as it is written; whoever stops reading has it stopped, and keeps what is written",
        events: attackPieceSchema,
      },
    })
    .input(byAttempt)
    .subscription(async ({ ctx, input: { attemptId }, signal }) => {
      const key = { ...ctx.key, attemptId };
      return followReply(ctx.db, ctx.sql, {
        ...key,
        callId: await awaitedCall(ctx.db, key),
        mayStill: ctx.mayStill,
        signal: signal ?? new AbortController().signal,
      });
    }),

  end: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/attempts/{attemptId}/end`,
        summary: "End an attempt and say what came of it; others judge it then",
      },
    })
    .input(endAttemptSchema)
    .mutation(({ ctx, input: { attemptId, claim } }) =>
      endAttempt(ctx.db, ctx.actor, { ...ctx.key, attemptId, claim }),
    ),

  drop: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/attempts/{attemptId}/drop`,
        summary: "Give an attempt up; nobody judges it",
      },
    })
    .input(byAttempt)
    .mutation(({ ctx, input: { attemptId } }) => dropAttempt(ctx.db, ctx.actor, { ...ctx.key, attemptId })),

  next: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/judge/next`,
        summary: "An attempt of somebody else to judge, blind to who made it and what they say of it",
      },
    })
    .output(attackToJudgeSchema.nullable())
    .mutation(({ ctx }) => nextAttack(ctx.db, ctx.key)),

  judge: taker
    .meta({
      rest: {
        method: "POST",
        path: `${at}/judge`,
        summary: "Say what came of an attempt, or pass it over",
      },
    })
    .input(judgeAttackSchema)
    .mutation(({ ctx, input: { projectId: _, ...said } }) =>
      judgeAttack(ctx.db, ctx.actor, { ...ctx.key, ...said }),
    ),

  settings: reviewer
    .meta({
      rest: {
        method: "GET",
        path: `${at}/settings`,
        summary: "How the project has its models attacked, and how many take part",
      },
    })
    .output(redTeamSettingsSchema)
    .query(({ ctx }) => redTeamSettings(ctx.db, ctx.projectId)),

  setPolicy: manager
    .meta({
      rest: {
        method: "PUT",
        path: `${at}/settings`,
        summary: "Open or close the red team, set its cap, who judges, which models and which guard",
      },
    })
    .input(policyInputSchema)
    .mutation(({ ctx, input }) => setRedTeamPolicy(ctx.db, ctx.actor, input)),

  results: reviewer
    .meta({
      rest: {
        method: "GET",
        path: `${at}/results`,
        summary: "What succeeded, and how far people, guard and attackers agree",
      },
    })
    .output(redTeamResultsSchema)
    .query(({ ctx }) => redTeamResults(ctx.db, ctx.projectId)),

  refusals: reviewer
    .meta({
      rest: {
        method: "GET",
        path: `${at}/refusals`,
        summary: "How often each model refuses what is harmful, and what is not",
      },
    })
    .output(refusalsSchema)
    .query(({ ctx }) => refusals(ctx.db, ctx.projectId)),

  attempts: reviewer
    .meta({
      rest: {
        method: "GET",
        path: `${at}/attempts`,
        summary: "Attempts that are judged, newest first",
      },
    })
    .input(attemptsInputSchema)
    .output(z.object({ items: z.array(judgedAttemptSchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listAttempts(ctx.db, input)),

  export: manager
    .meta({
      rest: {
        method: "POST",
        path: `${at}/export`,
        summary: "Attempts to be taken elsewhere, marked as such, in the words of a taxonomy of harm",
      },
    })
    .input(attemptsInputSchema.extend({ taxonomy: z.enum(taxonomyIds).default("mlcommons") }))
    .output(z.object({ items: z.array(exportedAttemptSchema), nextCursor: z.uuid().nullable() }))
    .mutation(({ ctx, input }) => exportAttempts(ctx.db, ctx.actor, input)),

  guardEstimate: manager
    .meta({
      rest: {
        method: "GET",
        path: `${at}/guard`,
        summary: "What it would take to have the guard judge what it has not; null where none is set",
      },
    })
    .output(judgeEstimateSchema.nullable())
    .query(async ({ ctx }) => {
      const { guard } = await redTeamPolicy(ctx.db, ctx.projectId);
      return guard && estimateGuard(ctx.db, { projectId: ctx.projectId, ...guard });
    }),

  guard: manager
    .meta({
      rest: {
        method: "POST",
        path: `${at}/guard`,
        summary: "Let the guard judge what it has not; answers with the run",
      },
    })
    .input(guardSpecSchema.pick({ cap: true }))
    .output(runSchema)
    .mutation(async ({ ctx, input }) =>
      startGuard(ctx.db, ctx.actor, {
        projectId: ctx.projectId,
        policy: await redTeamPolicy(ctx.db, ctx.projectId),
        cap: input.cap,
      }),
    ),
});
