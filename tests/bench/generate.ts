/**
 * Generation: our engine, an older revision of it, transformers on torch and llama.cpp, in turn over the same prompts so
 * that all meet the same machine. SmolLM2-135M-Instruct (`npm run fetch-base`), chat prompts of HH's lengths, 64 new
 * tokens, greedy, 1, 8 and 32 at a time.
 * `npm run bench:generate -- [--against REV] [--llama PYTHON --gguf FILE] [--batches 1,8,32] [--peers float32]`; REV is checked out below
 * /tmp and removed; PYTHON is one that has xllamacpp, FILE the same model for llama.cpp. transformers' Python is that of
 * the parity tests. Processor seconds are what a busy machine changes least.
 */
import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { median } from "./median";
import { helpfulPairs } from "./smollm";

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    model: { ...text, default: "models/SmolLM2-135M-Instruct" },
    batches: { ...text, default: "1,8,32" },
    tokens: { ...text, default: "64" },
    rounds: { ...text, default: "3" },
    peers: { ...text, default: "bfloat16,float32" },
    against: text,
    llama: text,
    gguf: text,
  },
});
const [tokens, rounds] = [Number(values.tokens), Number(values.rounds)];
const model = resolve(values.model);
if (!existsSync(model)) throw new Error(`${model} is not there: npm run fetch-base, or --model DIR`);
const python = referencePython();
if (!python) throw new Error(NO_PYTHON);

const tokenizer = openTokenizer(model);
const prompts = helpfulPairs("test")
  .map(({ prompt }) => tokenizer.encodeChat(turnsOf(prompt), { addGenerationPrompt: true }))
  .filter(({ length }) => length <= 512);

/** HH writes a dialogue as one text. */
function turnsOf(dialogue: string) {
  return dialogue
    .split(/\n\n(?=Human: |Assistant:)/)
    .map((turn) => turn.trim())
    .filter((turn) => turn !== "" && turn !== "Assistant:")
    .map((turn) => {
      const [, speaker, content] = /^(Human|Assistant):\s*([\s\S]*)$/.exec(turn) ?? [];
      return { role: speaker === "Human" ? "user" : "assistant", content: content ?? turn };
    });
}

const answerShape = z.object({
  seconds: z.number(),
  cpu: z.number(),
  peak: z.number(),
  ids: z.array(z.array(z.int())),
});
type Answer = z.infer<typeof answerShape>;

async function contestant(command: string, args: readonly string[], cwd = process.cwd()) {
  const child = spawn(command, args, {
    cwd,
    stdio: ["pipe", "pipe", process.env.BENCH_STDERR ? "inherit" : "ignore"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(" ")} ended early; set BENCH_STDERR=1 to see why`);
    return value;
  };
  while ((await next()) !== "ready");
  return {
    async write(batch: number, asked: readonly (readonly number[])[]): Promise<Answer> {
      child.stdin.write(`${JSON.stringify({ batch, tokens, prompts: asked })}\n`);
      return answerShape.parse(JSON.parse(await next()));
    },
    close: () => child.stdin.end(),
  };
}

const own = ["--import", "tsx", "tests/bench/generate-tokens.ts", model];
const older = values.against === undefined ? null : checkout(values.against);
const contestants = {
  Concord: await contestant(process.execPath, own),
  ...(older && { [`Concord ${values.against}`]: await contestant(process.execPath, own, older) }),
  ...Object.fromEntries(
    await Promise.all(
      values.peers.split(",").map(async (dtype) => {
        const args = ["tests/bench/generate_reference.py", "transformers", model, dtype];
        return [`transformers ${dtype}`, await contestant(python, args)] as const;
      }),
    ),
  ),
  ...(values.llama &&
    values.gguf && {
      "llama.cpp": await contestant(resolve(values.llama), [
        "tests/bench/generate_reference.py",
        ...["llama.cpp", resolve(values.gguf), "18117"],
      ]),
    }),
};

const first: Record<string, number> = {};
const taken = new Map<string, Answer[]>();
let at = 0;
for (const batch of values.batches.split(",").map(Number)) {
  for (let round = -1; round < rounds; round++) {
    // Never the same prompt twice: what is known is not read again.
    const asked = prompts.slice(at, at + Math.max(batch, 4));
    at += asked.length;
    for (const [name, { write }] of Object.entries(contestants)) {
      const answer = await write(batch, asked);
      const rate = asked.length * tokens;
      console.error(
        `${batch} at a time, ${round < 0 ? "warm-up" : `round ${round + 1}`}, ${name}: ${(rate / answer.seconds).toFixed(1)} tokens/s, ${((1000 * answer.cpu) / rate).toFixed(1)} processor ms a token`,
      );
      first[name] ??= answer.seconds;
      if (round >= 0) taken.set(`${batch} ${name}`, [...(taken.get(`${batch} ${name}`) ?? []), answer]);
    }
  }
}
for (const { close } of Object.values(contestants)) close();
if (older) spawnSync("git", ["worktree", "remove", "--force", older]);

for (const batch of values.batches.split(",").map(Number)) {
  const ours = taken.get(`${batch} Concord`) ?? [];
  const exact = (taken.get(`${batch} transformers float32`) ?? []).flatMap(({ ids }) => ids);
  console.log(`${batch} at a time, ${tokens} new tokens, prompts read in the same time`);
  console.table(
    Object.fromEntries(
      Object.keys(contestants).map((name) => {
        const answers = taken.get(`${batch} ${name}`) ?? [];
        const times = (of: "seconds" | "cpu") => median(answers.map((answer, i) => answer[of] / ours[i][of]));
        const all = answers.flatMap(({ ids }) => ids);
        return [
          name,
          {
            "tokens/s": Number(
              median(answers.map(({ seconds, ids }) => (ids.length * tokens) / seconds)).toFixed(1),
            ),
            "Concord is × faster": Number(times("seconds").toFixed(2)),
            // llama.cpp's server counts in a process of its own.
            "in processor time": Number(times("cpu").toFixed(2)),
            "peak memory, MiB": Math.round(Math.max(...answers.map(({ peak }) => peak))),
            "answers as fp32's": `${all.filter((ids, i) => ids.join() === exact[i]?.join()).length} of ${all.length}`,
          },
        ];
      }),
    ),
  );
}
console.table({ "first answers, s, with what opens meanwhile": first });

/** A revision in a folder of its own, with this one's packages. */
function checkout(revision: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "concord-against-")), "tree");
  const made = spawnSync("git", ["worktree", "add", "--detach", folder, revision], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  copyFileSync("tests/bench/generate-tokens.ts", join(folder, "tests/bench/generate-tokens.ts"));
  return folder;
}
