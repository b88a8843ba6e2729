import { z } from "zod";

export const projectRoles = ["manager", "reviewer", "annotator"] as const;
export const projectRoleSchema = z.enum(projectRoles);
export type ProjectRole = z.infer<typeof projectRoleSchema>;

/** A member, a judge model, a rater of an imported study, or one of the demo. */
export const raterKinds = ["person", "model", "imported", "demo"] as const;
