import { resolve } from "node:path";
import { z } from "zod";
import { EngineError } from "../errors";
import { writeText } from "../file/files";
import { readExampleLines } from "../tokenize/dataset";
import { tokenizeKto, tokenizePreference, tokenizeReward } from "../tokenize/sequences";
import { tokenizeSft } from "../tokenize/sft";
import type { Dropped } from "../tokenize/sides";
import { type ChatTokenizer, openTokenizer } from "../tokenize/tokenizer";
import { readOptions, required, runCommand } from "./command";

const usage = `npm run tokenize -- --model DIR --kind preference|sft|kto|reward --in rows.jsonl --out ids.jsonl --max-length N [--assistant-only-loss]
  --model                directory with tokenizer.json and chat template
  --kind                 what the rows are for
  --in, --out            rows in TRL's format; token ids, one JSON a row
  --max-length           longest sequence in tokens
  --chat-template        Jinja file to use instead of the model's template
  --assistant-only-loss  mark only what the assistant wrote (sft)`;

const kinds = z.enum(["preference", "sft", "kto", "reward"]);

await runCommand(usage, () => {
  const text = { type: "string" } as const;
  const options = readOptions(
    {
      model: text,
      kind: text,
      in: text,
      out: text,
      "max-length": text,
      "chat-template": text,
      "assistant-only-loss": { type: "boolean" },
    },
    usage,
  );
  const input = resolve(required(options.in, "in", usage));
  const output = resolve(required(options.out, "out", usage));
  const kind = kinds.safeParse(required(options.kind, "kind", usage));
  if (!kind.success)
    throw new EngineError(`--kind ${options.kind} is not one of ${kinds.options.join(", ")}.`);
  const maxLength = z.coerce
    .number()
    .int()
    .min(1)
    .safeParse(required(options["max-length"], "max-length", usage));
  if (!maxLength.success)
    throw new EngineError(`--max-length ${options["max-length"]} is not a positive whole number.`);
  const assistantOnly = options["assistant-only-loss"] ?? false;
  if (assistantOnly && kind.data !== "sft") {
    throw new EngineError(`--assistant-only-loss belongs to --kind sft; remove it for ${kind.data}.`);
  }

  const model = resolve(required(options.model, "model", usage));
  const template = options["chat-template"];
  const tokenizer = openTokenizer(model, template === undefined ? null : resolve(template));
  const lines = tokenizeLines(tokenizer, kind.data, input, maxLength.data, assistantOnly);
  writeText(output, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const dropped = lines.filter((line) => "dropped" in line).length;
  console.log(`${output}: ${lines.length} rows, ${dropped} dropped.`);
});

function tokenizeLines(
  tokenizer: ChatTokenizer,
  kind: z.infer<typeof kinds>,
  file: string,
  maxLength: number,
  assistantOnly: boolean,
): (object | Dropped)[] {
  switch (kind) {
    case "preference":
      return readExampleLines(file, kind, (example) =>
        only(["prompt_ids", "chosen_ids", "rejected_ids"], tokenizePreference(tokenizer, example, maxLength)),
      );
    case "kto":
      return readExampleLines(file, kind, (example) =>
        only(["prompt_ids", "completion_ids"], tokenizeKto(tokenizer, example, maxLength)),
      );
    case "reward":
      return readExampleLines(file, kind, (example) =>
        only(["chosen_ids", "rejected_ids"], tokenizeReward(tokenizer, example, maxLength)),
      );
    case "sft":
      return readExampleLines(file, kind, (example) => {
        const options = { maxLength, assistantOnly, completionOnly: null };
        const tokens = tokenizeSft(tokenizer, example, options);
        const mask = "completion_mask" in tokens ? "completion_mask" : "assistant_mask";
        return only(["input_ids", mask], tokens);
      });
  }
}

/** The named ids of a row; a dropped row stays as it is. */
function only<Tokens extends object>(names: readonly string[], tokens: Tokens | Dropped): object {
  if ("dropped" in tokens) return tokens;
  return Object.fromEntries(Object.entries(tokens).filter(([name]) => names.includes(name)));
}
