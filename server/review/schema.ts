import { z } from "zod";
import { messageSchema } from "../../db/shape/content";
import { annotationOrigins, curationActions, inViewSchema } from "../../db/shape/judgement";
import { raterKinds } from "../../db/shape/people";
import { agreements, preferenceOutcomes, preferenceSorts, preferenceStates } from "../../db/shape/review";
import { responseSchema } from "../content/schema";
import { answersSchema, questionSchema } from "../form/schema";
import { blindTaskSchema } from "../seat/schema";
import { seatSchema } from "../task/schema";

/** What the table of preferences shows: every given field narrows it. */
export const preferenceFilterSchema = z.object({
  /** Words of the conversation. */
  prompt: z.string().trim().max(400).optional(),
  /** Words of one of the two responses. */
  response: z.string().trim().max(400).optional(),
  raterId: z.uuid().optional(),
  questionId: z.string().optional(),
  outcome: z.enum(preferenceOutcomes).optional(),
  agreement: z.enum(agreements).optional(),
  minStrength: z.number().min(0).max(1).optional(),
  maxStrength: z.number().min(0).max(1).optional(),
  /** The source of one of the two responses. */
  source: z.string().optional(),
  language: z.string().optional(),
  domain: z.string().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  state: z.enum(preferenceStates).optional(),
});
export type PreferenceFilter = z.infer<typeof preferenceFilterSchema>;

const preferenceOrderSchema = z.object({
  sort: z.enum(preferenceSorts).default("time"),
  /** (`direction` is what tRPC calls the way through the pages of an infinite query.) */
  order: z.enum(["asc", "desc"]).default("desc"),
});
export const preferenceViewSchema = preferenceFilterSchema.extend(preferenceOrderSchema.shape);
export type PreferenceOrder = z.infer<typeof preferenceOrderSchema>;

const raterRefSchema = z.object({ id: z.uuid(), name: z.string() });
const shownResponseSchema = z.object({ id: z.uuid(), source: z.string().nullable(), excerpt: z.string() });

export const preferenceRowSchema = z.object({
  id: z.uuid(),
  annotationId: z.uuid(),
  taskId: z.uuid(),
  promptId: z.uuid(),
  prompt: z.string(),
  a: shownResponseSchema,
  b: shownResponseSchema,
  questionId: z.string(),
  outcome: z.enum(preferenceOutcomes),
  /** (0, 1] for a winner, else 0. */
  strength: z.number(),
  aShownFirst: z.boolean().nullable(),
  rater: raterRefSchema,
  /** Raters whose judgement of this pair counts, and the share of them behind the most frequent outcome. */
  votes: z.number().int(),
  agreement: z.number().nullable(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  submittedAt: z.date(),
  visibleMs: z.number().int().nullable(),
  /** The share of each text's height that the rater's screen showed, 0 to 1; null where no screen told. */
  inViewA: z.number().nullable(),
  inViewB: z.number().nullable(),
  /** The chance with which the project's rule gave this task out; null where none chose. */
  selectionProbability: z.number().nullable(),
  flagReason: z.string().nullable(),
  excludedReason: z.string().nullable(),
  origin: z.enum(annotationOrigins),
});
export type PreferenceRow = z.infer<typeof preferenceRowSchema>;

/** An annotation as the HTTP API lists it; answers in the task's canonical response order. */
export const annotationSchema = z.object({
  id: z.uuid(),
  taskId: z.uuid(),
  promptId: z.uuid(),
  assignmentId: z.uuid().nullable(),
  rater: raterRefSchema,
  origin: z.enum(annotationOrigins),
  revision: z.number().int(),
  current: z.boolean(),
  answers: answersSchema,
  /** Canonical order: the responses that the answers' lists run over. */
  responseIds: z.array(z.uuid()),
  /** Position i on the rater's screen showed `responseIds[order[i]]`. Empty when an import does not tell. */
  order: z.array(z.number().int()),
  formVersionId: z.uuid(),
  guidelineVersionId: z.uuid().nullable(),
  shownAt: z.date().nullable(),
  firstDecisionAt: z.date().nullable(),
  submittedAt: z.date(),
  visibleMs: z.number().int().nullable(),
  /** How much of each text stood on the rater's screen, responses in canonical order; null where no screen told. */
  inView: inViewSchema.nullable(),
  /** The chance with which the project's rule gave this task out; null where none chose. */
  selectionProbability: z.number().nullable(),
  flagReason: z.string().nullable(),
  excludedAt: z.date().nullable(),
  excludedReason: z.string().nullable(),
  withdrawnAt: z.date().nullable(),
  /** One of the task's votes by people: current, not excluded, consented to, and no adjudication. */
  isVote: z.boolean(),
});
export type AnnotationRow = z.infer<typeof annotationSchema>;

export const annotationFilterSchema = z.object({
  raterId: z.uuid().optional(),
  taskId: z.uuid().optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** Also revisions that were replaced or withdrawn. */
  history: z.boolean().default(false),
});

export const reasonSchema = z.string().trim().min(1, "Say why.").max(2000);

const curationSchema = z.object({
  id: z.uuid(),
  annotationId: z.uuid().nullable(),
  action: z.enum(curationActions),
  /** Empty for a decision that gives none. */
  reason: z.string(),
  /** Of a decision: when its author had first been shown the votes, or the sources; null where it was made blind. */
  seenAt: z.date().nullable(),
  person: raterRefSchema.nullable(),
  createdAt: z.date(),
});

/** Everything about one task: what was shown, what everybody answered, what was decided about it. */
export const reviewDetailSchema = z.object({
  task: z.object({
    id: z.uuid(),
    overlap: z.number().int(),
    priority: z.number().int(),
    language: z.string().nullable(),
    domain: z.string().nullable(),
    createdAt: z.date(),
  }),
  prompt: z.object({
    id: z.uuid(),
    messages: z.array(messageSchema),
    tools: z.array(z.unknown()).nullable(),
    source: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  }),
  /** In canonical order, as answers run over them. */
  responses: z.array(responseSchema),
  /** The form in force now; each annotation names the version it was given under. */
  questions: z.array(questionSchema),
  seats: z.array(seatSchema),
  annotations: z.array(annotationSchema.extend({ guidelineVersion: z.number().int().nullable() })),
  curations: z.array(curationSchema),
});
export type ReviewDetail = z.infer<typeof reviewDetailSchema>;

/** A task that is to be decided, blind: nothing of how it was judged, or of where its responses came from. */
export const disputeSchema = blindTaskSchema.pick({ prompt: true, responses: true, questions: true }).extend({
  taskId: z.uuid(),
  /** Position i shows the canonical response `order[i]`. */
  order: z.array(z.number().int()),
  /** When this person was first shown others' answers to it, or its sources; null where the decision would be blind. */
  seenAt: z.date().nullable(),
});
export type Dispute = z.infer<typeof disputeSchema>;

export const adjudicationSchema = z.object({
  /** In canonical response order, whatever was shown. */
  answers: answersSchema,
  /** Position i on the screen showed the canonical response `order[i]`; absent: the canonical order. */
  order: z.array(z.number().int()).max(100).optional(),
  /** Absent: what the answers give as the reason. */
  reason: reasonSchema.optional(),
});

/** A task in the queue for adjudication: enough raters, no agreement, nobody has decided yet. */
export const disagreementSchema = z.object({
  taskId: z.uuid(),
  promptId: z.uuid(),
  prompt: z.string(),
  language: z.string().nullable(),
  domain: z.string().nullable(),
  votes: z.number().int(),
  /** Share of the votes behind the most frequent answer, where the raters differ most: over a pair, a rating, an option. */
  agreement: z.number(),
  /** What a decision is expected to put right, in answers: the queue's order. */
  gain: z.number(),
  lastSubmittedAt: z.date(),
});
export type Disagreement = z.infer<typeof disagreementSchema>;

export const dashboardSchema = z.object({
  tasks: z.object({
    total: z.number().int(),
    done: z.number().int(),
    started: z.number().int(),
    waiting: z.number().int(),
  }),
  seats: z.object({
    wanted: z.number().int(),
    submitted: z.number().int(),
    leased: z.number().int(),
    returned: z.number().int(),
    skipped: z.number().int(),
  }),
  pace: z.object({
    lastHour: z.number().int(),
    lastDay: z.number().int(),
    days: z.array(z.object({ day: z.iso.date(), count: z.number().int() })),
  }),
  forecast: z.object({
    remaining: z.number().int(),
    /** Judgements per day, over the last seven days with work. Null before there is any. */
    perDay: z.number().nullable(),
    finishAt: z.date().nullable(),
  }),
  raters: z.array(
    raterRefSchema.extend({
      kind: z.enum(raterKinds),
      submitted: z.number().int(),
      today: z.number().int(),
      lastAt: z.date().nullable(),
      medianSeconds: z.number().nullable(),
      skipped: z.number().int(),
      flagged: z.number().int(),
      returned: z.number().int(),
      held: z.number().int(),
    }),
  ),
  /** A question that compares responses each; none is added to another. */
  questions: z.array(
    z.object({
      questionId: z.string(),
      label: z.string(),
      outcomes: z.object({
        a: z.number().int(),
        b: z.number().int(),
        tie: z.number().int(),
        both_bad: z.number().int(),
      }),
      /** Raw agreement of two raters, with its 95 % interval; null before two raters judged the same pair. */
      agreement: z.object({
        estimate: z.number().nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
        /** Comparisons of two raters. */
        n: z.number().int(),
        prompts: z.number().int(),
        reason: z.string().optional(),
        pairs: z.number().int(),
        /** Pairs with one vote. */
        leftOut: z.object({ single: z.number().int() }),
      }),
      /** How often the response shown first won, among decided votes of known order. */
      firstShown: z.object({
        won: z.number().int(),
        decided: z.number().int(),
        leftOut: z.object({ undecided: z.number().int(), orderUnknown: z.number().int() }),
      }),
      raters: z.array(
        z.object({
          id: z.uuid(),
          /** Of the comparisons with other raters of the same pair, the share that came out the same. */
          agreement: z.number().nullable(),
          comparisons: z.number().int(),
          votes: z.number().int(),
          /** Votes on pairs that nobody else judged. */
          leftOut: z.object({ alone: z.number().int() }),
        }),
      ),
    }),
  ),
  flags: z.object({
    count: z.number().int(),
    newest: z.array(
      z.object({
        annotationId: z.uuid(),
        taskId: z.uuid(),
        reason: z.string(),
        rater: raterRefSchema,
        at: z.date(),
      }),
    ),
  }),
});
export type Dashboard = z.infer<typeof dashboardSchema>;
