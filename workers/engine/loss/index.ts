/** All losses, as pure functions of log-probabilities or rewards on the graph. */
export type { Metric, Outcome } from "./outcome";
export { joinsPairs, needs, type Pairs, preferenceLoss, type Side } from "./preference";
export { rankedLoss } from "./ranked";
export { rankedRewardLoss, rewardLoss } from "./reward";
export { ktoLoss, sftLoss } from "./single";
