import { has, textField } from "./fields";
import type { Suite } from "./suite";

/** Li et al., EMNLP 2023, its general part: does an answer hold what is made up? lm-eval has no task for it. */
export const halueval: Suite = {
  title: "HaluEval: whether an answer holds something made up (arXiv 2305.11747)",
  from: "RUCAIBox/HaluEval on GitHub: data/general_data.json",
  shape: {
    fits: (row) => has(row, "user_query", "chatgpt_response", "hallucination"),
    documents: (row, place) => {
      for (const field of ["user_query", "chatgpt_response", "hallucination"]) textField(row, field, place);
      return [row];
    },
  },
  task: {
    output_type: "multiple_choice",
    doc_to_text:
      "#Question#: {{user_query}}\n#Response#: {{chatgpt_response}}\nDoes the response contain hallucinated information?\n#Your Judgement#:",
    doc_to_choice: ["Yes", "No"],
    doc_to_target: "{{hallucination.strip().capitalize()}}",
    metric_list: [{ metric: "acc" }, { metric: "mcc" }],
  },
};
