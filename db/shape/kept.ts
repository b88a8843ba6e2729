import { z } from "zod";

/** What a worker reckons for a large project, and a request reads: see server/conclusion/kept. */
export const keptKinds = ["leaderboard", "control", "fragility", "joint", "plan"] as const;
export type KeptKind = (typeof keptKinds)[number];

/** Why there is no answer. The code is that of the error whoever asked is given; null: a defect. */
export const keptFailureSchema = z.object({
  code: z.enum(["BAD_REQUEST", "NOT_FOUND"]).nullable(),
  message: z.string(),
});
export type KeptFailure = z.infer<typeof keptFailureSchema>;
