/**
 * Scoring benchmarks: our engine and lm-eval's Hugging Face backend in turn over the same requests, so that both meet the
 * same machine. `npm run bench:evaluate -- [documents a task]`; Python with lm_eval 0.4.13, torch and transformers as
 * CONCORD_TEST_PYTHON. lm-eval runs with batch size 1, its default, and with 8. Wall time and processor time are given:
 * on a busy machine only the second says what the work costs.
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { documentsOf } from "@/server/benchmark/data";
import { readFileContents } from "@/server/benchmark/read";
import { suites } from "@/server/benchmark/suites";
import { readTask } from "@/server/benchmark/task";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { BenchmarkModel } from "@/workers/benchmark/model";
import { questionsOf } from "@/workers/benchmark/questions";
import { smolModel } from "./smollm";

const count = Number(process.argv[2] ?? 16);
const data = resolve("../shared/data");
const python = referencePython();
if (!python) throw new Error(NO_PYTHON);
const folder = smolModel("causal");

const answerShape = z.object({
  seconds: z.number(),
  cpu: z.number(),
  scored: z.array(z.tuple([z.number(), z.boolean()])),
});
type Pair = readonly [context: string, continuation: string];

async function reference(batch: number) {
  const child = spawn(python ?? "", ["tests/bench/lm_eval_reference.py", folder, String(batch)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("lm-eval ended early");
      if (value === "ready" || value.startsWith('{"seconds"')) return value;
    }
  };
  await next();
  return {
    async score(pairs: readonly Pair[]) {
      child.stdin.write(`${JSON.stringify(pairs)}\n`);
      return answerShape.parse(JSON.parse(await next()));
    },
    close: () => child.stdin.end(),
  };
}

/** The requests of a suite's first documents. */
async function requests(
  suite: string,
  file: string,
  shots?: { file: string; count: number },
): Promise<Pair[]> {
  const task = readTask({ ...suites[suite].task, num_fewshot: shots?.count ?? 0 }, suite, suite);
  const read = async (path: string) =>
    documentsOf(await readFileContents(resolve(data, path)), path, undefined);
  const documents = (await read(file)).slice(0, count).map((document, id) => ({ id, document }));
  const pool = shots ? await read(shots.file) : [];
  return questionsOf(task, documents, pool, { ownPool: false, chat: null }).flatMap(
    ({ contexts, continuations }) => continuations.map((continuation): Pair => [contexts[0], continuation]),
  );
}

const sets: Record<string, Pair[]> = {
  "MMLU, no shots": await requests("mmlu", "mmlu/test/professional_psychology_test.csv"),
  "MMLU, 5 shots": await requests("mmlu", "mmlu/test/anatomy_test.csv", {
    file: "mmlu/dev/anatomy_dev.csv",
    count: 5,
  }),
  "TruthfulQA MC2": await requests("truthfulqa_mc2", "truthfulqa/TruthfulQA.csv"),
  PubMedQA: await requests("pubmedqa", "pubmedqa/pqal.json"),
};
const model = new BenchmarkModel({ model: folder, device: "cpu", batch_size: 8 });
const others = { "lm-eval, batch 1": await reference(1), "lm-eval, batch 8": await reference(8) };

async function ours(pairs: readonly Pair[]) {
  const began = performance.now();
  const before = process.cpuUsage();
  const asked = pairs.map(([context, continuation]) => ({ context, continuation, what: "a continuation" }));
  const scored: (readonly [number, boolean])[] = [];
  for await (const answer of model.likelihoods(asked)) scored[answer.index] = answer.scored;
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - began) / 1000,
    cpu: (user + system) / 1e6,
    scored,
  };
}

// Opens every session and warms the caches.
const [warm] = Object.values(sets);
await ours(warm.slice(0, 4));
for (const { score } of Object.values(others)) await score(warm.slice(0, 4));

const table: Record<string, Record<string, number | string>> = {};
const totals = new Map<string, number>();
for (const [name, pairs] of Object.entries(sets)) {
  const own = await ours(pairs);
  const row: Record<string, number | string> = {
    requests: pairs.length,
    "Concord, s": round(own.seconds),
    "CPU s": round(own.cpu),
  };
  totals.set("Concord", (totals.get("Concord") ?? 0) + own.cpu);
  console.error(`${name}: Concord ${round(own.seconds)} s, ${round(own.cpu)} s of processor`);
  let difference = 0;
  for (const [other, { score }] of Object.entries(others)) {
    const found = await score(pairs);
    totals.set(other, (totals.get(other) ?? 0) + found.cpu);
    console.error(`${name}: ${other} ${round(found.seconds)} s, ${round(found.cpu)} s of processor`);
    row[`${other}, s`] = round(found.seconds);
    row[`× ${other}`] = round(found.seconds / own.seconds);
    row[`CPU × ${other}`] = round(found.cpu / own.cpu);
    found.scored.forEach(([likelihood, greedy], index) => {
      const [mine, mineGreedy] = own.scored[index];
      difference = Math.max(difference, Math.abs(mine - likelihood));
      if (greedy !== mineGreedy) row["greedy differs"] = Number(row["greedy differs"] ?? 0) + 1;
    });
  }
  row["largest difference, nats"] = difference.toExponential(1);
  table[name] = row;
}
for (const { close } of Object.values(others)) close();
console.table(table);
const base = totals.get("Concord") ?? Number.NaN;
for (const [name, seconds] of totals)
  if (name !== "Concord")
    console.log(
      `all sets: ${round(seconds / base)} × ${name} (${round(seconds)} s of processor against ${round(base)} s)`,
    );

function round(value: number): number {
  return Number(value.toFixed(2));
}
