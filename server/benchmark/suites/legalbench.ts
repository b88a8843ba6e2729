import { has } from "./fields";
import type { Suite } from "./suite";

/**
 * Guha et al. 2023. Each task has its own prompt: `doc_to_text: !file base_prompt.txt`. The answer is written, up to the
 * end of its line, and compared without case and punctuation.
 */
export const legalbench: Suite = {
  title: "LegalBench: legal reasoning, a prompt of its own for each task (arXiv 2308.11462)",
  from: "nguha/legalbench on the Hub: test.tsv of a task; its base_prompt.txt is the task's doc_to_text",
  shape: { fits: (row) => has(row, "index", "answer") },
  task: {
    output_type: "generate_until",
    doc_to_target: "answer",
    generation_kwargs: { until: ["\n"], do_sample: false, temperature: 0, max_gen_toks: 15 },
    filter_list: [{ name: "none", filter: [{ function: "remove_whitespace" }, { function: "take_first" }] }],
    metric_list: [{ metric: "exact_match", ignore_case: true, ignore_punctuation: true }],
  },
};
