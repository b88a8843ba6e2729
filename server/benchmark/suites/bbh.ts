import { has } from "./fields";
import type { Suite } from "./suite";

const task = {
  output_type: "generate_until",
  doc_to_target: "{{target}}",
  generation_kwargs: { until: ["</s>", "Q:", "<|im_end|>"], do_sample: false, temperature: 0 },
  metric_list: [
    { metric: "exact_match", ignore_case: true, regexes_to_ignore: ["\\.$", ",", "\n", "\\\\", '"'] },
  ],
};

const base: Pick<Suite, "from" | "shape"> = {
  from: "suzgunmirac/BIG-Bench-Hard on GitHub: bbh/….json, a file a task",
  shape: { fits: (row) => has(row, "input", "target") },
};

/** Suzgun et al., ACL Findings 2023; lm-eval's zero-shot form, without its line for each of the 27 tasks. */
export const bbh: Suite = {
  ...base,
  title: "BIG-Bench Hard: answers without reasoning (arXiv 2210.09261)",
  task: { ...task, doc_to_text: "Q: {{input}}\nA:" },
};

export const bbhCot: Suite = {
  ...base,
  title: "BIG-Bench Hard: answers after reasoning step by step (arXiv 2210.09261)",
  task: {
    ...task,
    doc_to_text: "Q: {{input}}\nA: Let's think step by step.",
    filter_list: [
      {
        name: "get-answer",
        filter: [
          { function: "regex", regex_pattern: "(?<=the answer is )(.*)(?=.)" },
          { function: "take_first" },
        ],
      },
    ],
  },
};
