/** All losses, as pure functions of log-probabilities or rewards on the graph. */
export type { Metric, Outcome } from "./outcome";
export { needs, type Pairs, preferenceLoss, type Side } from "./preference";
export { type Ranked, rankedLoss } from "./ranked";
export { type RankedRewards, type Rewards, rankedRewardLoss, rewardLoss } from "./reward";
export { ktoLoss, sftLoss, type Tokens, type Unpaired } from "./single";
