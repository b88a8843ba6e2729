import { runPython } from "../sandbox";
import { has, textField } from "./fields";
import type { Process, Suite } from "./suite";

/** Seconds that a program has for its tests, as the authors give it. */
const seconds = 3;

/** Chen et al. 2021: a program passes when its tests come to their end. Of several answers the share that does. */
export const humanevalProcess: Process = {
  metrics: ["pass@1"],
  // Before anything is asked: hours of writing are not to end here.
  prepare: async () => void (await runPython("pass", seconds)),
  ofTexts: async (document, answers) => {
    const place = `document ${String(document.task_id ?? "")}`.trim();
    const [prompt, test, name] = ["prompt", "test", "entry_point"].map((field) =>
      textField(document, field, place),
    );
    let passed = 0;
    for (const answer of answers)
      if ((await runPython(`${prompt}${answer}\n${test}\ncheck(${name})`, seconds)).passed) passed++;
    return { "pass@1": passed / answers.length };
  },
};

export const humaneval: Suite = {
  title: "HumanEval: Python functions that pass their tests (arXiv 2107.03374)",
  from: "openai/human-eval on GitHub: data/HumanEval.jsonl.gz; it runs what the model writes, which an admin allows",
  shape: { fits: (row) => has(row, "prompt", "entry_point", "test") },
  task: {
    output_type: "generate_until",
    doc_to_text: "{{prompt}}",
    doc_to_target: "{{test}}\ncheck({{entry_point}})",
    generation_kwargs: {
      until: ["\nclass", "\ndef", "\n#", "\nif", "\nprint"],
      do_sample: false,
      max_gen_toks: 1024,
    },
    filter_list: [{ name: "create_test", filter: [{ function: "take_first" }] }],
    process_results: "humaneval",
  },
};
