import { resolve } from "node:path";
import { z } from "zod";
import { writeJson } from "../../../db/shape/written-json";
import { EngineError } from "../errors";
import { writeText } from "../file/files";
import { generationShape, promptShape } from "../infer/requests";
import { TextInference } from "../infer/text-inference";
import { deviceOption, readOptions, required, runCommand } from "./command";
import { ProgressLine, readRows } from "./rows";

const usage = `npm run generate -- --model DIR --in prompts.jsonl --out responses.jsonl [options]
  --model, --adapter      model directory, and a PEFT adapter for it
  --in                    rows with prompt: a text, or messages for the model's chat template
  --out                   the rows with completion, tokens, logp and finish; one line a response
  --max-new-tokens 256    --num-return-sequences 1    --batch-size 8
  --temperature T --top-k K --top-p P   sample (any of them); greedy without
  --stop TEXT             end before this text; repeatable
  --seed 42               --device cpu|webgpu|cuda`;

const text = { type: "string" } as const;

await runCommand(usage, async () => {
  const options = readOptions(
    {
      model: text,
      adapter: text,
      in: text,
      out: text,
      "max-new-tokens": text,
      "num-return-sequences": text,
      "batch-size": text,
      temperature: text,
      "top-k": text,
      "top-p": text,
      stop: { type: "string", multiple: true },
      seed: text,
      device: text,
    },
    usage,
  );
  const numbers = {
    max_new_tokens: options["max-new-tokens"],
    num_return_sequences: options["num-return-sequences"],
    batch_size: options["batch-size"],
    temperature: options.temperature,
    top_k: options["top-k"],
    top_p: options["top-p"],
    seed: options.seed,
  };
  const given = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Number(value)]],
  );
  const settings = generationShape.safeParse({
    ...Object.fromEntries(given),
    do_sample: [options.temperature, options["top-k"], options["top-p"]].some((value) => value !== undefined),
    stop_strings: options.stop ?? [],
  });
  if (!settings.success) {
    const [{ path, message }] = settings.error.issues;
    throw new EngineError(`--${path.join(".").replaceAll("_", "-")}: ${message}.\n${usage}`);
  }
  const output = resolve(required(options.out, "out", usage));
  const rows = readRows(
    resolve(required(options.in, "in", usage)),
    promptShape.and(z.record(z.string(), z.unknown())),
  );
  const engine = new TextInference({
    model: resolve(required(options.model, "model", usage)),
    adapter: options.adapter === undefined ? null : resolve(options.adapter),
    device: deviceOption(options.device, usage),
  });

  const copies = settings.data.num_return_sequences;
  const progress = new ProgressLine(rows.length * copies, "responses");
  const lines: { place: number; line: object }[] = [];
  for await (const answer of engine.answer({ kind: "generate", rows, options: settings.data })) {
    const row = rows[answer.row];
    if (answer.kind === "dropped") {
      lines.push({ place: answer.row * copies, line: { ...row, dropped: answer.reason } });
    } else if (answer.kind === "generated") {
      progress.advance();
      const { completion, tokens, logp, finish } = answer;
      const message =
        typeof row.prompt === "string" ? completion : [{ role: "assistant", content: completion }];
      lines.push({
        place: answer.row * copies + answer.sample,
        line: { ...row, completion: message, tokens, logp, finish },
      });
    }
  }
  await engine.close();
  lines.sort((a, b) => a.place - b.place);
  writeText(output, lines.map(({ line }) => `${writeJson(line)}\n`).join(""));
  const dropped = lines.filter(({ line }) => "dropped" in line).length;
  console.log(`${output}: ${lines.length - dropped} responses, ${dropped} prompts dropped.`);
});
