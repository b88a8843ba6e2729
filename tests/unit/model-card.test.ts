import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { modelCard } from "@/workers/engine/train/model-card";

test("a model card has front matter the Hub reads, the data, the options and the metrics of both sets", () => {
  const { spec } = parseRunSpec({
    method: "preference",
    model: "HuggingFaceTB/SmolLM2-135M",
    train: "/data/train.jsonl",
    eval: "/data/eval.jsonl",
    output: "/runs/dpo-7",
    learning_rate: 0.00001,
    loss_type: ["sigmoid"],
  });
  if (!spec) throw new Error("the spec is valid");
  const card = modelCard(
    {
      spec,
      adapter: {
        method: "lora",
        r: 16,
        lora_alpha: 32,
        lora_dropout: 0,
        use_rslora: false,
        target_modules: "all-linear",
      },
      rows: { train: 1200, eval: 21 },
      step: 40,
    },
    [
      { type: "log", level: "warning", message: "train.jsonl: dropped 3 rows because they are too long." },
      { type: "metrics", step: 1, epoch: 0.1, loss: 0.69 },
      { type: "metrics", step: 40, epoch: 1, loss: 0.512345678, "rewards/accuracies": 0.75 },
      {
        type: "eval",
        step: 40,
        epoch: 1,
        eval_loss: 0.6,
        "eval_rewards/accuracies": 0.762,
        held_out: {
          scored: 21,
          dropped: 9,
          right: 15,
          compared: 21,
          means: { "rewards/accuracies": 15 / 21 },
        },
      },
      { type: "metrics", step: 60, epoch: 2, loss: 9 },
      { type: "eval", step: 60, epoch: 2, eval_loss: 9 },
    ],
  );
  const [, front] = card.split("---\n");
  expect(parse(front)).toEqual({
    base_model: "HuggingFaceTB/SmolLM2-135M",
    library_name: "peft",
    pipeline_tag: "text-generation",
    tags: ["concord", "preference", "sigmoid", "lora"],
  });
  for (const line of [
    "# dpo-7",
    "- Training: `train.jsonl`, 1,200 rows.",
    "- Held out: `eval.jsonl`, 21 rows.",
    "- train.jsonl: dropped 3 rows because they are too long.",
    "| learning_rate | 0.00001 |",
    "| r | 16 |",
    "After 40 steps.",
    "| loss | 0.51235 | 0.6 |",
    "Held out: 21 rows scored, 9 dropped. Right in 15 of 21 pairs; a tie is not right. The column is of these rows; training's is the mean of the last steps' batches.",
    "| rewards/accuracies | 0.75 | 0.71429 |",
    'model = PeftModel.from_pretrained(base, "path/to/this/directory")',
  ]) {
    expect(card.split("\n")).toContain(line);
  }
});

test("a directory of this machine is no base that the Hub is told of", () => {
  const { spec } = parseRunSpec({
    method: "sft",
    model: import.meta.dirname,
    train: "train.jsonl",
    output: "/runs/sft-1",
  });
  if (!spec) throw new Error("the spec is valid");
  const card = modelCard({ spec, adapter: null, rows: { train: 3, eval: null }, step: 1 }, []);
  expect(parse(card.split("---\n")[1])).not.toHaveProperty("base_model");
});
