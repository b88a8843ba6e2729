/** Runs of two steps with every loss that the options announce, on rows as a version of a dataset gives them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import type { DatasetRow } from "@/db/shape/dataset";
import { type LossFacts, lossCatalog, type RowForm } from "@/workers/engine/loss/catalog";
import { methods } from "@/workers/engine/spec/options";
import { toExample } from "@/workers/training/rows";

const says = (role: "user" | "assistant", content: string) => ({ role, content });
const answers = ["Water boils at 100 °C.", "It boils.", "At sea level, 100 degrees.", "No idea!"];
const questions = ["When does water boil?", "And on a mountain?", "Why?", "Say it briefly."];

/** One version's rows of each form; every question has an answer of its own. */
const rowOf = (form: RowForm, index: number): DatasetRow => {
  const base = { id: `row-${index}`, prompt: [says("user", questions[index])], annotators: 2 };
  const reply = (offset: number) => [says("assistant", answers[(index + offset) % answers.length])];
  switch (form) {
    case "demonstration":
      return { ...base, completion: reply(0) };
    case "pair":
      return { ...base, chosen: reply(0), rejected: reply(1), margin: 0.5 };
    case "ranking":
      return {
        ...base,
        completions: [reply(0), reply(1), reply(2)],
        ranks: index % 2 ? [1, 2, 3] : [1, 2, 2],
      };
    case "verdict":
      return { ...base, completion: reply(0), label: index % 2 === 0 };
  }
};

/** What a loss cannot do without. */
const needed: Readonly<Record<string, Record<string, unknown>>> = {
  exo_pair: { label_smoothing: 0.001 },
  robust: { label_smoothing: 0.1 },
  slic: { slic_delta: 1, slic_lambda: 0.1 },
};

export interface LossRun {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A run.yaml's content for each loss of `engine`; its rows lie in `folder`. Those on rankings train every weight too. */
export function lossRuns(engine: "onnx" | "torch", folder: string): LossRun[] {
  return methods.flatMap((method) => {
    return Object.entries<LossFacts>(lossCatalog[method])
      .filter(([, { onnxOnly }]) => engine === "onnx" || !onnxOnly)
      .flatMap(([loss, { rows }]) => {
        const train = join(folder, `${method}-${rows}.jsonl`);
        mkdirSync(folder, { recursive: true });
        const lines = questions.map((_, index) => JSON.stringify(toExample(rowOf(rows, index), method)));
        writeFileSync(train, `${lines.join("\n")}\n`);
        const trained = rows === "ranking" ? (["lora", "none"] as const) : (["lora"] as const);
        return trained.map((peft): LossRun => {
          const name = `${method} ${loss}${peft === "none" ? ", every weight" : ""}`;
          return {
            name,
            options: {
              method,
              engine,
              loss_type: [loss],
              model: resolve("tests/parity/golden/models/qwen3"),
              train,
              output: join(folder, name.replace(/\W+/g, "-")),
              peft: peft === "lora" ? { method: peft, r: 2 } : { method: peft },
              per_device_train_batch_size: 2,
              max_steps: 2,
              logging_steps: 1,
              max_length: 128,
              learning_rate: 0.001,
              ...needed[loss],
            },
          };
        });
      });
  });
}

/** Writes a run's run.yaml beside its rows. */
export function writeRun({ name, options }: LossRun, folder: string): string {
  const file = join(folder, `${name.replace(/\W+/g, "-")}.yaml`);
  writeFileSync(file, stringify(options));
  return file;
}
