/** In which order open seats are given out. `uncertainty` and `disagreement` are set by active selection. */
export const taskSelections = ["in_order", "random", "uncertainty", "disagreement"] as const;
