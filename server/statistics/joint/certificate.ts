import { InputError } from "../estimate";

/** Error rates, as shares of what is allowed, that the evidence is gathered for: labels are few where it is one of them. */
const BETTER = [0, 0.15, 0.3, 0.5, 0.7];

/** Evidence this low hardly ever comes back: people are asked no further. Giving up early costs no confidence. */
const LOST = 0.02;

/** Evidence that few of a finite set are wrong, after each label of a random one of those that are left. */
export interface ErrorEvidence {
  /** Adds a label; whether the machine was wrong. @returns whether the set is certified, now or before */
  add(wrong: boolean): boolean;
  /** The evidence, a likelihood ratio: the set is certified once it reaches 1/δ. */
  readonly value: number;
  readonly labels: number;
  readonly errors: number;
  readonly certified: boolean;
}

/**
 * A test of "more than `allowed` of these `size` machine labels are wrong", on labels of items drawn at random without
 * replacement: the mixture of the likelihoods of five better error rates, over the likelihood of the best of the bad ones,
 * ⌊allowed · size⌋ + 1 wrong items. Under any bad one this is a supermartingale, because the chance that the next label is
 * an error is at least that of the best bad one, so it reaches 1/δ with probability at most δ, however often one looks
 * and whenever one stops. No label is set aside.
 * Assumptions: the set was fixed before any of its labels was seen; its items are drawn with equal chances; whoever
 * labels does not see the machine's answer; the people's label is the truth.
 * Sources: Ville (1939); Robbins, Annals of Mathematical Statistics 41 (1970); without replacement: Waudby-Smith & Ramdas,
 * NeurIPS 2020, arXiv 2006.04347.
 * @param allowed the share of wrong labels, such as .05. @param delta the risk that a worse set passes, such as .1
 */
export function errorEvidence(
  size: number,
  { allowed, delta }: { allowed: number; delta: number },
): ErrorEvidence {
  if (!(allowed > 0 && allowed < 1)) throw new InputError(`allowed: ${allowed}; a share between 0 and 1`);
  if (!(delta > 0 && delta < 1)) throw new InputError(`delta: ${delta}; a probability between 0 and 1`);
  const bad = Math.floor(allowed * size + 1e-9) + 1;
  const better = [...new Set(BETTER.map((share) => Math.floor(share * allowed * size)))];
  const ratios = better.map(() => 1);
  let [labels, errors, certified] = [0, 0, false];
  return {
    add(wrong) {
      if (labels >= size) throw new InputError(`labels: all ${size} of the set are labelled already`);
      const right = labels - errors;
      // Were the set bad, no right label would be left: it is not.
      if (!wrong && size - bad - right <= 0) certified = true;
      for (const [i, good] of better.entries())
        ratios[i] *= wrong
          ? Math.max(0, good - errors) / Math.max(1, bad - errors)
          : (size - good - right) / Math.max(1, size - bad - right);
      labels++;
      if (wrong) errors++;
      if (this.value >= 1 / delta) certified = true;
      return certified;
    },
    get value() {
      return ratios.reduce((sum, each) => sum + each, 0) / ratios.length;
    },
    get labels() {
      return labels;
    },
    get errors() {
      return errors;
    },
    get certified() {
      return certified;
    },
  };
}

/** What is asked of people next, or what stands. */
export interface Certificate {
  /** Machine labels that are accepted: items of the largest certified set, the surest first. Empty where none is. */
  accepted: Int32Array;
  /** The confidence from which on labels are accepted; null where none are. */
  threshold: number | null;
  /** Items that people labelled, each once. */
  asked: number;
  /** The item to ask about next for more to be accepted; null where more labels would not help. */
  next: number | null;
  /** Sets that were tried, in turn. */
  tried: { threshold: number; size: number; labels: number; errors: number; certified: boolean }[];
}

/**
 * As many machine labels as can be certified: at most `allowed` of those accepted are wrong, with probability 1 − `delta`.
 * Sets of the surest items, fixed by the machine's confidence before any label is seen, are tested from the smallest to
 * the largest until one is not certified: since each is only tested once all before it are, trying many costs no
 * confidence (fixed-sequence testing). All take their random order from one permutation, so that what was labelled for a
 * set serves the next.
 * Sources: Angelopoulos et al., "Learn then Test", arXiv 2110.01052; see `errorEvidence` for the test and what it assumes.
 * @param confidence the machine's, one an item. @param order a random permutation of the items
 * @param isWrong whether a person found the machine's label of the item wrong; null where nobody was asked yet
 * @param sizes shares of all items that the sets hold, rising
 * @param enough no larger sets are tried once this share of the items is accepted
 */
export function certify({
  confidence,
  order,
  isWrong,
  allowed,
  delta,
  sizes = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  enough = 1,
}: {
  confidence: Float64Array;
  order: Int32Array;
  isWrong: (item: number) => boolean | null;
  allowed: number;
  delta: number;
  sizes?: readonly number[];
  enough?: number;
}): Certificate {
  const n = confidence.length;
  const surest = confidence.toSorted((one, other) => other - one);
  const asked = new Set<number>();
  let next: number | null = null;
  const tried: Certificate["tried"] = [];
  let accepted = new Int32Array();
  let least: number | null = null;
  for (const share of sizes) {
    const threshold = surest[Math.max(0, Math.ceil(share * n) - 1)];
    // Items of equal confidence stand or fall together; a set that is the last one again is no new one.
    if (least === threshold) continue;
    const members = order.filter((item) => confidence[item] >= threshold);
    const evidence = errorEvidence(members.length, { allowed, delta });
    for (const item of members) {
      if (evidence.certified || evidence.value < LOST) break;
      const wrong = isWrong(item);
      if (wrong === null) {
        next = item;
        break;
      }
      asked.add(item);
      evidence.add(wrong);
    }
    const { labels, errors, certified } = evidence;
    tried.push({ threshold, size: members.length, labels, errors, certified });
    if (!certified) break;
    accepted = members.toSorted((one, other) => confidence[other] - confidence[one]);
    least = threshold;
    if (members.length >= enough * n) break;
  }
  return { accepted, threshold: least, asked: asked.size, next, tried };
}
