import type { Scores } from "../metrics";
import { has, textField } from "./fields";
import type { Judge, Process, Suite } from "./suite";

const system =
  "You are a highly efficient assistant, who evaluates and selects the best large language model (LLMs) based on the quality of their responses to a given instruction. This process will be used to create a leaderboard reflecting the most accurate and human-preferred answers.";

/** The judge's question as alpaca_eval 0.6.6 puts it: `alpaca_eval_clf.txt`, of its `weighted_alpaca_eval_gpt4_turbo`. */
const question = (
  instruction: string,
  m: string,
  M: string,
) => `I require a leaderboard for various large language models. I'll provide you with prompts given to these models and their corresponding outputs. Your task is to assess these responses, and select the model that produces the best output from a human perspective.

## Instruction

{
    "instruction": """${instruction}""",
}

## Model Outputs

Here are the unordered outputs from the models. Each output is associated with a specific model, identified by a unique model identifier.

{
    {
        "model_identifier": "m",
        "output": """${m}"""
    },
    {
        "model_identifier": "M",
        "output": """${M}"""
    }
}

## Task

Evaluate the models based on the quality and relevance of their outputs, and select the model that generated the best output. Answer by providing the model identifier of the best model. We will use your output as the name of the best model, so make sure your output only contains one of the following model identifiers and nothing else (no quotes, no spaces, no new lines, ...): m or M.

## Best Model Identifier`;

/** Share of the two names' probability that falls to the first response, and how much of all probability they have. */
async function firstShare(judge: Judge, instruction: string, first: string, second: string) {
  const messages = [
    { role: "system" as const, content: system },
    { role: "user" as const, content: question(instruction, first, second) },
  ];
  const [m, M] = (await judge.likelihoods(messages, ["m", "M"])).map(Math.exp);
  return { share: m / (m + M), mass: m + M };
}

/**
 * A judge says which of two responses is better, by the probabilities of their names, in both orders: alpaca_eval asks
 * in one that it draws. `win_rate` is the mean, `discrete_win_rate` counts the likelier one, `length_controlled_win_rate`
 * is at equal length (Dubois et al. 2024, arXiv 2404.04475), `same_in_both_orders` and `label_mass` say what the judge is
 * worth: how often it means the same response, and how much of its probability falls to the two names at all.
 */
export const alpacaEvalProcess: Process = {
  metrics: [
    "win_rate",
    "length_controlled_win_rate",
    "discrete_win_rate",
    "same_in_both_orders",
    "label_mass",
  ],
  async ofJudged(document, answers, { judge }) {
    const place = `document ${JSON.stringify(document.instruction ?? "").slice(0, 60)}`;
    const [instruction, base] = ["instruction", "output"].map((name) => textField(document, name, place));
    const [answer = ""] = answers;
    const before = await firstShare(judge, instruction, base, answer);
    const behind = await firstShare(judge, instruction, answer, base);
    const [asSecond, asFirst] = [1 - before.share, behind.share];
    const win = (asFirst + asSecond) / 2;
    const scores: Scores = {
      win_rate: win,
      length_controlled_win_rate: [win, [...answer].length, [...base].length],
      discrete_win_rate: win === 0.5 ? 0.5 : Number(win > 0.5),
      same_in_both_orders: Number(asFirst > 0.5 === asSecond > 0.5),
      label_mass: (before.mass + behind.mass) / 2,
    };
    return {
      // A judge that gives no probabilities judged nothing.
      scores: Number.isNaN(win) ? {} : scores,
      said: [`${asSecond.toFixed(4)} as the second`, `${asFirst.toFixed(4)} as the first`],
    };
  },
};

export const alpacaEval: Suite = {
  title: "AlpacaEval: a judge compares each answer with a known one, also at equal length (arXiv 2404.04475)",
  from: "tatsu-lab/alpaca_eval on the Hub: the answers of the model to compare with, as instruction, output, generator",
  shape: { fits: (row) => has(row, "instruction", "output", "generator") },
  task: {
    output_type: "generate_until",
    doc_to_text: "{{instruction}}",
    doc_to_target: "{{output}}",
    apply_chat_template: true,
    generation_kwargs: { until: [], do_sample: false, max_gen_toks: 2048 },
    process_results: "alpaca_eval",
  },
};
