import { type Figure, NO_VOTES, VOTES } from "./figure";

const on = (...fields: string[]) => fields.map((field) => `conclusion.joint ${field}`);
const mean = (name: string) => ["estimate", "low", "high", "n", "prompts"].map((field) => `${name}.${field}`);

const PAIRS =
  "Pairs of responses of the two sources that this version of the judge was asked about, each once. What people say of one is the mean of their votes, a tie half; the judge's prediction is the mean of its probabilities in both orders, ½ where a reply is missing or failed.";
const NOT =
  "Pairs that this version was not asked about, whatever people say of them; of a judge trained here, pairs of prompts that it was trained on, counted. Since the project first chose tasks by uncertainty or disagreement: judgements that votes on the same task brought, and those that no draw on record did; and of each draw the pair that it came to last, which says how far it came.";
const WEIGHTED =
  "Where tasks were chosen by uncertainty or disagreement, a judged pair stands for 1/π pairs, π = 1 − exp(−chance·τ) how likely its draw was to come to it by the time τ that it came so far; pairs of later draws are averaged over the draws, and f counts over all pairs.";
const ASSUMED =
  "It holds if the pairs that people judged are a random draw of all, with the chances on record, and if the judge was fixed without what people say of them. Raters are taken as given. It is for one look: who looks again and again and stops at what pleases needs a stopping rule.";

/** Figures of people and a judge together. */
export const jointFigures = {
  jointWinRate: {
    name: "People and judge together",
    is: "How often the source wins against its opponent, a tie half: by people alone, by the judge alone, which no guarantee goes with, and by both together, λ·mean(f) of the pairs that nobody judged + mean(y − λf) of those that people did (PPI++). λ = cov(y, f)/((1 + n/N) var f), held in 0 to 1, says how far the judge counts: with a useless judge it is near 0 and people's figure stands, a flipped one is not used. Below 20 judged prompts λ is 0. Effective n is the number of pairs that people alone would have to judge for the joint interval.",
    counts: `${PAIRS} ${VOTES}`,
    leftOut: `${NOT} ${NO_VOTES} From the judge's own figure, pairs without its verdict.`,
    interval: `95 %: the errors of all pairs of a prompt together, × G/(G−1), Student's t(G−1), G the prompts that people judged. ${WEIGHTED} ${ASSUMED}`,
    by: "server/statistics/joint/clustered.ts clusteredJoint",
    fields: on(...["people", "judgeAlone", "joint"].flatMap(mean), "lambda", "effectiveN"),
  },
  jointSample: {
    name: "What people judged of what the judge did",
    is: "Pairs that the judge was asked about, those that people judged too with their judgements and raters, those without the judge's verdict, and what the judge cost for their tasks in US dollars. Where tasks were chosen: how many judged pairs stand for others, and the number (Σc)²/Σc² of equally likely ones that they count as, c what each stands for.",
    counts: `${PAIRS} ${VOTES}`,
    leftOut: `${NOT} ${NO_VOTES}`,
    interval: null,
    by: "server/conclusion/joint.ts jointWinRate",
    fields: on(
      ...["all", "judged", "withoutVerdict"].map((field) => `pairs.${field}`),
      ...["judgements", "raters", "cost", "leftOut.trained", "leftOut.chosen"],
      ...["weighted.pairs", "weighted.effective"],
    ),
  },
  jointAnytime: {
    name: "Interval for any number of looks",
    is: "The joint win rate ± b standard errors, b = √(2(tρ² + 1)/(tρ²)·ln(√(tρ² + 1)/.05)), t the prompts that people judged and ρ² = .0397, widened as Student's t widens the normal: an asymptotic confidence sequence. All looks together hold the truth with 95 %, so that whoever stops once it is narrow enough, or leaves one half out, is not misled. It is some 1.5 times as wide as the interval for one look.",
    counts: `${PAIRS} ${VOTES}`,
    leftOut: `${NOT} Nothing below 20 judged prompts.`,
    interval: "95 % at all looks at once, where a mean of prompts is near normal.",
    by: "server/statistics/joint/anytime.ts anytimeBound",
    fields: on("anytime.low", "anytime.high"),
  },
  jointCertificate: {
    name: "Verdicts that may stand without people",
    is: "How many of the judge's verdicts may be taken as they are: at most 5 % of them are wrong, with 90 % confidence. Sets of the surest tenth, two tenths and so on are tested in turn, each by the likelihood ratio of what people said of a random part of it, without replacement, until one is not certified; one may look at any time. A verdict is wrong where people's majority says another thing, a tie among them.",
    counts: `Pairs with a verdict of the judge; labels are those that people judged, in the order in which they came to. ${VOTES}`,
    leftOut: `${NOT} No certificate where tasks are given out in order, by uncertainty or by disagreement, or have several priorities: its labels must be drawn with equal chances.`,
    interval:
      "90 % confidence. It holds if the judge was fixed before, people do not see its verdicts, tasks are drawn at random, and people's majority is the truth.",
    by: "server/conclusion/certificate.ts certificateOf",
    fields: on(
      ...["of", "accepted", "surest", "threshold", "labels", "errors"].map((field) => `certificate.${field}`),
    ),
  },
  jointDrift: {
    name: "Judged pairs beside the others",
    is: "The judge's win rate on the pairs that people judged, less that on the others. Of a random draw it differs from 0 by chance alone: an interval without 0 says that people judged other pairs than the rest.",
    counts: PAIRS,
    leftOut: NOT,
    interval: "95 %, clustered by prompt, Student's t by the fewer prompts of the two sides.",
    by: "server/statistics/joint/clustered.ts clusteredJoint",
    fields: on(...mean("drift")),
  },
  jointPlan: {
    name: "Judgements needed for a width",
    is: "Further judgements of people after which the 95 % interval is as narrow as wanted, without the judge and with it, if what comes is like what came: half of it is t·√(V/n·(1 − R²(1 − n/M))), n the pairs that people judge, M those that the judge did, V the variance of people's means of a pair with its prompt taken into account, R² the share that the judge explains (0 where it goes against people). As many judgements a pair as so far.",
    counts: `${PAIRS} ${VOTES}`,
    leftOut: `${NOT} Nothing is reckoned below 20 judged prompts.`,
    interval: null,
    by: "server/statistics/width.ts judgedFor",
    fields: on(
      ...["variance", "explained", "rows", "judged", "clusters", "each"].map((field) => `pilot.${field}`),
      ...["halfWidth", "alone", "joint"].map((field) => `ways[].${field}`),
    ),
  },
} as const satisfies Record<string, Figure>;
