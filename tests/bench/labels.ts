/**
 * What a judge beside people saves, on sets that several people judged: `npm run bench:labels -- --data DIR` (again for
 * further sets, or a folder of sets). Judgements are drawn from those of the set, whose mean is the truth; how many give
 * the same width of the 95 % interval with a judge and without, and how often the intervals hold the truth.
 *
 * `--runs 500` studies a line, `--half-width 0.05` of the interval of people alone, `--seed 1`. What a DIR must hold:
 * tests/bench/labels/README.md.
 */
import { parseArgs } from "node:util";
import { randomOf } from "@/server/statistics/math/random";
import { certificates } from "./labels/certificates";
import { judgesOf, type Known, knownOf, knownWithoutJudge, type Verdicts } from "./labels/known";
import { asWideAs, type Judgements, judgementsOf, missed, peopleAlone, together } from "./labels/mean";
import { type Item, readSet } from "./labels/set";
import { stops } from "./labels/stops";
import { SetRefused } from "./labels/table";

const { values: options } = parseArgs({
  options: {
    data: { type: "string", multiple: true },
    runs: { type: "string", default: "500" },
    "half-width": { type: "string", default: "0.05" },
    seed: { type: "string", default: "1" },
    part: { type: "string", multiple: true, default: ["mean", "stop", "certificate"] },
  },
});
const runs = number("runs", 20, 100_000);
const half = number("half-width", 0.005, 0.3);
const seed = number("seed", 0, 2 ** 31);

if (!options.data) fail("Say which sets: npm run bench:labels -- --data DIR [--data DIR …]");
else
  for (const folder of options.data)
    try {
      replay(folder);
    } catch (error) {
      if (!(error instanceof SetRefused)) throw error;
      fail(error.message);
    }

function replay(folder: string): void {
  const set = readSet(folder);
  const verdicts = judgesOf(set);
  const judgements = judgementsOf(set.items);
  const { y, variance, within } = judgements;
  console.log(`\n${set.name}: ${y.length} judgements of ${set.items.length} comparisons`);
  for (const line of set.read) console.log(`  ${line}`);
  console.log(
    `  mean ${judgements.truth.toFixed(3)}, variance of a judgement ${variance.toFixed(3)}, of which between raters of one comparison ${within.toFixed(3)}`,
  );
  if (options.part.includes("mean")) means(set.items, verdicts, judgements);
  if (options.part.includes("stop")) stops(judgements, knownOf(set.items, verdicts), { runs, half, seed });
  if (options.part.includes("certificate")) certificates(set.items, verdicts, { runs, seed });
}

function means(items: readonly Item[], verdicts: Verdicts, judgements: Judgements): void {
  const { y, variance, within } = judgements;
  const all = y.length;
  // Planned by the set's own variance, as nobody could: people alone are given that for nothing.
  const n = Math.min(Math.round(1 / ((half / 1.965) ** 2 / variance + 1 / all)), Math.floor(0.8 * all));
  const alone = peopleAlone(judgements, n, runs, randomOf(seed));
  const line = (name: string, { asked, width, coverage }: typeof alone) =>
    console.log(
      `  ${name.padEnd(44)}${asked.toFixed(0).padStart(6)}${`${((100 * asked) / alone.asked).toFixed(0)} %`.padStart(8)}${(100 * width).toFixed(1).padStart(8)}${`${(100 * coverage).toFixed(1)} %${coverage < 0.93 || coverage > 0.97 ? "*" : " "}`.padStart(10)}`,
    );
  console.log(
    `  ${"for the same interval".padEnd(44)}${"asked".padStart(6)}${"ratio".padStart(8)}${"width".padStart(8)}${"covers".padStart(10)}`,
  );
  line("people alone, uniformly", alone);
  const study = (known: Known, guess: number, random: () => number, active = true) =>
    asWideAs(alone.width, all, guess, runs, (budget, count) =>
      together(judgements, known, Math.min(budget, 0.95 * all), count, random, { active }),
    );
  line(
    "people alone, adjusted for models and lengths",
    study(knownWithoutJudge(items), n, randomOf(seed + 1), false),
  );
  const useful = knownOf(items, verdicts);
  const ratio = study(useful, 0.6 * n, randomOf(seed + 2));
  line("with the judge", ratio);
  line("  without choosing where it errs", study(useful, 0.6 * n, randomOf(seed + 3), false));
  const changed = (change: (p: number) => number) =>
    knownOf(
      items,
      verdicts.map((each) => each.map((p) => (p === null ? null : change(p)))),
    );
  line(
    "  biased: .3 more for the first side",
    study(
      changed((p) => Math.min(1, p + 0.3)),
      0.6 * n,
      randomOf(seed + 4),
    ),
  );
  line(
    "  flipped: says the contrary",
    study(
      changed((p) => 1 - p),
      0.6 * n,
      randomOf(seed + 5),
    ),
  );
  const useless = study(shuffled(useful, randomOf(seed + 6)), n, randomOf(seed + 7));
  line("  useless: all that is known, shuffled", useless);
  // By the variances alone: one judgement a comparison before any has a second, or all that the set has of each.
  const square = (alone.width / 3.93) ** 2;
  const between = variance - within;
  const spread = variance / (square + between / items.length);
  console.log(
    `  People alone who judge no comparison twice need ${spread.toFixed(0)} (by the variances): with the judge, as drawn here, ${((100 * ratio.asked) / spread).toFixed(0)} %.`,
  );
  const panel = all / items.length;
  const rate = between + within / panel;
  const whole = panel / (square / rate + 1 / items.length);
  if (panel > 1.5)
    console.log(
      `  As the set was made, ${panel.toFixed(1)} judgements a comparison, people alone need ${whole.toFixed(0)} (by the variances): with the judge ${((100 * ratio.asked) / whole).toFixed(0)} %.`,
    );
  // What each could come to at most, of judgements drawn one by one out of very many.
  const told = missed(judgements, useful);
  const another = 1 - (between / variance) ** 2;
  console.log(
    `  Bound: a judge that knew what people say on average of each comparison would leave ${percent(within / variance)} of uniform human-only sampling, one more person as the judge ${percent(another)}; these judges, calibrated on all judgements of other prompts, ${percent(told)}.`,
  );
  console.log(
    `  ${verdictOf({ share: ratio.asked / alone.asked, within: within / variance, told })}${useless.asked > 1.05 * alone.asked ? " A useless judge costs more than 5 %." : ""}`,
  );
}

/** Whether half of what people alone need is enough with the judge, and why it is not. */
function verdictOf({ share, within, told }: { share: number; within: number; told: number }): string {
  if (share <= 0.5) return "Half or less of uniform human-only sampling.";
  if (within > 0.5) return "Not half, and no judge could: what is left is between raters of one comparison.";
  if (told > 0.5)
    return "Not half: these judges leave more than half unexplained, and choosing where they err gains little on that.";
  return `Not half: ${percent(told)} is what these judges leave.`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

/** The same facts, given to other comparisons. */
function shuffled({ rows, columns }: Known, random: () => number): Known {
  const drawn = rows.map((row) => [random(), row] as const).sort(([a], [b]) => a - b);
  return { columns, rows: drawn.map(([, row]) => row) };
}

function number(name: "runs" | "half-width" | "seed", least: number, most: number): number {
  const value = Number(options[name]);
  if (!(value >= least && value <= most)) {
    fail(`--${name} ${options[name]}: a number from ${least} to ${most}`);
    process.exit();
  }
  return value;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
