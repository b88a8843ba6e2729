import { has } from "./fields";
import type { Suite } from "./suite";

/** Cobbe et al. 2021. */
export const gsm8k: Suite = {
  title: "GSM8K: grade-school mathematics, worked out (arXiv 2110.14168)",
  from: "openai/grade-school-math on GitHub: test.jsonl; shots from train.jsonl",
  shape: { fits: (row) => has(row, "question") && String(row.answer).includes("####") },
  task: {
    output_type: "generate_until",
    test_split: "test",
    fewshot_split: "train",
    num_fewshot: 5,
    doc_to_text: "Question: {{question}}\nAnswer:",
    doc_to_target: "{{answer}}",
    generation_kwargs: { until: ["Question:", "</s>", "<|im_end|>"], do_sample: false, temperature: 0 },
    metric_list: [
      {
        metric: "exact_match",
        ignore_case: true,
        ignore_punctuation: false,
        regexes_to_ignore: [",", "\\$", "(?s).*#### ", "\\.$"],
      },
    ],
    filter_list: [
      {
        name: "strict-match",
        filter: [{ function: "regex", regex_pattern: "#### (\\-?[0-9\\.\\,]+)" }, { function: "take_first" }],
      },
      {
        name: "flexible-extract",
        filter: [
          { function: "regex", group_select: -1, regex_pattern: "(-?[$0-9.,]{2,})|(-?[0-9]+)" },
          { function: "take_first" },
        ],
      },
    ],
  },
};
