/** Which texts: conversations as far as they go, or the replies to them. */
export const textKinds = ["prompts", "responses"] as const;
export type TextKind = (typeof textKinds)[number];
