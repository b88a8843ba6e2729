import { strengthsOf } from "./bradley-terry";
import { reachable } from "./graph";

/** Log-strengths nearer than this are equal: the error of the fit is far smaller. */
const EQUAL = 1e-6;

/** `wins[i][j]`: how often i won against j; a tie is ½ for each. */
export type Wins = readonly (readonly number[])[];

export interface Standings {
  /** 1 is the best, equals share a rank; null where comparisons leave it open which of two stands higher. */
  ranks: number[] | null;
  /** Who stands first, several where they are equal; none where that is open. */
  first: number[];
}

/**
 * The order that comparisons determine, complete or not. i stands above j where a path of wins and ties leads from i to
 * j and none back: every Bradley–Terry fit that comes near the greatest likelihood says so. Where paths lead both ways,
 * maximum-likelihood strengths decide; where none does, nothing can. If each met each equally often, this is the order
 * of the sums of wins.
 */
export function standingsOf(wins: Wins): Standings {
  const all = wins.map((_, i) => i);
  const reach = all.map((i) => reachable(i, wins.length, (from, to) => wins[from][to] > 0));
  const strengths = new Float64Array(wins.length);
  for (const i of all) {
    const peers = all.filter((j) => reach[i].has(j) && reach[j].has(i));
    if (peers[0] !== i) continue;
    const among = Float64Array.from(peers.flatMap((a) => peers.map((b) => wins[a][b])));
    const fitted = strengthsOf(among, peers.length);
    for (const [place, peer] of peers.entries()) strengths[peer] = fitted?.[place] ?? 0;
  }
  const above = (i: number, j: number) =>
    reach[i].has(j) && (reach[j].has(i) ? strengths[i] - strengths[j] > EQUAL : i !== j);
  const isDetermined = all.every((i) => all.every((j) => reach[i].has(j) || reach[j].has(i)));
  return {
    ranks: isDetermined ? all.map((i) => 1 + all.filter((j) => above(j, i)).length) : null,
    first: all.filter((i) => all.every((j) => reach[i].has(j) && !above(j, i))),
  };
}
