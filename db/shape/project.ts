import { z } from "zod";

/** In which order open seats are given out. `uncertainty` and `disagreement` are set by active selection. */
export const taskSelections = ["in_order", "random", "uncertainty", "disagreement"] as const;

const days = z.number().int().min(1).max(36_500).nullish();

/** How many days what is kept for; absent or null: for as long as the project. */
export const retentionSchema = z.object({
  /** Uploaded files, counted from the upload. What was imported of them stays. */
  uploads: days,
  /** Files, folders and samples of runs that ended, counted from their end; models and their files stay. */
  runs: days,
  /** The project itself, counted from its archiving: then it is deleted with everything in it. */
  archived: days,
});
export type Retention = z.infer<typeof retentionSchema>;
