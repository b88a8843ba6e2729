/**
 * BLEU and chrF of translations and other texts, as sacrebleu 2 computes them by default: BLEU with the tokens of mteval
 * 13a and exponential smoothing (Post 2018, arXiv 1804.08771), chrF2 of six characters without words (Popović 2015). Each
 * document adds counts; the figure is of their sums over all documents, from 0 to 100.
 */

/** How often each run of `order` items occurs. */
function runs(items: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= items.length; start++) {
    const run = items.slice(start, start + order).join("\u0000");
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}

const sum = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);

const bleuOrder = 4;

/** mteval-v13a: entities and hyphens at line ends resolved, punctuation apart, but for points and commas in numbers. */
function tokens13a(text: string): string[] {
  const plain = text
    .trimEnd()
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return ` ${plain} `
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replace(/([^0-9])([.,])/g, "$1 $2 ")
    .replace(/([.,])([^0-9])/g, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ")
    .split(/\s+/)
    .filter((token) => token !== "");
}

/** Of an answer: runs that a reference has, and runs, by length; tokens; tokens of the reference that is nearest in length. */
export function bleuCounts(answer: string, references: readonly string[]): number[] {
  const own = tokens13a(answer);
  const others = references.map(tokens13a);
  const nearest = others
    .map(({ length }) => length)
    .reduce((best, length) => {
      const [near, far] = [Math.abs(own.length - length), Math.abs(own.length - best)];
      return near < far || (near === far && length < best) ? length : best;
    });
  const correct: number[] = [];
  const all: number[] = [];
  for (let order = 1; order <= bleuOrder; order++) {
    const known = others.map((other) => runs(other, order));
    const said = runs(own, order);
    correct.push(
      sum(
        [...said].map(([run, count]) => Math.min(count, Math.max(...known.map((one) => one.get(run) ?? 0)))),
      ),
    );
    all.push(sum(said.values()));
  }
  return [...correct, ...all, own.length, nearest];
}

/** BLEU of summed counts; a length of runs that no answer has right counts as half of the one before. */
export function bleu(counts: readonly number[]): number {
  const [correct, all] = [counts.slice(0, bleuOrder), counts.slice(bleuOrder, 2 * bleuOrder)];
  const [own, reference] = counts.slice(2 * bleuOrder);
  if (correct.every((count) => count === 0)) return 0;
  let smoothing = 1;
  let logs = 0;
  for (let order = 0; order < bleuOrder; order++) {
    // No answer is so long: sacrebleu's precision is then 0.
    if (all[order] === 0) return 0;
    if (correct[order] === 0) smoothing *= 2;
    logs += Math.log((100 * (correct[order] === 0 ? 1 / smoothing : correct[order])) / all[order]);
  }
  const brevity = own < reference ? (own > 0 ? Math.exp(1 - reference / own) : 0) : 1;
  return brevity * Math.exp(logs / bleuOrder);
}

const chrfOrder = 6;
const beta = 2;

const characters = (text: string) => [...text.replace(/\s+/g, "")];

/** Of an answer, by length of run: runs, those of the reference, and those that both have; of the best of several. */
export function chrfCounts(answer: string, references: readonly string[]): number[] {
  const own = characters(answer);
  const counted = references.map((reference) => {
    const other = characters(reference);
    return Array.from({ length: chrfOrder }, (_, index) => {
      const [said, known] = [runs(own, index + 1), runs(other, index + 1)];
      const both = sum([...said].map(([run, count]) => Math.min(count, known.get(run) ?? 0)));
      // Without a reference's runs of this length the answer's are no error.
      return [known.size === 0 ? 0 : sum(said.values()), sum(known.values()), both];
    }).flat();
  });
  return counted.reduce((best, one) => (chrf(one) > chrf(best) ? one : best));
}

/** chrF2 of summed counts: the F-scores of precision and recall over the lengths that both sides have. */
export function chrf(counts: readonly number[]): number {
  let [precision, recall, lengths] = [0, 0, 0];
  for (let order = 0; order < chrfOrder; order++) {
    const [own, reference, both] = counts.slice(3 * order, 3 * order + 3);
    if (own === 0 || reference === 0) continue;
    precision += both / own;
    recall += both / reference;
    lengths++;
  }
  if (lengths === 0) return 0;
  const [p, r] = [precision / lengths, recall / lengths];
  const factor = beta ** 2;
  return p + r === 0 ? 0 : (100 * (1 + factor) * p * r) / (factor * p + r);
}
