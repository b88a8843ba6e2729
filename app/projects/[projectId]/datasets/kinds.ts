import type { DatasetKind } from "@/db/shape/dataset-kinds";

export const kindNames: Record<DatasetKind, string> = {
  preference: "Preference",
  reward: "Reward with margin",
  sft: "SFT",
  unpaired: "Unpaired (KTO)",
  ranked: "Ranked k-wise",
};

/** What each kind is made of and trained with. */
export const kindNotes: Record<DatasetKind, string> = {
  preference: "Pairs of a chosen and a rejected response, for DPO and its family.",
  reward: "Preference pairs with a margin, for reward models.",
  sft: "Demonstrations, edits and best-ranked responses, for supervised fine-tuning.",
  unpaired: "Single responses labelled good or bad, for KTO.",
  ranked: "All responses of a prompt, best first, for Plackett–Luce, RRHF and PRO.",
};
