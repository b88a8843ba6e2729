import { type Figure, NO_VOTES, VOTES } from "./figure";

/** Figures of models: of their evaluations, their training, their scores and where they come from. */
export const modelFigures = {
  winRate: {
    name: "Win rate",
    is: "The share of prompts on which the model wins against its opponent; a tie and both bad count half. Each prompt weighs the same: its comparisons are averaged first.",
    counts: `${VOTES} The evaluation names its question. And comparisons that needed nobody: an empty reply loses, equal replies are a tie.`,
    leftOut: `Prompts that a model could not read. ${NO_VOTES}`,
    interval:
      "95 %: Bradley–Terry of two, its sandwich variance clustered by prompt × G/(G−1), Student's t(G−1) on the logit scale. Wilson's on the number of prompts where prompts do not differ, none of one prompt.",
    by: "server/statistics/ranking/win-rate.ts winRate",
    fields: [
      ...["estimate", "low", "high", "n", "prompts"].map((field) => `evaluation.list [].winRate.${field}`),
      "model-card Win rate",
    ],
  },
  toSettle: {
    name: "Prompts to settle it",
    is: "Prompts, each compared once, that would tell the win rate so far from 50 % with 80 % power at the 5 % level, were it the true one, with the share of ties so far. None at a win rate of 50 %. It is a plan from what was seen and as uncertain as that.",
    counts: "As the win rate.",
    leftOut: "As of the win rate.",
    interval: null,
    by: "server/statistics/design/power.ts comparisonsFor",
    fields: ["evaluation.list [].toSettle"],
  },
  evaluation: {
    name: "Comparisons of an evaluation",
    is: "Comparisons that the model won, lost, or that were the same or both bad; those of them that needed nobody; tasks, judgements still wanted, and what the models had seen of the prompts.",
    counts: `${VOTES} The evaluation's question alone. With a second rater a prompt is compared twice.`,
    leftOut: NO_VOTES,
    interval: null,
    by: "server/evaluation/blind.ts evaluationsOf",
    fields: [
      ...[
        ...["tasks", "waiting", "won", "lost", "tied", "bothBad", "unanswered"],
        ...["won", "lost", "tied"].map((field) => `withoutPeople.${field}`),
        ...["heldOut", "new", "trained", "unknown"].map((field) => `prompts.${field}`),
      ].map((field) => `evaluation.list [].${field}`),
      ...["Won", "Lost", "Tied", "Both bad"].map((column) => `model-card ${column}`),
      ...["Lost by an empty reply", "Won over an empty reply", "Equal replies"].map(
        (column) => `model-card ${column}`,
      ),
    ],
  },
  accuracy: {
    name: "Held-out accuracy",
    is: "Of the held-out pairs that were compared, those whose better answer the model scores higher; a tie is not right.",
    counts:
      "Rows of the version's validation or test split that training did not see and that were really scored.",
    leftOut: "Rows that are too long or have nothing to learn (dropped), and rows that are no comparisons.",
    interval:
      "95 % Wilson on right of compared; none where a row holds several pairs, which are not independent.",
    by: "server/model/words.ts accuracyOf",
    fields: [
      ...["scored", "dropped", "right", "compared"].map((field) => `model.get heldOut.${field}`),
      "model-card Accuracy",
    ],
  },
  heldOutMeasures: {
    name: "Held-out measures",
    is: "What the model scores on rows that training did not see, by TRL's names: eval_loss in nats a token or pair, rewards and margins in the model's reward, accuracies as shares. They have no interval: what varies between rows is not kept.",
    counts:
      "Rows of the version's validation or test split that were really scored, each the same; eval_loss is the mean of their batches' losses, as TRL's.",
    leftOut:
      "Rows that are too long or have nothing to learn (dropped). Models of a time before rows were counted have means of batches' means.",
    interval: null,
    by: "workers/training/follower.ts Follower",
    fields: ["model.get metrics.*", "model-card Metric"],
  },
  lossCourse: {
    name: "Held-out loss, first to kept",
    is: "The held-out loss at the first evaluation, where it was lowest, and of the weights that were kept. More than 1 % below the first it fell, above it rose, between it did not move; it rose again where it fell and ends more than 1 % above its lowest. No interval: the same rows are scored each time.",
    counts: "The evaluations of the run that made the model, as means of their batches' losses, as TRL's.",
    leftOut: "Rows that were dropped. Models that were evaluated once, or before this was kept, have none.",
    interval: null,
    by: "workers/training/follower.ts Follower",
    fields: ["first", "lowest", "kept"].flatMap((at) =>
      ["step", "loss"].map((field) => `model.get heldOut.loss.${at}.${field}`),
    ),
    query: `select (array_agg(value order by step))[1] as first, min(value) as lowest, (array_agg(value order by step desc))[1] as kept
from metric where run_id = :run and name = 'eval_loss'`,
  },
  trainingCurves: {
    name: "Curves and their last values",
    is: "What the engine measured at a step of the run, by TRL's names; the last value is the one of the last step. A smoothed line is drawn over the raw one and changes no value.",
    counts:
      "Without eval_: means of the batches since the step logged before. With eval_: of the held-out rows, as means of batches, so that a shorter last batch weighs as much; the model's page has the measures by rows.",
    leftOut: "Rows that were dropped. Between the points that are drawn, all but the lowest and the highest.",
    interval: null,
    by: "server/training/curves.ts curvesOf",
    query: `select distinct on (name) name, step, value from metric where run_id = :run order by name, step desc`,
    fields: ["training.curves [].points[][]", "run.table rows[].metrics.*"],
  },
  rewardGap: {
    name: "Reward gap",
    is: "How much more reward the model gives the response that the experts like less, of pairs on which most votes prefer the other; widest first. The votes are those on the pair.",
    counts: `${VOTES} Of the question that the model learnt from, else the one with most votes; where several ask the same, a rater's last.`,
    leftOut: `Pairs without a majority, those on which the model agrees, and responses that it has not scored. ${NO_VOTES}`,
    interval: null,
    by: "server/evaluation/evaluation.ts rewardDisagreements",
    fields: ["preferred.reward", "other.reward", "votes", "gap"].map(
      (field) => `evaluation.disagreements [].${field}`,
    ),
  },
  raterShare: {
    name: "Work of a rater in a model",
    is: "Judgements of the rater that rows of the version rest on that the model was trained on.",
    counts: "Each judgement once, however many rows rest on it; of raters who withdrew consent since, too.",
    leftOut:
      "What a model that it was made from was trained on; whoever withdrew consent is named from there, too.",
    interval: null,
    by: "server/model/model.ts lineageOf",
    query: `select n.rater_id as id, count(*) as annotations
from (select distinct unnest(annotation_ids) as id from dataset_row where version_id = :version) behind
join annotation n on n.id = behind.id group by n.rater_id`,
    fields: ["model.lineage raters[].annotations"],
  },
} as const satisfies Record<string, Figure>;
