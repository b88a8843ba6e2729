import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

/** 0 to 4; 3 withstands 10⁸ guesses, which the limits on signing in make a matter of centuries. */
const LEAST_SCORE = 3;
/** Judging takes time that grows with the length; what is good so far does not get worse. */
const JUDGED = 64;

let judge: ZxcvbnFactory | undefined;

/**
 * Why a password will not do: common, a pattern of the keyboard, or what anybody knows of the person.
 * @param known the person's address and name
 */
export function weakness(password: string, known: readonly string[]): string | undefined {
  judge ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const own = known.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter(Boolean);
  const plain = password.trim().toLowerCase();
  const isOwn = known.some((text) => text.toLowerCase() === plain);
  const { score } = judge.check(password.slice(0, JUDGED), own);
  if (!isOwn && score >= LEAST_SCORE) return undefined;
  return "This password is too easy to guess. Take several words that do not belong together, and not your name or address.";
}
