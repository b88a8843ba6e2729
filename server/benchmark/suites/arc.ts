import { has } from "./fields";
import type { Suite } from "./suite";

/** Clark et al. 2018, as Hugging Face has its rows: question, choices {text, label}, answerKey. */
export const arc: Suite = {
  title: "ARC: science questions of schools (arXiv 1803.05457)",
  from: "allenai/ai2_arc on the Hub: ARC-Challenge or ARC-Easy, test-….parquet",
  shape: { fits: (row) => has(row, "question", "choices", "answerKey") },
  task: {
    output_type: "multiple_choice",
    doc_to_text: "Question: {{question}}\nAnswer:",
    doc_to_target: "{{choices.label.index(answerKey)}}",
    doc_to_choice: "{{choices.text}}",
    metric_list: [{ metric: "acc" }, { metric: "acc_norm" }],
  },
};
