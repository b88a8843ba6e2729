import { wordsOf } from "../benchmark/words";
import { type Likeness, RougePool, type Tokenizer } from "./rouge";

/**
 * The filters of Self-Instruct (Y. Wang et al., arXiv 2212.10560, and the authors' code): what an instruction must not
 * be, and that no instruction may be like one that is in the pool.
 */

/** Why an instruction is dropped. */
type Drop =
  | "too short"
  | "too long"
  | "needs what is not text"
  | "asks for a program"
  | "begins with punctuation"
  | "begins with a letter that is not ASCII"
  | "like another";

/** Instructions about these need something that a text does not hold. */
const notText = "image|images|graph|graphs|picture|pictures|file|files|map|maps|draw|plot|go to".replaceAll(
  " ",
  "\\s",
);
const aboutNotText = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${notText})(?![\\p{L}\\p{N}_])`, "iu");
const punctuation = /^[!-/:-@[-`{-~]/;

/** One line, and of its letters the first in upper case alone: as the authors keep an instruction. */
function tidied(instruction: string): string {
  const line = instruction.replace(/\s+/gu, " ").trim().toLowerCase();
  const [first = ""] = line;
  return first.toUpperCase() + line.slice(first.length);
}

/**
 * What is wrong with an instruction by itself, or null. With the words of `rouge_score` these are the authors' rules,
 * which drop whatever begins with a letter outside ASCII, and count words by spaces; with Unicode's, words are counted
 * in every script and none is dropped for its alphabet.
 */
function instructionFault(instruction: string, tokenizer: Tokenizer): Exclude<Drop, "like another"> | null {
  const line = tidied(instruction);
  const words = tokenizer === "unicode" ? wordsOf(line).length : line.split(" ").length;
  if (line === "" || words <= 3) return "too short";
  if (words > 150) return "too long";
  if (aboutNotText.test(line)) return "needs what is not text";
  if (line.startsWith("Write a program")) return "asks for a program";
  if (punctuation.test(line)) return "begins with punctuation";
  if (tokenizer === "rouge_score" && (line.codePointAt(0) ?? 0) > 127)
    return "begins with a letter that is not ASCII";
  return null;
}

export interface InstructionVerdict {
  /** Null where the instruction is accepted. */
  readonly drop: Drop | null;
  /** The most alike of the pool at its turn, at most ten. */
  readonly nearest: readonly Likeness[];
}

/** Instructions that were accepted, which grow in number: one that is let in must be unlike all of them. */
export class InstructionPool {
  readonly #pool: RougePool;
  readonly #tokenizer: Tokenizer;
  readonly #threshold: number;

  /** @param threshold the highest ROUGE-L F1 to any of the pool that is let pass: exactly 0.7 passes, as in the code */
  constructor({
    tokenizer,
    threshold = 0.7,
  }: { readonly tokenizer: Tokenizer; readonly threshold?: number }) {
    this.#pool = new RougePool(tokenizer);
    this.#tokenizer = tokenizer;
    this.#threshold = threshold;
  }

  /** Takes a seed as it is. */
  add(seed: string): void {
    this.#pool.add(seed);
  }

  /** Whether an instruction is accepted; it then joins at once. Places are those in the pool, in order of joining. */
  offer(instruction: string): InstructionVerdict {
    const fault = instructionFault(instruction, this.#tokenizer);
    if (fault !== null) return { drop: fault, nearest: [] };
    const line = tidied(instruction);
    const nearest = this.#pool.nearest(line, 10);
    if (nearest.length > 0 && nearest[0].f > this.#threshold) return { drop: "like another", nearest };
    this.#pool.add(line);
    return { drop: null, nearest };
  }
}

/**
 * Goes through the candidates in order; an accepted one joins the pool at once. The nearest are named by their place among
 * seeds and then candidates.
 */
export function selfInstruct(
  seeds: readonly string[],
  candidates: readonly string[],
  filter: { readonly tokenizer: Tokenizer; readonly threshold?: number },
): InstructionVerdict[] {
  const pool = new InstructionPool(filter);
  /** Where the texts of the pool stand among seeds and candidates. */
  const places = [...seeds.keys()];
  for (const seed of seeds) pool.add(seed);
  return candidates.map((candidate, index) => {
    const { drop, nearest } = pool.offer(candidate);
    const named = nearest.map(({ of, f }) => ({ of: places[of], f }));
    if (drop === null) places.push(seeds.length + index);
    return { drop, nearest: named };
  });
}

/** An example of a task: what is given, perhaps nothing, and the answer. */
export interface Instance {
  readonly input: string;
  readonly output: string;
}

/**
 * The instances of one instruction that may be used: complete, told apart, at most `most` (the authors draw five; here
 * the first). Where one input has two outputs the whole task is in doubt, and none is.
 */
export function usableInstances<T extends Instance>(instances: readonly T[], most = 5): T[] {
  const complete = instances.filter(({ input, output }) => {
    const [given, answer] = [input.trim(), output.trim()];
    return answer !== "" && answer !== given && !answer.endsWith(":") && !given.endsWith(":");
  });
  const outputs = new Map<string, Set<string>>();
  const different = complete.filter(({ input, output }) => {
    const known = outputs.get(input.trim()) ?? new Set();
    outputs.set(input.trim(), known);
    if (known.has(output.trim())) return false;
    known.add(output.trim());
    return true;
  });
  const isInDoubt = [...outputs].some(([input, known]) => input !== "" && known.size > 1);
  return isInDoubt ? [] : different.slice(0, most);
}
