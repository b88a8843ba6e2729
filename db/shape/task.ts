/** In which order open seats are given out. `uncertainty` and `disagreement` are set by active selection. */
export const taskSelections = ["in_order", "random", "uncertainty", "disagreement"] as const;

/**
 * How the responses of a prompt become tasks.
 * - `together` one task with all of them
 * - `pairs`    one task for each pair
 */
export const groupings = ["together", "pairs"] as const;

/** `waiting` nobody has judged it · `started` some have · `done` all wanted raters have. */
export const taskStates = ["waiting", "started", "done"] as const;
