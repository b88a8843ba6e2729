import { z } from "zod";
import { planDefaults } from "../../db/shape/plan";
import { hourlyRateSchema } from "../../db/shape/project";

/** A part of a project, by its tasks. */
const sliceSchema = z.object({
  language: z.string().optional(),
  domain: z.string().optional(),
});
export type Slice = z.infer<typeof sliceSchema>;

/** Whose votes: those on one question, the one with most votes where none is named. */
export const lookSchema = sliceSchema.extend({ questionId: z.string().optional() });
export type Look = z.infer<typeof lookSchema>;

/** A question that compares responses, with its votes. */
export const comparedSchema = z.object({ id: z.string(), label: z.string(), votes: z.number().int() });
const boundsSchema = z.object({
  /** Log-odds: of two sources θ apart, one wins e^θ times for each time that it loses. */
  theta: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The same as points: 1000 the mean of the group, 400 more are ten wins for each loss. */
  points: z.number().nullable(),
  pointsLow: z.number().nullable(),
  pointsHigh: z.number().nullable(),
});

const standingSchema = boundsSchema.extend({
  source: z.string(),
  won: z.number().int(),
  lost: z.number().int(),
  tied: z.number().int(),
  /** The best and the worst rank that differences allow, 1 the best. */
  rank: z.number().int().nullable(),
  rankAtWorst: z.number().int().nullable(),
});

export const leaderboardSchema = z.object({
  question: comparedSchema.nullable(),
  /** What else may be asked for. */
  questions: z.array(comparedSchema),
  languages: z.array(z.object({ value: z.string(), votes: z.number().int() })),
  domains: z.array(z.object({ value: z.string(), votes: z.number().int() })),
  votes: z.number().int(),
  prompts: z.number().int(),
  raters: z.number().int(),
  leftOut: z.object({
    sourceUnknown: z.number().int(),
    sameSource: z.number().int(),
    repeated: z.number().int(),
  }),
  /** Sources that met one another, directly or by others: no number compares across. Best first. */
  groups: z.array(
    z.object({
      method: z.string(),
      /** Davidson's ν: how often equals tie. */
      tie: z.number().nullable(),
      /** No finite strengths are most likely: those shown are drawn to the mean, and have no intervals. */
      regularised: z.boolean(),
      /** What a reader has to know: why there are no intervals, who never lost, how few raters there are. */
      cautions: z.array(z.string()),
      standings: z.array(standingSchema),
      matrix: z.object({
        sources: z.array(z.string()),
        /** How often the row beats the column, a tie half. */
        winRate: z.array(z.array(z.number().nullable())),
        low: z.array(z.array(z.number().nullable())),
        high: z.array(z.array(z.number().nullable())),
        games: z.array(z.array(z.number().int())),
      }),
    }),
  ),
});
export type Leaderboard = z.infer<typeof leaderboardSchema>;
export type Standing = z.infer<typeof standingSchema>;

/** The ranking with style held equal, beside the same without. */
export const controlSchema = z.object({
  groups: z.array(
    z.object({
      method: z.string(),
      cautions: z.array(z.string()),
      standings: z.array(z.object({ source: z.string(), plain: boundsSchema, held: boundsSchema })),
      features: z.array(
        z.object({
          name: z.string(),
          /** Log-odds for a typical difference of two responses. */
          effect: z.number().nullable(),
          low: z.number().nullable(),
          high: z.number().nullable(),
          reason: z.string().optional(),
        }),
      ),
      /** The mean of each source's responses that were compared. */
      means: z.array(z.object({ source: z.string(), values: z.array(z.number()) })),
    }),
  ),
});
export type Control = z.infer<typeof controlSchema>;

/** Two sources to look at, the first two by strength where none is named. */
export const pairSchema = z
  .object({ source: z.string().min(1).optional(), opponent: z.string().min(1).optional() })
  .refine(({ source, opponent }) => (source === undefined) === (opponent === undefined), {
    error: "Name both source and opponent, or neither.",
  })
  .refine(({ source, opponent }) => source === undefined || source !== opponent, {
    error: "source and opponent are the same; name two.",
  });

const raterRef = z.object({ id: z.uuid(), name: z.string() });

export const fragilitySchema = z.object({
  leader: z.string().nullable(),
  second: z.string().nullable(),
  votes: z.number().int(),
  /** The fewest votes found whose removal turns the two round, and their share. */
  removed: z.number().int().nullable(),
  share: z.number().nullable(),
  /** It is the least number, and not only one that suffices. */
  exact: z.boolean(),
  /** Whose votes these are. */
  whose: z.array(raterRef.extend({ votes: z.number().int() })),
  /** Raters each of whom alone turns the two round. */
  alone: z.array(raterRef),
  /** The fewest raters found who together do; null where none do. */
  together: z.array(raterRef).nullable(),
  reason: z.string().optional(),
});
export type Fragility = z.infer<typeof fragilitySchema>;

/** Which judge's verdicts stand beside people's judgements, and for which two sources. */
export const jointInput = sliceSchema.extend({
  judgeVersionId: z.uuid(),
  source: z.string().min(1),
  opponent: z.string().min(1),
});
export type JointInput = z.infer<typeof jointInput>;

const meanSchema = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Pairs, and the prompts that they belong to, by which the interval is clustered. */
  n: z.number().int(),
  prompts: z.number().int(),
  reason: z.string().optional(),
});

export const jointSchema = z.object({
  judge: z.object({ judgeVersionId: z.uuid(), name: z.string(), version: z.number().int() }),
  question: z.object({ id: z.string(), label: z.string() }),
  source: z.string(),
  opponent: z.string(),
  pairs: z.object({
    /** Pairs of the two that the judge was asked about, those that people judged too, those without its verdict. */
    all: z.number().int(),
    judged: z.number().int(),
    withoutVerdict: z.number().int(),
  }),
  /** People's, on the pairs that they judged. */
  judgements: z.number().int(),
  raters: z.number().int(),
  /** US dollars that the judge took for these pairs so far; null where it is not known. */
  cost: z.number().nullable(),
  leftOut: z.object({
    /** Pairs of prompts that the judge was trained on: there it knows what people said. */
    trained: z.number().int(),
    /** Judgements that votes on their own task brought, or that no draw on record did, since tasks are chosen. */
    chosen: z.number().int(),
  }),
  /**
   * Where tasks were given out by uncertainty or disagreement: how many judged pairs stand for others, each for as many as
   * its chance says, and as how many equally likely ones they count. Null where all pairs stand alike.
   */
  weighted: z.object({ pairs: z.number().int(), effective: z.number() }).nullable(),
  /** How often the source wins, a tie half. */
  people: meanSchema,
  judgeAlone: meanSchema,
  joint: meanSchema,
  /** Of both together, valid at all looks at once, whenever one stops; null below 20 judged prompts. */
  anytime: z.object({ low: z.number(), high: z.number() }).nullable(),
  /**
   * How many of the judge's verdicts may stand without people: at most 5 % of them are wrong, with 90 % confidence. Null
   * where tasks are chosen, in order or of several priorities, so that what people judged is no sample of equal chances.
   */
  certificate: z
    .object({
      /** Pairs with a verdict, and those whose verdict may stand. */
      of: z.number().int(),
      accepted: z.number().int(),
      /** The set that was tested last, the surest of them, how sure the judge is at least, and what people said of it. */
      surest: z.number().int(),
      threshold: z.number().nullable(),
      labels: z.number().int(),
      errors: z.number().int(),
    })
    .nullable(),
  /** How far the judge's verdicts count, 0 to 1. */
  lambda: z.number(),
  /** As many pairs that people judge would alone be as precise as the joint figure. */
  effectiveN: z.number().nullable(),
  /** The judge's win rate on pairs that people judged, less that on the others. */
  drift: meanSchema,
  /** What widths are reckoned from; null where too few pairs are judged. */
  pilot: z
    .object({
      variance: z.number(),
      /** The share of it that the judge explains. */
      explained: z.number(),
      rows: z.number().int(),
      judged: z.number().int(),
      clusters: z.number().int(),
      /** Judgements of a pair. */
      each: z.number(),
    })
    .nullable(),
  /** Further judgements of people for an interval of ± a width, without the judge and with it. */
  ways: z.array(
    z.object({
      halfWidth: z.number(),
      alone: z.number().int().nullable(),
      joint: z.number().int().nullable(),
    }),
  ),
  /** What a reader has to know of how the pairs came to be judged. */
  cautions: z.array(z.string()),
});
export type JointWinRate = z.infer<typeof jointSchema>;

export const planInput = z.object({
  source: z.string().min(1).optional(),
  opponent: z.string().min(1).optional(),
  /** The win rate that is to be told from ½. */
  winRate: z.coerce.number().gt(0.5).max(0.99).default(planDefaults.winRate),
  power: z.coerce.number().min(0.5).max(0.99).default(planDefaults.power),
  alpha: z.coerce.number().min(0.001).max(0.2).default(planDefaults.alpha),
  /** Half of the interval that agreement is to have. */
  halfWidth: z.coerce.number().min(0.01).max(0.5).default(planDefaults.halfWidth),
});

const intervalSchema = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  reason: z.string().optional(),
});

export const planSchema = z.object({
  question: comparedSchema.nullable(),
  rate: hourlyRateSchema.nullable(),
  pilot: z.object({
    votes: z.number().int(),
    prompts: z.number().int(),
    ties: z.number().nullable(),
    /** How much votes of two raters on one prompt are alike: ICC(1,1) of their scores. */
    alike: intervalSchema,
    /** Raw agreement of two raters. */
    agreement: intervalSchema,
    /** The median of timed judgements, and how many there are. */
    seconds: z.number().nullable(),
    timed: z.number().int(),
  }),
  /** What is reckoned with: the pilot's figures, or what is assumed where it has none. */
  assumed: z.object({ ties: z.number(), alike: z.number() }),
  cautions: z.array(z.string()),
  /** To tell the win rate from ½, by raters a prompt. */
  ways: z.array(
    z.object({
      raters: z.number().int(),
      prompts: z.number().int(),
      judgements: z.number().int(),
      hours: z.number().nullable(),
      cost: z.number().nullable(),
    }),
  ),
  /** Prompts that two or more have judged now, and those that the wanted half-width of raw agreement needs. */
  agreement: z.object({
    prompts: z.number().int(),
    halfWidth: z.number().nullable(),
    wanted: z.number(),
    needed: z.number().int().nullable(),
    reason: z.string().optional(),
  }),
});
export type Plan = z.infer<typeof planSchema>;

export const newRuleSchema = z
  .object({
    /** Needed where a form compares two responses under several questions. */
    questionId: z.string().optional(),
    source: z.string().min(1),
    opponent: z.string().min(1),
    alpha: z.number().min(0.001, "alpha: .001 or more").max(0.2, "alpha: at most .2").default(0.05),
    /** A win rate nearer to ½ than this is no difference; left out, any is looked for. */
    smallest: z.number().gt(0).lt(0.5).optional(),
    /** The most judgements that are paid for. */
    budget: z.number().int().min(1).max(10_000_000),
    reason: z.string().trim().min(1, "Say why.").max(2000),
  })
  .refine(({ source, opponent }) => source !== opponent, {
    error: "source and opponent are the same; name two.",
  });
export type NewRule = z.infer<typeof newRuleSchema>;

const verdicts = ["better", "worse", "same", "open", "hopeless", "spent"] as const;

const ruleSchema = z.object({
  id: z.uuid(),
  questionId: z.string(),
  source: z.string(),
  opponent: z.string(),
  alpha: z.number(),
  smallest: z.number().nullable(),
  budget: z.number().int(),
  reason: z.string(),
  promptsBefore: z.number().int(),
  createdBy: z.string().nullable(),
  createdAt: z.date(),
});

export const stopSchema = z.object({
  rule: ruleSchema,
  /** Rules of the same comparison that it took the place of, newest first. */
  earlier: z.array(ruleSchema.omit({ id: true, questionId: true, source: true, opponent: true })),
  verdict: z.enum(verdicts),
  /** The verdict in a sentence. */
  says: z.string(),
  cautions: z.array(z.string()),
  /** Prompts with all the judgements that they are to have, each once; and those begun. */
  prompts: z.number().int(),
  begun: z.number().int(),
  judgements: z.number().int(),
  winRate: z.number().nullable(),
  /** Valid whenever one looks. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** After how many prompts it was decided. */
  decidedAt: z.number().int().nullable(),
  /** Judgements still needed if what comes is like what came. */
  needed: z.number().int().nullable(),
  /** At most 200 points of the sequence. */
  sequence: z.array(
    z.object({ prompts: z.number().int(), winRate: z.number(), low: z.number(), high: z.number() }),
  ),
});
export type Stop = z.infer<typeof stopSchema>;

/** A document as its writers read it: page, Markdown, LaTeX. Numbers are written already. */
const blockSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), text: z.string() }),
  z.object({
    kind: z.literal("table"),
    caption: z.string(),
    /** The entry of the catalogue that says what its numbers are. */
    figure: z.string(),
    head: z.array(z.string()),
    rows: z.array(z.array(z.string())),
  }),
  /** Intervals of strengths, one line a source. */
  z.object({ kind: z.literal("strengths"), caption: z.string(), group: z.number().int() }),
]);
export type Block = z.infer<typeof blockSchema>;

export const reportSchema = z.object({
  title: z.string(),
  at: z.date(),
  sections: z.array(z.object({ title: z.string(), blocks: z.array(blockSchema) })),
  /** What made the numbers: method, program and version, and the paper. */
  methods: z.array(z.object({ name: z.string(), by: z.string(), reference: z.string() })),
  leaderboard: leaderboardSchema,
});
export type Report = z.infer<typeof reportSchema>;

export const conclusionFiles = ["leaderboard.csv", "leaderboard.svg", "report.md", "report.tex"] as const;

export const fileSchema = z.object({ name: z.string(), mediaType: z.string(), content: z.string() });
