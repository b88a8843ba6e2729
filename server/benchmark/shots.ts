/** Which documents are shown as examples before a question, as lm-eval's samplers choose them. */
import { writeJson } from "../../db/shape/written-json";
import { InputError } from "../statistics/estimate";
import type { Document } from "./document";
import { PythonRandom } from "./python/random";

export interface ShotSettings {
  readonly shots: number;
  readonly sampler: "default" | "first_n";
  readonly seed: number;
  /** A stream for each document in place of one over all of them. */
  readonly perDocument: boolean;
  /** Whether the documents asked about are of the pool: none is its own example. */
  readonly ownPool: boolean;
}

/**
 * A chooser to be called with one document after the other: by default it draws from one random stream, so that what a
 * document is shown depends on those before it, as in lm-eval.
 * @throws InputError where the pool has too few documents
 */
export function shotChooser(
  pool: readonly Document[],
  { shots, sampler, seed, perDocument, ownPool }: ShotSettings,
): (document: Document, place: number) => Document[] {
  if (shots === 0) return () => [];
  const needed = shots + (ownPool ? 1 : 0);
  if (pool.length < needed) {
    throw new InputError(
      `num_fewshot is ${shots} and the split they are taken from has ${pool.length} documents; ${needed} are needed.`,
    );
  }
  const texts = new Map(pool.map((document) => [document, writeJson(document)]));
  const isOther = (document: Document) => {
    const own = writeJson(document);
    return (other: Document) => texts.get(other) !== own;
  };
  if (sampler === "first_n")
    return (document) => (ownPool ? pool.filter(isOther(document)) : pool).slice(0, shots);
  const stream = new PythonRandom(seed);
  return (document, place) => {
    const random = perDocument ? new PythonRandom((seed + Math.imul(place + 1, 0x9e3779b1)) >>> 0) : stream;
    if (!ownPool) return random.sample(pool, shots);
    const drawn = random.sample(pool, needed).filter(isOther(document)).slice(0, shots);
    // Rows that are there twice may all be drawn: then from those that are none of them.
    return drawn.length === shots ? drawn : random.sample(pool.filter(isOther(document)), shots);
  };
}
