/**
 * The statistics layer beside the reference libraries on the same data, interleaved so that both meet the same machine;
 * medians. `npm run bench:statistics`; makes a virtual environment with crowd-kit, arena-rank and krippendorff from PyPI
 * and removes it; without a Python or a network ours are measured alone, and it says so. CONCORD_BENCH_PYTHON names a
 * Python that has them already.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { bootstrapAgreement } from "@/server/statistics/agreement/interval";
import { krippendorff } from "@/server/statistics/agreement/krippendorff";
import { unitsOf } from "@/server/statistics/agreement/ratings";
import { randomOf } from "@/server/statistics/math/random";
import { bootstrapBradleyTerry, bradleyTerry } from "@/server/statistics/ranking/bradley-terry";
import { type DawidSkene, dawidSkene, UNSMOOTHED } from "@/server/statistics/raters/dawid-skene";
import { benchPython } from "./bench-python";
import { median } from "./median";

const ROUNDS = 3;
const LIBRARIES = ["crowd-kit==1.4.2", "arena-rank==0.1.1", "krippendorff==0.9.0"];

const folder = mkdtempSync(join(tmpdir(), "concord-statistics-"));
const random = randomOf(20261130);
const draw = (n: number) => (random() * n) | 0;

const ratings = ordinalRatings(20_000, 5);
const labels = crowdLabels(20_000, 2000, 5, 4);
const votes = comparisons(100, 1_000_000, 2000);
for (const [name, column] of Object.entries({
  alpha_value: ratings.value,
  ds_item: labels.item,
  ds_rater: labels.rater,
  ds_label: labels.label,
  bt_a: votes.a,
  bt_b: votes.b,
  bt_y: votes.y,
}))
  writeFileSync(join(folder, name), Buffer.from(column.buffer));

/** What is measured: ours, what the reference does of it, and the bound we hold ourselves to. */
const tasks = {
  alpha: {
    title: "α ordinal, 100,000 annotations: ours with 1,000 bootstrap resamples, krippendorff one α",
    ours: () => {
      const units = unitsOf(ratings);
      const { estimate } = bootstrapAgreement(krippendorff(units, "ordinal"), units, {
        draws: 1000,
        seed: 1,
      });
      return { value: estimate ?? 0 };
    },
    seconds: 2,
    rounds: ROUNDS,
  },
  dawidSkene: {
    title: "Dawid–Skene unsmoothed, 100,000 labels × 2,000 raters, 20 steps: crowd-kit",
    ours: () => sureness(dawidSkene(labels, { smoothing: UNSMOOTHED, steps: 20 })),
    times: 10,
    rounds: ROUNDS,
  },
  dawidSkeneToTheEnd: {
    title: "The same until a step moves what is maximised by less than 1e-10 of itself: crowd-kit",
    ours: () => sureness(dawidSkene(labels, { smoothing: UNSMOOTHED })),
    times: 10,
    rounds: 1,
  },
  bradleyTerry: {
    title: "Bradley–Terry, 100 models, 1,000,000 comparisons, with intervals (ours by prompt): arena-rank",
    ours: () => ({ value: Math.max(...(bradleyTerry(votes).theta ?? []).map((theta) => theta ?? 0)) }),
    seconds: 1,
    times: 5,
    rounds: ROUNDS,
  },
  bootstrap: {
    title: "200 bootstraps of it (ours of whole prompts; arena-rank of rows, 10 fitted and scaled)",
    ours: () => {
      const { thetas } = bootstrapBradleyTerry(votes, { draws: 200, seed: 1 });
      return { value: Math.max(...thetas[0]) };
    },
    seconds: 20,
    times: 5,
    rounds: 1,
  },
} as const;

interface Answer {
  value: number;
  /** How many steps it took, where that says something. */
  steps?: number;
}

const inWords = ({ value, steps }: Answer): string =>
  `${value.toFixed(4)}${steps === undefined ? "" : ` after ${steps} steps`}`;

/** How likely the likeliest class of an item is, on average. */
function sureness({ posterior, steps }: DawidSkene): Answer {
  let sum = 0;
  for (let i = 0; i < labels.items; i++) sum += Math.max(...posterior.subarray(4 * i, 4 * i + 4));
  return { value: sum / labels.items, steps };
}

const reference = referenceProcess();
const seconds = { ours: new Map<string, number[]>(), theirs: new Map<string, number[]>() };
const note = (side: "ours" | "theirs", name: string, took: number) =>
  seconds[side].set(name, [...(seconds[side].get(name) ?? []), took]);

// The first round warms both up and is not counted.
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, { ours, rounds }] of Object.entries(tasks)) {
    if (round > rounds || (rounds === 1 && round === 0)) continue;
    const start = performance.now();
    const value: Answer = ours();
    if (round > 0) note("ours", name, (performance.now() - start) / 1000);
    const answer = await reference?.ask(name);
    if (answer && "failed" in answer) console.error(`${name}: the reference failed: ${answer.failed}`);
    else if (answer && round > 0) {
      note("theirs", name, answer.seconds);
      console.error(`${name}, round ${round}: ours ${inWords(value)}, reference ${inWords(answer)}`);
    }
  }
reference?.close();
rmSync(folder, { recursive: true });

let held = true;
for (const [name, task] of Object.entries(tasks)) {
  const own = median(seconds.ours.get(name) ?? []);
  const other = seconds.theirs.has(name) ? median(seconds.theirs.get(name) ?? []) : undefined;
  const bounds: string[] = [];
  const bound = (text: string, holds: boolean) => {
    held &&= holds;
    bounds.push(`${text}: ${holds ? "held" : "MISSED"}`);
  };
  if ("seconds" in task) bound(`at most ${task.seconds} s`, own <= task.seconds);
  if ("times" in task && other !== undefined) bound(`at least ${task.times} ×`, other / own >= task.times);
  const beside =
    other === undefined ? "no reference" : `reference ${other.toFixed(2)} s, ${(other / own).toFixed(1)} ×`;
  console.log(`${task.title}\n  ours ${own.toFixed(3)} s, ${beside}; ${bounds.join(", ")}`);
}
if (!held) process.exitCode = 1;

/** One Python that answers tasks, or nothing where there is none. */
function referenceProcess() {
  const python = benchPython(folder, LIBRARIES);
  if (!python) return undefined;
  const child = spawn(python, [join(import.meta.dirname, "statistics_reference.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, JAX_PLATFORMS: "cpu" },
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const shape = z.union([
    z.object({ seconds: z.number(), value: z.number(), steps: z.number().optional() }),
    z.object({ failed: z.string() }),
  ]);
  return {
    async ask(task: string) {
      child.stdin.write(`${JSON.stringify({ task, folder })}\n`);
      const { value } = await lines.next();
      return shape.parse(JSON.parse(value));
    },
    close: () => child.stdin.end(),
  };
}

/** Ratings of 1–7 by raters who each add noise to what the item is. */
function ordinalRatings(items: number, raters: number) {
  const item = new Int32Array(items * raters);
  const rater = new Int32Array(items * raters);
  const value = new Float64Array(items * raters);
  for (let i = 0, at = 0; i < items; i++) {
    const centre = 1 + draw(7);
    for (let r = 0; r < raters; r++, at++) {
      item[at] = i;
      rater[at] = r;
      value[at] = Math.min(7, Math.max(1, centre + draw(3) - 1));
    }
  }
  return { items, raters, item, rater, value, categories: [1, 2, 3, 4, 5, 6, 7] };
}

/** Labels by raters of whom each is right with a chance of their own. */
function crowdLabels(items: number, raters: number, each: number, classes: number) {
  const item = new Int32Array(items * each);
  const rater = new Int32Array(items * each);
  const label = new Int32Array(items * each);
  const skill = Float64Array.from({ length: raters }, () => 0.5 + random() / 2);
  for (let i = 0, at = 0; i < items; i++) {
    const truth = draw(classes);
    const from = draw(raters);
    for (let r = 0; r < each; r++, at++) {
      item[at] = i;
      rater[at] = (from + 397 * r) % raters;
      label[at] = random() < skill[rater[at]] ? truth : draw(classes);
    }
  }
  return { items, raters, classes, item, rater, label };
}

/** Comparisons of models whose strengths are spread, a fifth of them ties. */
function comparisons(models: number, rows: number, prompts: number) {
  const a = new Int32Array(rows);
  const b = new Int32Array(rows);
  const y = new Float64Array(rows);
  const cluster = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    a[r] = draw(models);
    b[r] = (a[r] + 1 + draw(models - 1)) % models;
    cluster[r] = draw(prompts);
    const chance = 1 / (1 + Math.exp((2 * (b[r] - a[r])) / models));
    y[r] = random() < 0.2 ? 0.5 : random() < chance ? 1 : 0;
  }
  return { models, a, b, y, cluster };
}
