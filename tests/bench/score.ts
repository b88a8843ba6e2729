/**
 * Scoring by a reward model: our engine and transformers on torch, interleaved over the same pairs so that both
 * meet the same machine. `node --import tsx tests/bench/score.ts [pairs]`; Python as for the parity tests.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { openInference } from "@/workers/engine/infer/inference";
import { shareBeginning } from "@/workers/engine/infer/text-inference";
import { tokenizeScored } from "@/workers/engine/tokenize/sequences";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { helpfulPairs, smolModel } from "./smollm";

const total = Number(process.argv[2] ?? 96);
const pairsAtOnce = 8;
const maxLength = 1024;

const model = smolModel("score");
const tokenizer = openTokenizer(model);
const pairs = helpfulPairs("test")
  .map(({ prompt, chosen, rejected }) =>
    [chosen, rejected].map((answer) => {
      const { ids, end } = tokenizeScored(tokenizer, prompt, answer, {});
      return ids.slice(0, end + 1);
    }),
  )
  .filter((sides) => sides.every(({ length }) => length <= maxLength))
  .slice(0, total);

const python = referencePython();
if (!python) throw new Error(NO_PYTHON);

/** One transformers process a precision, answering {seconds, scores, peak} for {batch_size, sequences}. */
const answerShape = z.object({ seconds: z.number(), scores: z.array(z.number()), peak: z.number() });
function reference(dtype: "float32" | "bfloat16") {
  const child = spawn(python ?? "", ["tests/bench/score_reference.py", model, dtype], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async score(sequences: readonly (readonly number[])[]) {
      child.stdin.write(`${JSON.stringify(sequences)}\n`);
      const { value } = await lines.next();
      return answerShape.parse(JSON.parse(value));
    },
    close: () => child.stdin.end(),
  };
}

const inference = openInference(model);
const engines = {
  "Concord, pairs share their prompt": async (group: readonly (readonly number[])[][]) => ({
    scores: (await inference.scores(group.map(shareBeginning))).flat(),
    peak: process.resourceUsage().maxRSS / 1024,
  }),
  "Concord, every side on its own": async (group: readonly (readonly number[])[][]) => ({
    scores: (await inference.scores(group.flat().map((side) => ({ prompt: [], responses: [side] })))).flat(),
    peak: process.resourceUsage().maxRSS / 1024,
  }),
};
const references = { "transformers fp32": reference("float32"), "transformers bf16": reference("bfloat16") };

const seconds = new Map<string, number>();
const peaks = new Map<string, number>();
const scores = new Map<string, number[]>();
const note = (name: string, took: number, found: { scores: number[]; peak: number }, counts: boolean) => {
  console.error(
    `${counts ? "" : "warm-up: "}${name}: ${found.scores.length} sequences in ${took.toFixed(1)} s`,
  );
  peaks.set(name, found.peak);
  if (!counts) return;
  seconds.set(name, (seconds.get(name) ?? 0) + took);
  scores.set(name, [...(scores.get(name) ?? []), ...found.scores]);
};

let tokens = 0;
// The first group warms every engine up and is not counted.
for (let start = -pairsAtOnce; start < pairs.length; start += pairsAtOnce) {
  const group = pairs.slice(Math.max(start, 0), Math.max(start, 0) + pairsAtOnce);
  const counts = start >= 0;
  if (counts) tokens += group.flat().reduce((sum, { length }) => sum + length, 0);
  for (const [name, run] of Object.entries(engines)) {
    const began = performance.now();
    const found = await run(group);
    note(name, (performance.now() - began) / 1000, found, counts);
  }
  for (const [name, { score }] of Object.entries(references)) {
    const found = await score(group.flat());
    note(name, found.seconds, found, counts);
  }
}
for (const { close } of Object.values(references)) close();
await inference.close();

const base = seconds.get("transformers fp32") ?? Number.NaN;
const exact = scores.get("transformers fp32") ?? [];
console.log(
  `${pairs.length} HH helpful pairs, ${tokens} tokens without padding, ${Math.round(tokens / pairs.length / 2)} a sequence; SmolLM2-135M's shape`,
);
console.table(
  Object.fromEntries(
    [...seconds].map(([name, took]) => [
      name,
      {
        "tokens/s": Math.round(tokens / took),
        "× transformers fp32": Number((base / took).toFixed(2)),
        "peak memory, MiB": Math.round(peaks.get(name) ?? 0),
        "largest difference from fp32": Math.max(
          ...exact.map((score, i) => Math.abs(score - (scores.get(name)?.[i] ?? 0))),
        ).toExponential(1),
      },
    ]),
  ),
);
