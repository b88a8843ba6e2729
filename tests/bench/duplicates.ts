/**
 * Near duplicates among 100,000 texts beside datasketch on the same words in one run: seconds, and recall of planted
 * copies whose exact Jaccard similarity, counted on sets of texts, is at the threshold or above. Both use one core; what
 * counts is seconds of CPU, for a busy machine stretches the others. Ours goes before and after, and the slower counts.
 * `npm run bench:duplicates`; makes a virtual environment with datasketch from PyPI and removes it; CONCORD_BENCH_PYTHON
 * names a Python that has it already.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { nearDuplicates } from "@/server/construction/near";
import { randomOf } from "@/server/statistics/math/random";
import { benchPython } from "./bench-python";
import { madeUpWords } from "./made-up-words";

const ROWS = Number(process.env.CONCORD_BENCH_ROWS ?? 100_000);
const THRESHOLD = 0.7;
const LIBRARIES = ["datasketch==2.0.0", "numpy"];

const random = randomOf(20261130);
const draw = (n: number) => Math.floor(random() * n);
const word = madeUpWords(30_000, random);

/** Every fourth text is an earlier one of which some words are replaced, so that all similarities from 0.4 on are there. */
const words: string[][] = [];
const parent: number[] = [];
for (let row = 0; row < ROWS; row++) {
  const of = row > 100 && row % 4 === 0 ? draw(row) : -1;
  // A copy of a copy would be like others than the one it is counted by.
  const from = of >= 0 && parent[of] < 0 ? of : -1;
  const own = from < 0 ? Array.from({ length: 30 + draw(120) }, word) : [...words[from]];
  if (from >= 0)
    for (let edits = draw(Math.ceil(own.length / 12)); edits > 0; edits--) own[draw(own.length)] = word();
  words.push(own);
  parent.push(from);
}
const texts = words.map((own) => own.join(" "));

/** Counted apart from what is measured: on sets of texts, not of fingerprints. */
const shingles = (row: number) =>
  new Set(words[row].slice(4).map((_, at) => words[row].slice(at, at + 5).join(" ")));
function exact(one: number, other: number): number {
  const [a, b] = [shingles(one), shingles(other)];
  let shared = 0;
  for (const shingle of a) if (b.has(shingle)) shared++;
  return shared / (a.size + b.size - shared);
}
const similarity = parent.map((of, row) => (of < 0 ? 0 : exact(row, of)));
const planted = [...similarity.keys()].filter((row) => similarity[row] >= THRESHOLD);

function recallOf(removed: ReadonlySet<number>, some: readonly number[]): string {
  const found = some.filter((row) => removed.has(row)).length;
  return `${((100 * found) / some.length).toFixed(2)} % of ${some.length}`;
}
const near = planted.filter((row) => similarity[row] < THRESHOLD + 0.05);
const report = (removed: ReadonlySet<number>) =>
  `recall ${recallOf(removed, planted)}, of those below ${THRESHOLD + 0.05} ${recallOf(removed, near)}`;

function ours() {
  const start = performance.now();
  const used = process.cpuUsage();
  const found = nearDuplicates(texts, { threshold: THRESHOLD });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  const wrong = found.filter((one, row) => one !== null && exact(row, one.of) < THRESHOLD).length;
  return {
    seconds,
    cpu: (user + system) / 1e6,
    wrong,
    removed: new Set(found.flatMap((one, row) => (one ? [row] : []))),
  };
}

const folder = mkdtempSync(join(tmpdir(), "concord-duplicates-"));
try {
  const first = ours();
  const reference = datasketch();
  const second = ours();
  const slower = first.cpu > second.cpu ? first : second;
  console.log(
    `${ROWS} texts of ${Math.round(words.reduce((sum, own) => sum + own.length, 0) / ROWS)} words, ${planted.length} planted copies at ${THRESHOLD} or above; ${cpus()[0].model}`,
  );
  console.log(
    `ours: ${slower.cpu.toFixed(1)} s of CPU (${slower.seconds.toFixed(1)} s on the clock), ${slower.removed.size} removed, ${slower.wrong} of them wrongly; ${report(slower.removed)}`,
  );
  const bounds: [string, boolean][] = [
    ["at most 60 s", slower.cpu <= 60],
    ["none wrongly", slower.wrong === 0],
  ];
  for (const [name, { seconds, cpu, removed }] of Object.entries(reference ?? {})) {
    const theirs = new Set(removed);
    const times = cpu / slower.cpu;
    console.log(
      `datasketch, ${name}: ${cpu.toFixed(1)} s of CPU (${seconds.toFixed(1)} s on the clock), ${times.toFixed(1)} ×; ${theirs.size} removed; ${report(theirs)}`,
    );
    const missed = (of: ReadonlySet<number>) => planted.filter((row) => !of.has(row)).length;
    bounds.push(
      [`at least 3 × ${name}`, times >= 3],
      [`recall no worse than ${name}`, missed(slower.removed) <= missed(theirs)],
    );
  }
  for (const [text, holds] of bounds) console.log(`${text}: ${holds ? "held" : "MISSED"}`);
  if (bounds.some(([, holds]) => !holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** What datasketch takes and finds: as it chooses its bands, and with ours. */
function datasketch() {
  const python = benchPython(folder, LIBRARIES);
  if (python === undefined) return undefined;
  writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
  const answer = execFileSync(
    python,
    [join(import.meta.dirname, "duplicates_reference.py"), join(folder, "texts.json"), String(THRESHOLD)],
    { encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const one = z.object({ seconds: z.number(), cpu: z.number(), removed: z.array(z.number()) });
  return z.record(z.string(), one).parse(JSON.parse(answer));
}
