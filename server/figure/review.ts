import { type Figure, NO_VOTES, VOTES } from "./figure";

/** Figures of the dashboard, the preferences and their file. */
export const reviewFigures = {
  judgements: {
    name: "Judgements",
    is: "Seats whose rater has submitted, of the seats that the project wants.",
    counts: "Wanted are seats that are open, held, submitted or sent back: each task's overlap.",
    leftOut:
      "Skipped and closed seats, which other seats replace, and those on gold items and in normings. Excluded judgements still fill their seat. In the list of projects an annotator's own count once they can no longer be taken back.",
    interval: null,
    by: "server/seat/count.ts progressOf",
    query: `select count(*) filter (where status = 'submitted') as submitted,
  count(*) filter (where status in ('open', 'leased', 'submitted', 'returned')) as wanted
from assignment where project_id = :project and not apart`,
    fields: ["review.dashboard seats.", "project.list items[].seats."].flatMap((seats) => [
      `${seats}submitted`,
      `${seats}wanted`,
    ]),
  },
  tasks: {
    name: "Tasks done",
    is: "Tasks with as many submitted seats as their overlap asks for, of all tasks.",
    counts: "Begun has some submitted seats, not begun has none.",
    leftOut: "Nothing.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select count(*) filter (where seats >= overlap) as done, count(*) filter (where seats between 1 and overlap - 1) as started,
  count(*) filter (where seats = 0) as waiting, count(*) as total
from (select t.overlap, count(a.id) as seats from task t
  left join assignment a on a.task_id = t.id and a.status = 'submitted' where t.project_id = :project group by t.id) t`,
    fields: ["total", "done", "started", "waiting"].map((field) => `review.dashboard tasks.${field}`),
  },
  pace: {
    name: "Pace",
    is: "Judgements in force that were given here in the last 24 hours, in the last hour, and on each day (UTC).",
    counts:
      "The latest revision of each judgement, by when it was submitted; adjudications and excluded work too: it was done.",
    leftOut:
      "What was undone or replaced, and labels that came with a file or from a judge model: they are nobody's work of that day.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select count(*) filter (where submitted_at > now() - interval '1 day') as "lastDay",
  count(*) filter (where submitted_at > now() - interval '1 hour') as "lastHour"
from annotation where project_id = :project and current and origin not in ('import', 'model')`,
    fields: ["lastHour", "lastDay", "days[].count"].map((field) => `review.dashboard pace.${field}`),
  },
  forecast: {
    name: "Done by",
    is: "When the wanted seats that are not submitted will be, at the pace of the last seven days with work. An extrapolation, no estimate: it has no interval.",
    counts: "Judgements of those days over the time since the first of them; idle days in between count.",
    leftOut: "Earlier days, and labels that came with a file or from a judge model, which takes no seat.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    fields: ["review.dashboard forecast.remaining", "review.dashboard forecast.perDay"],
  },
  seats: {
    name: "Waiting",
    is: "Seats that a rater holds now, that were sent back, and that were skipped.",
    counts: "Each seat once, by its state.",
    leftOut: "Seats that are open, submitted or closed.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select count(*) filter (where status = 'leased') as leased, count(*) filter (where status = 'returned') as returned,
  count(*) filter (where status = 'skipped') as skipped
from assignment where project_id = :project`,
    fields: ["leased", "returned", "skipped"].map((field) => `review.dashboard seats.${field}`),
  },
  flags: {
    name: "Flags",
    is: "Judgements in force that their rater has flagged.",
    counts: "The latest revision of each judgement, excluded ones too: a flag asks for a look.",
    leftOut: "What was undone or replaced.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select count(*) as count from annotation where project_id = :project and current and flag_reason is not null`,
    fields: ["review.dashboard flags.count"],
  },
  raterWork: {
    name: "Work of a rater",
    is: "Judgements in force of the rater, in all and today (UTC); seats the rater holds, skipped or got back; judgements that the rater flagged.",
    counts: "The latest revision of each judgement; adjudications and excluded work too: it was done.",
    leftOut: "What was undone or replaced; of today, labels that came with a file or from a judge model.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select rater_id as id, count(*) as submitted,
  count(*) filter (where origin not in ('import', 'model') and submitted_at at time zone 'utc' >= date_trunc('day', now() at time zone 'utc')) as today,
  count(*) filter (where flag_reason is not null) as flagged
from annotation where project_id = :project and current group by rater_id`,
    fields: ["submitted", "today", "skipped", "flagged", "returned", "held"].map(
      (field) => `review.dashboard raters[].${field}`,
    ),
  },
  raterTime: {
    name: "Median time",
    is: "The median of the seconds that the rater had a task in view, as the browser counted them.",
    counts: "The rater's newest 500 judgements in force with a time.",
    leftOut: "Judgements that came without a time: imports, programs.",
    interval: null,
    by: "server/review/dashboard.ts dashboardOf",
    query: `select r.id, (select percentile_cont(0.5) within group (order by visible_ms) / 1000 from (
    select visible_ms from annotation where rater_id = r.id and current and visible_ms is not null
    order by submitted_at desc limit 500) newest) as seconds
from rater r where r.project_id = :project`,
    fields: ["review.dashboard raters[].medianSeconds"],
  },
  outcomes: {
    name: "What was said",
    is: "How many votes say that the first response of the pair is better, the second, neither, or that both are bad. First and second are the stored order, which no rater sees.",
    counts: `${VOTES} A ranking of k responses states k(k−1)/2 pairs.`,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/review/votes.ts votesByQuestion",
    query: `select question_id, count(*) filter (where outcome = 'a') as a, count(*) filter (where outcome = 'b') as b,
  count(*) filter (where outcome = 'tie') as tie, count(*) filter (where outcome = 'both_bad') as both_bad
from vote where project_id = :project and rater_kind <> 'model' group by question_id`,
    fields: ["a", "b", "tie", "both_bad"].map((field) => `review.dashboard questions[].outcomes.${field}`),
  },
  agreement: {
    name: "Raw agreement",
    is: "Of all comparisons of two raters of one pair, the share that came out the same. What chance alone would give is not taken off.",
    counts: `${VOTES} Each comparison weighs the same: a pair with m votes has m(m−1)/2.`,
    leftOut: `Pairs with one vote. ${NO_VOTES}`,
    interval:
      "95 %: the estimate without one prompt at a time (jackknife), Student's t with one degree less than prompts, on Fisher's z. None where everybody agreed.",
    by: "server/statistics/agreement/raw-from-totals.ts rawAgreement",
    query: `select question_id, sum(same * (same - 1)) / nullif(sum(same * (votes - 1)), 0) as estimate,
  sum(same * (votes - 1)) / 2 as n
from (select question_id, count(*) as same, sum(count(*)) over (partition by pair_id) as votes
  from vote where project_id = :project and rater_kind <> 'model' group by question_id, pair_id, outcome) said
group by question_id`,
    fields: ["estimate", "low", "high", "n", "prompts", "pairs", "leftOut.single"].map(
      (field) => `review.dashboard questions[].agreement.${field}`,
    ),
  },
  firstShown: {
    name: "Shown first and won",
    is: "Of the votes that prefer one response, the share for the one shown first (left or top). Far from 50 % it is position bias.",
    counts: `${VOTES} Only votes for one of the two, where it is known what stood first.`,
    leftOut: `Ties and both bad; votes whose order an import does not tell. ${NO_VOTES}`,
    interval:
      "95 % Wilson: the order is drawn anew for each rater and task, so that without bias each vote is a fair coin of its own.",
    by: "server/review/votes.ts votesByQuestion",
    query: `select question_id, count(*) filter (where (outcome = 'a') = a_shown_first) as won, count(*) as decided
from vote where project_id = :project and rater_kind <> 'model' and outcome in ('a', 'b') and a_shown_first is not null
group by question_id`,
    fields: ["won", "decided", "leftOut.undecided", "leftOut.orderUnknown"].map(
      (field) => `review.dashboard questions[].firstShown.${field}`,
    ),
  },
  raterAgreement: {
    name: "Agreement with others",
    is: "Of the comparisons of the rater's votes with those of others on the same pair, the share that came out the same. No interval: comparisons with one other's vote are not independent.",
    counts: VOTES,
    leftOut: `The rater's votes on pairs that nobody else judged. ${NO_VOTES}`,
    interval: null,
    by: "server/review/votes.ts votesByQuestion",
    query: `select v.question_id, v.rater_id as id, avg((v.outcome = o.outcome)::int) as agreement, count(*) as comparisons
from vote v join vote o on o.pair_id = v.pair_id and o.id <> v.id and o.rater_kind <> 'model'
where v.project_id = :project and v.rater_kind <> 'model' group by v.question_id, v.rater_id`,
    fields: ["agreement", "comparisons", "votes", "leftOut.alone"].map(
      (field) => `review.dashboard questions[].raters[].${field}`,
    ),
  },
  strength: {
    name: "Strength",
    is: "How far from the middle a verdict is: 1 is the far end of the scale, or the whole distance of a ranking; 0 for a tie and both bad.",
    counts: "One judgement's statement about one pair.",
    leftOut: "Nothing: the table shows every statement in force, and its state says which count.",
    interval: null,
    by: "server/form/answers.ts derivePreferences",
    fields: ["review.preferences items[].strength", "preferences.csv strength"],
  },
  pairVotes: {
    name: "Votes on the pair",
    is: "How many raters' votes on the pair of a row count, whatever the row itself is.",
    counts: VOTES,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/judgement/pairs.ts recountPairs",
    query: `select p.id, (select count(*) from vote v where v.pair_id = p.pair_id and v.rater_kind <> 'model') as votes
from preference p where p.project_id = :project`,
    fields: ["review.preferences items[].votes", "preferences.csv votes"],
  },
  pairAgreement: {
    name: "Agreement on the pair",
    is: "The share of the votes on the pair behind the most frequent outcome: 1 when all say the same. Empty where no vote counts. One vote alone is 1 of 1.",
    counts: VOTES,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/judgement/pairs.ts recountPairs",
    query: `select p.id, (select max(n) / sum(n) from (
    select count(*) as n from vote v where v.pair_id = p.pair_id and v.rater_kind <> 'model' group by outcome) said) as agreement
from preference p where p.project_id = :project`,
    fields: ["review.preferences items[].agreement", "preferences.csv agreement"],
  },
  visibleTime: {
    name: "Took",
    is: "How long the task was in the rater's view before the judgement, as the browser counted.",
    counts: "Time with the page in front.",
    leftOut: "Time in other windows. Imports and programs tell none.",
    interval: null,
    by: "server/judgement/store.ts storeOnSeat",
    fields: ["review.preferences items[].visibleMs", "preferences.csv visible_seconds"],
  },
  inView: {
    name: "In view",
    is: "The share of a response's height that stood on the rater's screen, at one time or another, for a quarter of a second at least: 1 when none of it stayed out of sight. That it was in view does not say that it was read.",
    counts:
      "Time with the page in front and no dialog over it. Lines count whole, also where they run on sideways.",
    leftOut: "Imports, models, programs that tell none, and judgements from before it was kept: empty.",
    interval: null,
    by: "server/judgement/store.ts storeOnSeat",
    fields: [
      "review.preferences items[].inViewA",
      "review.preferences items[].inViewB",
      "preferences.csv in_view_a",
      "preferences.csv in_view_b",
    ],
  },
  selectionProbability: {
    name: "Selection probability",
    is: "The chance with which a selection rule put the task first when its seat was given out, for weighting estimates back.",
    counts: "As it was when the rater got the task.",
    leftOut: "Judgements of tasks that no rule chose: empty.",
    interval: null,
    by: "server/seat/selection.ts orderSeats",
    fields: ["review.preferences items[].selectionProbability", "preferences.csv selection_probability"],
  },
  preferences: {
    name: "Preferences",
    is: "Statements about pairs that the filters admit: one judgement of a pair is one, a ranking of k responses k(k−1)/2, for each question.",
    counts:
      "All in force, also excluded ones, adjudications and models: the filter “counted” leaves the votes of people.",
    leftOut: "What was undone or replaced.",
    interval: null,
    by: "server/review/preferences.ts countPreferences",
    query: `select count(*) as total from preference where project_id = :project`,
    fields: ["review.preferenceCount total"],
  },
} as const satisfies Record<string, Figure>;
