import type { TokenLogprob } from "../../db/shape/endpoint";

/** One writing of a token: tokenizers mark a word's beginning in several ways, and models vary the case. */
export const plainToken = (token: string): string =>
  token
    .normalize("NFKC")
    .replace(/[\s\u2581\u0120\u010a]/g, "")
    .toUpperCase();

/**
 * How probable it was that a label of one token stood here, in any of its writings that were told. What an endpoint tells of
 * one above 1 is 1: as it stands it may be infinite, and no verdict.
 */
export function massOn({ token, logprob, top }: TokenLogprob, label: string): number {
  const all = top.some((other) => other.token === token) ? top : [{ token, logprob }, ...top];
  return all.reduce(
    (sum, each) => sum + (plainToken(each.token) === label ? Math.exp(Math.min(0, each.logprob)) : 0),
    0,
  );
}
