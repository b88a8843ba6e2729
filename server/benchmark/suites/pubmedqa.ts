import { has } from "./fields";
import type { Suite } from "./suite";

/** Jin et al., EMNLP 2019. */
export const pubmedqa: Suite = {
  title: "PubMedQA: yes, no or maybe from an abstract (arXiv 1909.06146)",
  from: "pubmedqa/pubmedqa on GitHub: data/ori_pqal.json",
  shape: { fits: (row) => has(row, "QUESTION", "CONTEXTS", "final_decision") },
  task: {
    output_type: "multiple_choice",
    doc_to_text: "Abstract: {{CONTEXTS|join('\\n')}}\nQuestion: {{QUESTION}}\nAnswer:",
    doc_to_target: "final_decision",
    doc_to_choice: ["yes", "no", "maybe"],
    metric_list: [{ metric: "acc" }],
  },
};
