import type { Layout, RowLayout } from "./layout";
import { trl } from "./trl";

/** OpenRLHF renders conversations without their tools. */
const untold = <Row>(found: RowLayout<Row> | undefined, use: string): RowLayout<Row> | undefined =>
  found && { ...found, cannot: ["tools", "tool_calls"], use };

const pairs =
  "`--data.prompt_key prompt --data.chosen_key chosen --data.rejected_key rejected --data.apply_chat_template`";

export const openRlhf: Layout = {
  title: "OpenRLHF",
  formats: ["parquet", "jsonl"],
  kinds: {
    preference: untold(trl.kinds.preference, `${pairs} of train_dpo.`),
    reward: untold(trl.kinds.reward, `${pairs} of train_rm, which takes the margin too.`),
    sft: untold(
      trl.kinds.sft,
      "`--data.input_key prompt --data.output_key completion --data.apply_chat_template` of train_sft.",
    ),
  },
};
