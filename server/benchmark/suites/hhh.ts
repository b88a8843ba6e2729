import { has, textField } from "./fields";
import type { Suite } from "./suite";

/** Askell et al. 2021, and any file of pairs: instruction, chosen, rejected. lm-eval has no task for it. */
export const hhh: Suite = {
  title: "HHH: which of two answers is likelier, helpful, honest or harmless (arXiv 2112.00861)",
  from: "HuggingFaceH4/hhh_alignment on the Hub, written as pairs: instruction, chosen, rejected",
  shape: {
    fits: (row) => has(row, "instruction", "chosen", "rejected"),
    documents: (row, place) => {
      for (const field of ["instruction", "chosen", "rejected"]) textField(row, field, place);
      return [row];
    },
  },
  task: {
    output_type: "multiple_choice",
    doc_to_text: "instruction",
    doc_to_choice: "{{[chosen, rejected]}}",
    doc_to_target: 0,
    target_delimiter: "\n\n",
    metric_list: [{ metric: "acc" }, { metric: "acc_norm" }, { metric: "acc_bytes" }],
  },
};
