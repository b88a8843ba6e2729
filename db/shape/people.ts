export const projectRoles = ["manager", "reviewer", "annotator"] as const;
export type ProjectRole = (typeof projectRoles)[number];

/** A member, a judge model, a rater of an imported study, or one of the demo. */
export const raterKinds = ["person", "model", "imported", "demo"] as const;
