/**
 * The engine's side of tests/bench/train.ts: opens a run.yaml and takes one step for each line on standard input,
 * answering with what it took.
 */
import { createInterface } from "node:readline";
import { pack } from "@/workers/engine/rows/packing";
import { readRunSpec } from "@/workers/engine/spec/file";
import { sizesOf } from "@/workers/engine/train/memory";
import { stepGraph } from "@/workers/engine/train/program";
import { openRun, openRunner } from "@/workers/engine/train/run";
import { takeStep } from "@/workers/engine/train/step";
import { matrixFlops } from "./flops";

const run = openRun(readRunSpec(process.argv[2]));
const runner = await openRunner(run, run.objective, () => true);
if (!runner) throw new Error("nobody stopped it");
const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ ready: true });

let step = 0;
for await (const _ of createInterface(process.stdin)) {
  const [indices] = run.plan.group(step);
  const packed = pack(
    indices.map((index) => run.objective.trees[index]),
    run.program,
  );
  const cpu = process.cpuUsage();
  const { loss, tokens, seconds } = await takeStep(run, runner, step++);
  const used = process.cpuUsage(cpu);
  const graph = stepGraph(run.program, run.objective, indices.length, run.fitted.keep);
  answer({
    seconds,
    cpu: (used.user + used.system) / 1e6,
    loss,
    tokens,
    peak: process.resourceUsage().maxRSS / 1024,
    flops: matrixFlops(graph, sizesOf(packed)),
    estimate: run.fitted.bytes / 2 ** 20,
  });
}
await runner.release();
