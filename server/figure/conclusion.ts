import { type Figure, NO_VOTES, VOTES } from "./figure";

const COMPARED = `${VOTES} Of a rater's votes on the same two responses the last. A tie and both bad are ties.`;
const NOT_COMPARED = `Votes on a response whose source nobody told, on two responses of one source, and a rater's earlier votes on the same two: each counted. Comparisons of an evaluation that needed nobody. ${NO_VOTES}`;
const BY_BOTH =
  "95 %: the wider of two sandwiches, clustered by prompt and by rater, each × G/(G−1) with t(G−1). Coverage measured by npm run bench:coverage: 93 to 98 % with ten raters and more, up to 99 with three.";

const on = (procedure: string, ...fields: string[]) =>
  fields.map((field) => `conclusion.${procedure} ${field}`);
const bounds = ["theta", "low", "high", "points", "pointsLow", "pointsHigh"];
const interval = (name: string) => ["estimate", "low", "high"].map((field) => `${name}.${field}`);

/** Figures of what is concluded from votes: rankings, plans, stopping rules. */
export const conclusionFigures = {
  sourceVotes: {
    name: "Comparisons of sources",
    is: "Votes that compare responses of two sources under one question; for each source those that it won, lost and tied.",
    counts: COMPARED,
    leftOut: NOT_COMPARED,
    interval: null,
    by: "server/conclusion/comparisons.ts readComparisons",
    query: `select v.question_id, side.source, count(*) filter (where score = 1) as won, count(*) filter (where score = 0) as lost,
  count(*) filter (where score = 0.5) as tied
from (select distinct on (v.question_id, v.rater_id, least(v.response_a, v.response_b), greatest(v.response_a, v.response_b)) v.*
    from vote v where v.project_id = :project and v.rater_kind <> 'model'
    order by v.question_id, v.rater_id, least(v.response_a, v.response_b), greatest(v.response_a, v.response_b), v.id desc) v
  join response a on a.id = v.response_a join response b on b.id = v.response_b,
  lateral (values (a.source, case v.outcome when 'a' then 1 when 'b' then 0 else 0.5 end),
    (b.source, case v.outcome when 'b' then 1 when 'a' then 0 else 0.5 end)) side (source, score)
where a.source <> b.source group by 1, 2`,
    fields: on(
      "leaderboard",
      ...["votes", "prompts", "raters", "question.votes", "questions[].votes"],
      ...["languages[].votes", "domains[].votes"],
      ...["sourceUnknown", "sameSource", "repeated"].map((field) => `leftOut.${field}`),
      ...["won", "lost", "tied"].map((field) => `groups[].standings[].${field}`),
    ),
  },
  sourceStrength: {
    name: "Strength",
    is: "How well responses of a source do against those of the others of its group: natural log-odds θ by Davidson's model (1970), in which ties are outcomes of their own, and the same as points, 1000 + 400/ln 10·θ. Of two sources 400 points apart one wins ten times for each loss. They add up to 0 in a group; no number compares groups that never met. Where a source never lost or never won, strengths are drawn to the mean (ridge ½), marked, and have no interval.",
    counts: COMPARED,
    leftOut: NOT_COMPARED,
    interval: BY_BOTH,
    by: "server/conclusion/leaderboard.ts leaderboardOf",
    fields: on("leaderboard", "groups[].tie", ...bounds.map((field) => `groups[].standings[].${field}`)),
  },
  sourceRank: {
    name: "Rank",
    is: "The best and the worst rank that the votes allow: one more than the sources that are surely stronger, and as many as are not surely weaker. Each difference is asked by itself at 95 %.",
    counts: COMPARED,
    leftOut: "Groups without intervals.",
    interval:
      "The difference of two strengths has an error of its own, smaller than two intervals say, since they are estimated together.",
    by: "server/statistics/ranking/rank.ts ranksOf",
    fields: on("leaderboard", "groups[].standings[].rank", "groups[].standings[].rankAtWorst"),
  },
  winMatrix: {
    name: "Who beats whom",
    is: "Of the comparisons of two sources, the share that the one in the row wins; a tie counts half. And how many there are.",
    counts: COMPARED,
    leftOut: `Sources that never met: no share. ${NOT_COMPARED}`,
    interval: "95 % Wilson on the effective number of comparisons, which prompts with several votes lower.",
    by: "server/statistics/ranking/win-matrix.ts winMatrix",
    fields: on(
      "leaderboard",
      ...["winRate", "low", "high", "games"].map((field) => `groups[].matrix.${field}[][]`),
    ),
  },
  styleControl: {
    name: "With style held equal",
    is: "Strengths once length (characters), headers, list items and bold passages of Markdown are held equal: Bradley–Terry, a tie half a win for each, with the difference of each feature over its sum plus one, divided by its root mean square and not centred. Beside them the same fit without. A feature's effect is the log-odds of a typical difference.",
    counts: COMPARED,
    leftOut: "Marks within blocks of code. A feature that is the same everywhere.",
    interval: BY_BOTH,
    by: "server/statistics/ranking/controlled.ts controlled",
    fields: on(
      "control",
      ...["plain", "held"].flatMap((fit) => bounds.map((field) => `groups[].standings[].${fit}.${field}`)),
      ...["effect", "low", "high"].map((field) => `groups[].features[].${field}`),
      "groups[].means[].values[]",
    ),
  },
  fragility: {
    name: "What carries the order",
    is: "The fewest judgements found whose removal turns two sources round, their share of all, whose they are, and the raters without whom the order would be the other. Of two sources compared with each other alone it is the least number; of more it is what a search in the order of influence finds, and fewer may do.",
    counts: COMPARED,
    leftOut: NOT_COMPARED,
    interval: null,
    by: "server/conclusion/fragile.ts fragilityBetween",
    fields: on("fragility", "votes", "removed", "share", "whose[].votes"),
  },
  plan: {
    name: "Judgements needed",
    is: "Prompts and judgements with which a test at the error α finds the win rate with the planned power, by raters a prompt: n = ((z_{1−α/2} √Var₀ + z_power √Var₁)/(p − ½))² × (1 + (m−1)ρ)/m, Var₀ = (1 − ties)/4. ρ is how much the scores of two raters on one pair are alike (ICC(1,1)). Hours are judgements times the median of timed ones; money is hours at the project's rate.",
    counts: `${COMPARED} Of the two sources that are named, else of all.`,
    leftOut: NOT_COMPARED,
    interval:
      "Of ρ: 95 %, the estimate without one prompt at a time (jackknife) on Fisher's z. The plan itself is a reckoning and has none.",
    by: "server/conclusion/plan.ts planOf",
    fields: on(
      "plan",
      ...[
        "question.votes",
        "rate.amount",
        "pilot.votes",
        "pilot.prompts",
        "pilot.ties",
        "pilot.seconds",
        "pilot.timed",
      ],
      ...interval("pilot.alike"),
      ...interval("pilot.agreement"),
      ...["assumed.ties", "assumed.alike"],
      ...["raters", "prompts", "judgements", "hours", "cost"].map((field) => `ways[].${field}`),
      ...["prompts", "halfWidth", "wanted", "needed"].map((field) => `agreement.${field}`),
    ),
  },
  stopping: {
    name: "Win rate so far",
    is: "The share of prompts on which the source wins against its opponent, a tie half, by a rule that was fixed before: the mixture sequential test (variance ¼, mixture .01) rejects ½ once ln E reaches ln 1/α, at whatever time one looks. The judgements still needed are those after which it would end if all went on as it went.",
    counts:
      "Prompts of which no task that shows the two waits for a judgement, each once with the mean of its votes, in the order of their last vote. Of a rater's votes on the same two responses the last.",
    leftOut: `Prompts that wait for a judgement, and a rater's earlier votes on the same two. ${NO_VOTES}`,
    interval:
      "A confidence sequence: it holds the truth at all times at once with 1 − α, whenever one looks; the narrowest of all looks together.",
    by: "server/conclusion/stop.ts stopsOf",
    fields: on(
      "stops",
      ...["prompts", "begun", "judgements", "winRate", "low", "high", "decidedAt", "needed"].map(
        (field) => `[].${field}`,
      ),
      ...["prompts", "winRate", "low", "high"].map((field) => `[].sequence[].${field}`),
    ),
  },
  studyJudgements: {
    name: "Judgements of the study",
    is: "What became of each judgement of the project: it counts as a vote, is an adjudication or a model's, was set aside, or was undone, sent back or replaced.",
    counts: "Each revision of each judgement once.",
    leftOut: "Nothing.",
    interval: null,
    by: "server/conclusion/report.ts judgementsOf",
    query: `select count(*) filter (where n.current and n.excluded_at is null and r.consent_withdrawn_at is null
    and n.origin <> 'adjudication' and r.kind <> 'model') as counting,
  count(*) filter (where not n.current) as gone, count(*) as "all"
from annotation n join rater r on r.id = n.rater_id where n.project_id = :project`,
    fields: ["report judgements"],
  },
} as const satisfies Record<string, Figure>;
