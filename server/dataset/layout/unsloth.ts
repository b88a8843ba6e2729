import type { Layout } from "./layout";
import { trl } from "./trl";

const { preference, reward, sft, unpaired } = trl.kinds;

/** Unsloth speeds up TRL's trainers and takes their rows; it has none for ranked replies. */
export const unsloth: Layout = {
  title: "Unsloth",
  formats: ["parquet", "jsonl"],
  kinds: { preference, reward, sft, unpaired },
};
