/** The two blind passes of a norming: before its raters have talked about where they differ, and after. */
export const normingPasses = ["before", "after"] as const;

/** What the second pass is made of: the same items once more, or others drawn as the first were. */
export const normingSets = ["same", "parallel"] as const;
