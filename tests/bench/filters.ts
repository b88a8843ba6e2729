/**
 * Every filter of a recipe on 10,000 candidates, each on all of them: seconds of CPU (for a busy machine stretches those
 * of the clock), together at most 60. `npm run bench:filters`.
 */
import { cpus } from "node:os";
import { readRecipe } from "@/server/construction/recipe";
import { rowHash, select } from "@/server/construction/select";
import type { StepName } from "@/server/construction/steps";
import { randomOf } from "@/server/statistics/math/random";
import { madeUpWords } from "./made-up-words";

const ROWS = 10_000;
const SIZE = 384;
const random = randomOf(20261130);
const draw = (n: number) => Math.floor(random() * n);
const word = madeUpWords(20_000, random);
const text = (count: number) => Array.from({ length: count }, word).join(" ");

const documents = Array.from({ length: 500 }, () => text(300));
const rows = Array.from({ length: ROWS }, (_, row) => {
  const document = documents[draw(documents.length)];
  return {
    instruction: `${text(6 + draw(25))} ${row % 50 === 0 ? "reach me at anna@example.org or +49 30 12345678" : ""}`,
    answer: text(40 + draw(160)),
    document,
    quotation: document.slice(100, 160),
    score: random() * 5,
    complexity: 1 + random() * 5,
    quality: 1 + random() * 5,
    conditioned: 1 + random(),
    alone: 1 + random() * 1.5,
    embedding: Array.from({ length: SIZE }, () => random() - 0.5),
    tags: Array.from({ length: draw(8) }, () => `tag ${draw(3000)}`),
  };
});
const candidates = rows.map((value, row) => ({
  source: 0,
  row: row + 1,
  value,
  place: `row ${row + 1}`,
  hash: rowHash(value),
}));
const benchmark = Array.from({ length: 2000 }, (_, row) => {
  const value = { question: text(40) };
  return { source: -1, row: row + 1, value, place: `benchmark, row ${row + 1}`, hash: rowHash(value) };
});

const settings: Record<StepName, Record<string, unknown>> = {
  scrub: {},
  exact: {},
  near: { against: "benchmark" },
  benchmark: { against: "benchmark" },
  self_instruct: { instruction: "instruction" },
  instances: { instruction: "instruction", input: "document", output: "answer" },
  evolved: { instruction: "instruction", reply: "answer" },
  grounded: { quotation: "quotation", document: "document" },
  score: { field: "score", at_least: 4.5 },
  ifd: { conditioned: "conditioned", alone: "alone" },
  deita: { complexity: "complexity", quality: "quality", embedding: "embedding", keep: 6000 },
  k_center: { embedding: "embedding", keep: 1000 },
  semantic: { embedding: "embedding" },
  tags: { tags: "tags", keep: 6000 },
  best: { prompt: "document", answer: "answer", score: "score" },
};

let together = 0;
for (const [name, own] of Object.entries(settings)) {
  const recipe = readRecipe(
    {
      sources: [{ name: "made", file: "made.jsonl" }],
      text: ["instruction", "answer"],
      steps: [{ [name]: own }],
    },
    "the bench",
  );
  const start = performance.now();
  const used = process.cpuUsage();
  const { selected } = select(recipe, candidates, () => benchmark);
  const { user, system } = process.cpuUsage(used);
  const cpu = (user + system) / 1e6;
  const clock = (performance.now() - start) / 1000;
  together += cpu;
  console.log(
    `${name.padEnd(14)} ${cpu.toFixed(2).padStart(6)} s (${clock.toFixed(2)} on the clock)  ${selected.length} of ${ROWS} stay`,
  );
}
const holds = together <= 60;
console.log(
  `together ${together.toFixed(1)} s of CPU; at most 60 s: ${holds ? "held" : "MISSED"}; ${cpus()[0].model}`,
);
if (!holds) process.exitCode = 1;
