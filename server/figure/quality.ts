import type { MeasureName } from "../../db/shape/quality";
import { type Figure, NO_VOTES, VOTES } from "./figure";

/** How the intervals of the measures of agreement are made, and what they were seen to cover. */
const JACKKNIFE =
  "95 %: the estimate without one prompt at a time (jackknife), Student's t with one degree less than prompts, on Fisher's z. No bootstrap: on simulated studies this covered 93–96 of 100 from 50 items on, percentiles of a bootstrap over items 88–93 at 50 (npm run bench:coverage). Raters are taken as they are. None where everybody agreed.";
const SINGLE = `Items with one vote. ${NO_VOTES}`;
const ALL_RATERS = `${VOTES} Items are pairs of responses, or single responses and tasks where those are judged.`;

const NORMING = "Everybody who is no rater of the norming.";

const measure = (name: MeasureName) =>
  ["estimate", "low", "high", "n"].map((field) => `quality.show parts[].measures.${name}.${field}`);

/** Figures of the quality page: of agreement, and of raters. A worker computes them; the page shows what is stored. */
export const qualityFigures = {
  rawAgreement: {
    name: "Raw agreement",
    is: "Of all comparisons of two raters on one item, the share that came out the same. What chance alone would give is not taken off.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/statistics/agreement/raw.ts raw",
    fields: measure("rawAgreement"),
  },
  alpha: {
    name: "Krippendorff's α",
    is: "Agreement beyond chance: 1 is full, 0 is what chance gives. Nominal for verdicts and options, ordinal for ratings. Where it was drawn which response stood first, each pair counts in both orientations, so that which of the two is called the first changes nothing.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/statistics/agreement/krippendorff.ts krippendorff",
    fields: measure("alpha"),
  },
  alphaPlain: {
    name: "α, one orientation",
    is: "Krippendorff's α with each pair as it is stored. Beside the other where sides were drawn: both orientations let a leaning to one side that raters share look like agreement, one orientation depends on what is called the first.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/statistics/agreement/krippendorff.ts krippendorff",
    fields: measure("alphaPlain"),
  },
  alphaStrength: {
    name: "α of strength",
    is: "Krippendorff's α of how much better, ordinal, from the far end of one response to that of the other. A tie and both bad are the middle.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/statistics/agreement/krippendorff.ts krippendorff",
    fields: measure("alphaStrength"),
  },
  ac: {
    name: "Gwet's AC",
    is: "Agreement beyond chance that does not fall when almost all answers are the same: AC1 for verdicts and options, AC2 with quadratic weights for ratings.",
    counts: `${ALL_RATERS} Also items with one vote, for how frequent each answer is.`,
    leftOut: NO_VOTES,
    interval: `${JACKKNIFE} Of AC2 below 200 items it covers 92–93: approximate.`,
    by: "server/statistics/agreement/chance.ts beyondChance",
    fields: measure("ac"),
  },
  kappa: {
    name: "Cohen's κ",
    is: "Agreement beyond chance of two raters, with the chance that their own habits give; quadratic weights for ratings. Only where exactly two have judged.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/statistics/agreement/cohen.ts cohen",
    fields: measure("kappa"),
  },
  icc: {
    name: "ICC(1,1)",
    is: "The share of what differs between ratings that lies in what is rated and not in who rates; raters differ by item.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: `${JACKKNIFE} On skewed scores from 1 to 5 it covered 94, the F interval 91.5.`,
    by: "server/statistics/agreement/icc.ts oneWay",
    fields: measure("icc"),
  },
  kendallW: {
    name: "Kendall's W",
    is: "How far raters rank the responses of a task alike, mean over tasks: 0 not at all, 1 the same order.",
    counts: `${VOTES} Tasks with three responses or more that two raters or more have ranked.`,
    leftOut: `Tasks where everybody tied everything. ${NO_VOTES}`,
    interval:
      "95 %: Student's t over tasks. W lies between 0 and 1, so that below 20 tasks it is approximate.",
    by: "server/statistics/agreement/rankings.ts rankAgreement",
    fields: measure("kendallW"),
  },
  tauB: {
    name: "Kendall's τ-b",
    is: "Of the pairs of responses in a task, those that two raters order alike minus those that they order otherwise, ties taken out; mean over pairs of raters and tasks.",
    counts: `${VOTES} Tasks with three responses or more that two raters or more have ranked.`,
    leftOut: `Pairs of raters of whom one tied everything. ${NO_VOTES}`,
    interval: "95 %: Student's t over tasks.",
    by: "server/statistics/agreement/rankings.ts rankAgreement",
    fields: measure("tauB"),
  },
  qualityVotes: {
    name: "Votes measured",
    is: "Votes that the measures are made of, the items that they are on, and those of them with two votes or more; and the votes of each rater.",
    counts: ALL_RATERS,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/quality/inputs.ts readParts",
    fields: [
      ...["votes", "items", "shared"].map((field) => `quality.show parts[].${field}`),
      "quality.show parts[].raters[].votes",
    ],
  },
  raterMatrix: {
    name: "Rater by rater",
    is: "Of the items that two raters have both judged, the share on which they said the same. No interval: it is for finding who differs from whom, not for conclusions about two people.",
    counts: `${ALL_RATERS} The 20 raters with the most votes.`,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/quality/agreement.ts agreementOf",
    fields: ["alike", "of"].map((field) => `quality.show parts[].matrix[].${field}`),
  },
  disputes: {
    name: "What raters differ on",
    is: "Tasks by the mean agreement of two raters over all that was asked there: the share that is the same; for ratings one less the distance as a share of the scale. The 20 with the least.",
    counts: ALL_RATERS,
    leftOut: `Tasks on which all agree. ${SINGLE}`,
    interval: null,
    by: "server/quality/agreement.ts agreementOf",
    fields: ["agreement", "votes"].map((field) => `quality.show parts[].disputed[].${field}`),
  },
  agreementTrend: {
    name: "α over time",
    is: "Krippendorff's α of the items that got their last vote on a day (UTC), or in a week from Monday where that would be more than 26 days.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: JACKKNIFE,
    by: "server/quality/agreement.ts agreementOf",
    fields: ["estimate", "low", "high", "n"].map((field) => `quality.show parts[].trend[].${field}`),
  },
  swayed: {
    name: "What sways everybody",
    is: "Log-odds that all raters give the response shown first, and the longer one for each step in log(1 + characters), beside how strong the responses' sources are: Bradley–Terry with position and length. 0 is no bias; .5 turns 50 % into 62 %.",
    counts: `${VOTES} Ties and both bad are half a vote for each.`,
    leftOut: `Votes of unknown order; pairs of one source or of none; raters beyond the 400 with the most votes. ${NO_VOTES}`,
    interval: null,
    by: "server/statistics/raters/biased-bt.ts biasedBradleyTerry",
    fields: ["position", "length"].map((field) => `quality.show parts[].swayed.${field}`),
  },
  positionBias: {
    name: "Leaning",
    is: "Log-odds that a rater adds, beside what all raters share, for the response shown first: above 0 first, below 0 second. Drawn towards 0 (ridge 4) as far as the votes are few; asked of raters with 20 votes or more.",
    counts: VOTES,
    leftOut: `As for what sways everybody. ${NO_VOTES}`,
    interval: "± 1.96 posterior standard deviations, given the strengths.",
    by: "server/statistics/raters/biased-bt.ts biasedBradleyTerry",
    fields: ["estimate", "low", "high"].map((field) => `quality.show parts[].raters[].position.${field}`),
  },
  reliability: {
    name: "Reliability",
    is: "The share of right votes that the annotator model of Dawid and Skene expects of a rater. The truth is guessed from the same votes: it is high too where all err alike.",
    counts: ALL_RATERS,
    leftOut: `Scales of more than 12 points. ${NO_VOTES}`,
    interval:
      "± 1.96 standard errors of a bootstrap over items that refits the model. It covers less than 95 of 100: 67 at 20 items, 84 at 50, 90 at 200 (npm run bench:coverage). Read it as the least there is to doubt; gold items tell more.",
    by: "server/statistics/raters/dawid-skene.ts reliabilities",
    fields: ["estimate", "low", "high"].map((field) => `quality.show parts[].raters[].reliability.${field}`),
  },
  agreementWithOthers: {
    name: "With others",
    is: "Of the comparisons of the rater's votes with each other vote on the same item, the share that came out the same. No interval: comparisons with one other's vote are not independent.",
    counts: ALL_RATERS,
    leftOut: SINGLE,
    interval: null,
    by: "server/quality/rater-figures.ts raterFigures",
    fields: ["alike", "of"].map((field) => `quality.show parts[].raters[].others.${field}`),
  },
  agreementWithAdjudications: {
    name: "With adjudications",
    is: "Of the items that somebody has adjudicated, the share on which the rater had said the same.",
    counts: `${ALL_RATERS} Adjudications in force.`,
    leftOut: `Items without an adjudication. ${NO_VOTES}`,
    interval: "95 % Wilson. Adjudicated items are mostly those that raters differ on.",
    by: "server/quality/rater-figures.ts raterFigures",
    fields: ["alike", "of"].map((field) => `quality.show parts[].raters[].adjudicated.${field}`),
  },
  firstShownOfRater: {
    name: "For the first shown",
    is: "Of the rater's votes that prefer one response, the share for the one shown first.",
    counts: VOTES,
    leftOut: `Ties and both bad; votes whose order is not known. ${NO_VOTES}`,
    interval: null,
    by: "server/quality/rater-figures.ts raterFigures",
    fields: ["alike", "of"].map((field) => `quality.show parts[].raters[].firstShown.${field}`),
  },
  longerOfRater: {
    name: "For the longer",
    is: "Of the rater's votes that prefer one response, the share for the longer of the two. Longer ones may be better: compare raters, not with 50 %.",
    counts: VOTES,
    leftOut: `Ties and both bad; pairs of one length. ${NO_VOTES}`,
    interval: null,
    by: "server/quality/rater-figures.ts raterFigures",
    fields: ["alike", "of"].map((field) => `quality.show parts[].raters[].longer.${field}`),
  },
  answerRun: {
    name: "Longest run",
    is: "The run of one answer, as it stood on the screen, that is least likely by chance, with how frequent it is among the others' votes; and that chance, at most.",
    counts: `${VOTES} In the order in which they were submitted.`,
    leftOut: `Pairs of a ranking and questions of several options, which are answered at once; votes whose order on the screen is not known. ${NO_VOTES}`,
    interval: null,
    by: "server/statistics/raters/straight-lining.ts longestRun",
    fields: ["length", "chance"].map((field) => `quality.show parts[].raters[].run.${field}`),
  },
  raterPace: {
    name: "Pace",
    is: "Judgements of the rater that count, those of them whose time in view is known, the hours of those, the median of characters of prompt and responses per second, and how many were faster than 75 characters a second (25 in Chinese and Japanese).",
    counts: "Judgements in force, not excluded or sent back. Time with the page in front.",
    leftOut: "Adjudications; imports and programs tell no time.",
    interval: null,
    by: "server/quality/pace.ts paceOf",
    fields: ["judgements", "timed", "hours", "charactersPerSecond", "tooFast"].map(
      (field) => `quality.show pace[].${field}`,
    ),
  },
  fatigue: {
    name: "Over a session",
    is: "Agreement with others on what was judged in the first and in the last third of sessions of 20 judgements or more (a pause of 30 minutes ends one), and the chance of as great a fall, one-sided.",
    counts: VOTES,
    leftOut: `Shorter sessions. No chance below 30 votes on either side. ${SINGLE}`,
    interval: null,
    by: "server/quality/pace.ts paceOf",
    fields: [
      ...["fresh", "tired"].flatMap((third) =>
        ["alike", "of"].map((field) => `quality.show pace[].${third}.${field}`),
      ),
      "quality.show pace[].fatigue",
    ],
  },
  normingBefore: {
    name: "α before",
    is: "Krippendorff's α of the first round of a norming: agreement beyond chance before its raters saw one another's answers. Nominal for verdicts and options, in both orientations of every pair, ordinal for ratings.",
    counts:
      "What raters of the norming answered in the first round, as it stood when the round ended, of those whose consent stands. Once there is a second round: of those who judged in both. These are no votes.",
    leftOut: `Items that fewer than two of them answered; what was skipped or came too late. ${NORMING}`,
    interval: JACKKNIFE,
    by: "server/norming/compared.ts comparedParts",
    fields: ["estimate", "low", "high", "n"].map((field) => `norming.show parts[].before.${field}`),
  },
  normingAfter: {
    name: "α after",
    is: "The same of the second round, blind again, after they have talked. Of the same items it may say that answers were remembered; of others, drawn as the first were, it is what to expect of new tasks.",
    counts: "What raters answered in the second round, of those who judged in both and whose consent stands.",
    leftOut: `Items that fewer than two of them answered; what was skipped or came too late. ${NORMING}`,
    interval: JACKKNIFE,
    by: "server/norming/compared.ts comparedParts",
    fields: ["estimate", "low", "high", "n"].map((field) => `norming.show parts[].after.${field}`),
  },
  normingChange: {
    name: "Change",
    is: "α after less α before, of the same raters. It does not say that talking did it: a second look at the same items would raise it, too.",
    counts: "As the two.",
    leftOut: "As of the two.",
    interval:
      "95 %: both without one prompt at a time (jackknife), of the same items out of both at once with Student's t, of others the errors of both added in squares with Welch's t. None where one of the two agrees fully. On simulated raters, 3 or 5 of them on 12 to 50 items, it covered 94–96 of 100.",
    by: "server/statistics/agreement/change.ts agreementChange",
    fields: ["estimate", "low", "high", "n"].map((field) => `norming.show parts[].change.${field}`),
  },
  goldAccuracy: {
    name: "Right where known",
    is: "How often a rater is right: the posterior mean of the chance to answer an item with a known answer right, from a Beta(8, 2) prior, which expects 80 %; the probability that it lies below 70 %; and the plain count.",
    counts:
      "First answers to items mixed in among other tasks. Right is the same winner of each pair, however strongly, the same options, and ratings within the item's tolerance.",
    leftOut:
      "Attention checks and the qualification, which stand by themselves; later revisions; answers that can still be taken back untold, or were; items whose answer was found wrong.",
    interval: "The central 95 % of the posterior.",
    by: "server/statistics/gold/gold.ts goldAccuracy",
    query: `select r.id, count(*) filter (where a.correct) as right, count(*) as of
  from gold_answer a join gold g on g.task_id = a.task_id join rater r on r.id = a.rater_id
    join annotation n on n.id = a.annotation_id
  where a.project_id = :project and g.use = 'mixed' and a.correct is not null
    and (a.told_at is not null or n.created_at <= now() - interval '30 seconds') group by r.id`,
    fields: ["right", "of", "estimate", "low", "high", "below"].map(
      (field) => `gold.raters [].accuracy.${field}`,
    ),
  },
  goldAttention: {
    name: "Attention checks",
    is: "Of the attention checks that a rater answered, how many right.",
    counts: "First answers to items marked as attention checks.",
    leftOut: "Answers that can still be taken back untold, or were; items whose answer was found wrong.",
    interval: null,
    by: "server/gold/raters.ts goldRaters",
    fields: ["right", "of"].map((field) => `gold.raters [].attention.${field}`),
  },
  goldQualification: {
    name: "Qualification",
    is: "Of the tasks of the qualification that a rater answered or skipped, in all attempts, how many right.",
    counts: "First answers to items of the qualification. One that was skipped counts as not right.",
    leftOut: "Items whose answer was found wrong.",
    interval: null,
    by: "server/gold/raters.ts goldRaters",
    fields: ["right", "of"].map((field) => `gold.raters [].qualification.${field}`),
  },
  goldItemMet: {
    name: "Met",
    is: "The raters who got an item, whether they have answered it or not.",
    counts: "Each rater once: nobody gets an item twice.",
    leftOut: "Nobody: also who gave the seat back has met the item.",
    interval: null,
    by: "server/gold/items.ts listGold",
    fields: ["gold.list [].given"],
  },
  goldItem: {
    name: "Right",
    is: "Of the raters who answered an item, how many gave the known answer at first.",
    counts: "First answers of all raters.",
    leftOut: "Raters who got the item and have not answered; answers that were taken back untold.",
    interval: null,
    by: "server/gold/items.ts listGold",
    fields: ["answered", "right"].map((field) => `gold.list [].${field}`),
  },
} as const satisfies Record<string, Figure> & Record<MeasureName, Figure>;
