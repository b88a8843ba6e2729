import type { Figure } from "./figure";

const on = (...fields: string[]) => fields.map((field) => `judge.card ${field}`);
const estimate = (path: string) => ["estimate", "low", "high", "n"].map((field) => `${path}.${field}`);
const share = (path: string) =>
  ["count", "of", "estimate", "low", "high", "clusters"].map((field) => `${path}.${field}`);
const beside = ["pairs.besidePeople", "scales[].besidePeople", "pairs.unseen", "scales[].unseen"];

const REPLIES =
  "What one version of the judge said, each reply by itself; several samples of one request count as what most of them say. Another version is another rater: no figure mixes two.";
const NO_VERDICT =
  "Tasks of which a reply is missing or holds no verdict; tasks with a known answer, which no judge is asked.";
const PEOPLE =
  "Votes of people on the same task and question: judgements in force, not excluded or sent back, of raters whose consent stands, no adjudications.";
const VERDICT =
  "What the judge says in both orders, by its own rule: a win needs both, or the mean probability decides. Orders that settle nothing are a tie.";
const BY_PROMPT =
  "95 %, clustered by prompt: a ratio of sums, its linearised variance × G/(G−1), Student's t(G−1) on the logit scale; Wilson's on the number of prompts where they do not differ.";
const JACKKNIFE =
  "95 %: the estimate without one prompt at a time (jackknife), Student's t(G−1) on Fisher's z. Coverage measured by npm run bench:coverage.";

/** What is known of the worth of a judge. */
export const judgeFigures = {
  judgeKappa: {
    name: "Agreement with people",
    is: "Cohen's κ of the judge and a person drawn from those who judged the item: how much of the agreement that chance leaves open they reach; 0 is chance, 1 is full. On a scale of points weighted by the squared distance. Beside it the ceiling, the same κ of two persons, on the items that two people or more judged, and the difference of the two there. Of a judge that was made from a model of the registry also without the prompts that it was trained on: what it may goes by that.",
    counts: `Items that the judge and a person judged, each once, however many people there are. ${VERDICT} ${PEOPLE} Where it was drawn for people which response stood first, each comparison counts in both orientations.`,
    leftOut: NO_VERDICT,
    interval: `${JACKKNIFE} Of the difference: the same without Fisher's z, both from the same prompts.`,
    by: "server/statistics/judge/beside-people.ts besidePeople",
    fields: on(
      ...beside.flatMap((path) => [
        `${path}.items`,
        ...estimate(`${path}.kappa`),
        `${path}.shared.items`,
        ...["judge", "people", "gap"].flatMap((side) => estimate(`${path}.shared.kappa.${side}`)),
      ]),
      ...["pairs.slices[].kappa", "pairs.slices[].people"].flatMap(estimate),
      "pairs.slices[].items",
      "pairs.trainedOn",
      "scales[].trainedOn",
    ),
  },
  judgeAc: {
    name: "Gwet's AC",
    is: "Agreement of the judge and a person beyond chance as AC1, or AC2 with squared distances on a scale of points, which stays high where nearly all say the same and κ falls. Beside it that of two persons.",
    counts: `As for κ. ${PEOPLE}`,
    leftOut: NO_VERDICT,
    interval: JACKKNIFE,
    by: "server/statistics/judge/beside-people.ts besidePeople",
    fields: on(
      ...beside.flatMap((path) => [
        ...estimate(`${path}.ac`),
        ...["judge", "people", "gap"].flatMap((side) => estimate(`${path}.shared.ac.${side}`)),
      ]),
    ),
  },
  judgeItems: {
    name: "Judged",
    is: "Tasks that this version was asked about, those of which all replies hold a verdict, and the comparisons of two responses in them with their prompts.",
    counts: REPLIES,
    leftOut: "Nothing.",
    interval: null,
    by: "server/judge/card.ts reckonCard",
    query:
      "select count(distinct task_id) as tasks from judge_verdict where version_id = :version and wording = 0",
    fields: on("tasks", "judged", "pairs.items", "pairs.prompts"),
  },
  judgeConsistency: {
    name: "Same when swapped",
    is: "Of what it judged in both orders, the share with the same verdict once the sides are put back. Beside it what chance alone would give, with its verdicts as frequent as they are.",
    counts: REPLIES,
    leftOut: "What it judged in one order only; all of a judge by rewards, which sees no order.",
    interval: BY_PROMPT,
    by: "server/statistics/judge/sway.ts swayOf",
    fields: on(
      ...["pairs.sway.consistency", "scales[].consistency", "pairs.slices[].consistency"].flatMap(share),
      "pairs.sway.consistencyByChance",
    ),
  },
  judgeFirst: {
    name: "First shown wins",
    is: "Of its verdicts for one of two responses, the share for the one shown first. 50 % is no leaning: the better stands first as often as second.",
    counts: `${REPLIES} Where it judged some in both orders, those alone.`,
    leftOut: "Ties and both bad; all of a judge by rewards, which sees no order.",
    interval: BY_PROMPT,
    by: "server/statistics/judge/sway.ts swayOf",
    fields: on(...share("pairs.sway.first")),
  },
  judgeLonger: {
    name: "Longer wins",
    is: "Of its verdicts for one of two responses of unlike length, the share for the longer. And how much more the longer is worth to it than to people on the same comparisons, a tie half: 0 is none. A judge that likes the longer because it is the better does as people do; one that answers by coin lies below 0.",
    counts: `${VERDICT} ${PEOPLE} Length is in characters.`,
    leftOut: `Responses of the same length; for the share ties and both bad, for the difference what nobody judged. ${NO_VERDICT}`,
    interval: `${BY_PROMPT} Of the difference: clustered by prompt × G/(G−1), Student's t(G−1).`,
    by: "server/statistics/judge/sway.ts swayOf",
    fields: on(...share("pairs.sway.longer"), ...estimate("pairs.sway.longerThanPeople")),
  },
  judgeRetest: {
    name: "Same when asked again",
    is: "Of two answers to the very same request, the share that are the same.",
    counts: "Each pair of samples of one order; there are some only where a version asks several times.",
    leftOut: "Replies without a verdict.",
    interval: BY_PROMPT,
    by: "server/statistics/judge/sway.ts swayOf",
    fields: on(...share("pairs.sway.retest"), ...share("scales[].retest")),
  },
  judgeCycles: {
    name: "Circles",
    is: "Of three responses to a prompt, of which it preferred one of each two, the share that go round: a before b, b before c, c before a. Coins give a quarter, an order of any kind none.",
    counts: VERDICT,
    leftOut: "Triples with a tie, or that were not compared all round.",
    interval: BY_PROMPT,
    by: "server/statistics/judge/cycles.ts cyclesOf",
    fields: on(...share("pairs.cycles")),
  },
  judgeCalibration: {
    name: "Calibration",
    is: "Whether people bear out how sure it is. Confidence is the mean probability of the response that it prefers, right is the share of people's votes for that, a tie half. The error is the mean distance of the two over bins of equal count (ECE); beside it what a perfectly calibrated judge would show by chance. Overconfidence is mean confidence less mean share of right.",
    counts: `Comparisons with all replies and a person's vote. A judge that gives no probabilities counts with 0, ½ and 1. ${PEOPLE}`,
    leftOut: NO_VERDICT,
    interval: `${BY_PROMPT} Of overconfidence: clustered by prompt × G/(G−1), Student's t(G−1). The error has none: it lies above 0 by chance alone.`,
    by: "server/statistics/judge/reliability.ts reliability",
    fields: on(
      "pairs.reliability.bins[].confidence",
      "pairs.reliability.bins[].items",
      ...share("pairs.reliability.bins[].right"),
      "pairs.reliability.error",
      "pairs.reliability.byChance",
      "pairs.reliability.items",
      ...estimate("pairs.reliability.overconfidence"),
    ),
  },
  judgeFailures: {
    name: "Without a verdict",
    is: "Of the replies that were asked for, the share without a verdict, and why: declined, withheld, unreadable, cut, contradictory, none. Never a tie or a loss.",
    counts: REPLIES,
    leftOut: "Nothing.",
    interval: "95 % Wilson.",
    by: "server/judge/card.ts reckonCard",
    query:
      "select count(*) as asked, count(*) filter (where failure is not null) as failed from judge_verdict where version_id = :version and wording = 0",
    fields: on(
      "failures.asked",
      "failures.failed",
      "failures.by.*",
      ...["share", "low", "high"].map((field) => `failures.rate.${field}`),
    ),
  },
  judgeOffLabels: {
    name: "Little on the labels",
    is: "Of its verdicts by log-probabilities, the share in which the labels together held less than half of the first token’s probability: the model was about to write something else, and the verdict rests on the rest.",
    counts: "Every reply with a verdict that log-probabilities gave.",
    leftOut: "Verdicts in another form, which have no such figure.",
    interval: BY_PROMPT,
    by: "server/statistics/judge/card.ts offLabels",
    query:
      "select count(*) filter (where mass < 0.5) as count, count(mass) as of from judge_verdict where version_id = :version and wording = 0",
    fields: on(...share("offLabels")),
  },
  judgeEffort: {
    name: "Cost and time",
    is: "What its replies cost, in US dollars, in all and a task; and how long a reply takes, the middle one and what nine in ten stay below.",
    counts: "Every reply, with a verdict or without. A model of the registry costs nothing.",
    leftOut:
      "Cost: replies of which nobody knows it, which are counted beside it: it is then at least so much. Time: replies whose time nobody took.",
    interval: null,
    by: "server/judge/card.ts reckonCard",
    query:
      "select sum(cost) as cost, count(*) - count(cost) as unpriced from judge_verdict where version_id = :version and wording = 0",
    fields: on("effort.cost", "effort.costPerTask", "effort.unpriced", "effort.median", "effort.ninth"),
  },
  judgeBefore: {
    name: "Beside the version before",
    is: "On the comparisons that both versions judged: how often they say the same, and κ with people of each. Where only the words of the rubric differ, the first says how much hangs on them.",
    counts: `${VERDICT} ${PEOPLE}`,
    leftOut:
      "Comparisons that one of the two did not judge; all, where the version before answered another question.",
    interval: `${BY_PROMPT} Of κ: ${JACKKNIFE}`,
    by: "server/judge/card.ts reckonCard",
    fields: on(
      "before.items",
      ...share("before.same"),
      ...["before.kappa", "before.kappaBefore"].flatMap(estimate),
    ),
  },
  judgeParaphrase: {
    name: "Another verdict in other words",
    is: "Of its replies where the rubric stands in other words, the share that say another thing than in the words of the rubric, about the same task in the same order. Also of each paraphrase. Above temperature 0 some differ by chance alone: what it says when asked again tells how many.",
    counts:
      "Each reply to a paraphrase, beside the first sample in the words of the rubric. By how much a response is better does not count.",
    leftOut: "Replies without a verdict in the one or the other words.",
    interval: BY_PROMPT,
    by: "server/judge/card.ts reckonCard",
    query:
      "select count(*) filter (where r.answer->>'outcome' <> p.answer->>'outcome') as count, count(*) as of from judge_verdict p join judge_verdict r on r.version_id = p.version_id and r.task_id = p.task_id and r.\"order\" = p.\"order\" and r.sample = p.sample and r.wording = 0 and r.failure is null where p.version_id = :version and p.wording > 0 and p.failure is null",
    fields: on(...share("paraphrased.flips"), ...share("paraphrased.by[].flips")),
  },
  judgeMembers: {
    name: "Its members",
    is: "Of a judge made of others: each of these on the comparisons that it and the whole judged, how often they say the same, κ with people of each, and how the member does with the sides swapped. Of a cascade also on how many tasks a member’s verdict is that of the whole, and how often it was asked at all. What a cascade saves is what the last member would cost on all tasks, at its cost a task where it was asked, less what the cascade cost.",
    counts: `${VERDICT} ${PEOPLE}`,
    leftOut: "Tasks that the whole was not asked about; comparisons that one of the two did not judge.",
    interval: `${BY_PROMPT} Of κ: ${JACKKNIFE}`,
    by: "server/judge/card.ts reckonCard",
    fields: on(
      ...["items", "asked", "decided", "costPerTask"].map((field) => `members[].${field}`),
      ...["members[].same", "members[].consistency"].flatMap(share),
      ...["members[].kappa", "members[].kappaOfAll"].flatMap(estimate),
    ),
  },
  judgePlan: {
    name: "What people’s votes say of members",
    is: "Of each judge that is to be a member: the comparisons that it judged beside people, and the slope of σ(slope · logit p), fitted by maximum likelihood without an intercept, that brings its probabilities to people’s votes, not below 0. Of a cascade’s member that is not the last the lowest sureness, |2p − 1| of the mean of its calibrated probabilities, from which on people’s votes agree as wanted: sets of the surest tenth, two tenths and so on are tested in turn, from the first of twice the prompts that could show it, and the last before the first that fails is taken. Beside it how many of those that reach the member settle there, and the share of people’s votes for what it says.",
    counts: `Comparisons of two responses with a vote of people, each once; for the slope each reply. ${VERDICT} ${PEOPLE}`,
    leftOut:
      "Prompts that its model was trained on. Of a later member what earlier ones settle. A tie, orders that disagree and a missing reply are not sure at all.",
    interval: `${BY_PROMPT} Its lower end is held against what is wanted: the chance of a threshold that does not hold is 2.5 %, for comparisons like these.`,
    by: "server/judge/assemble.ts planAssembly",
    fields: [
      ...["items", "slope", "settles.threshold", "settles.settled", "settles.of"],
      ...share("settles.right"),
    ].map((field) => `judge.planAssembly members[].${field}`),
  },
} as const satisfies Record<string, Figure>;
