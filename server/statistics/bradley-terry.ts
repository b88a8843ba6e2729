/** Log-strengths nearer than this are equal: the error of the fit is far smaller. */
const EQUAL = 1e-6;
const STEPS = 100_000;

/** `wins[i][j]`: how often i won against j; a tie is ½ for each. */
export type Wins = readonly (readonly number[])[];

/**
 * Maximum-likelihood strengths of a Bradley–Terry model, P(i beats j) = 1 / (1 + exp(θj − θi)), as logarithms that add
 * up to 0. What matters is who was met: to be compared often earns nothing.
 * Source: D. R. Hunter, Annals of Statistics 32 (2004), p. 384–406: the MM algorithm (eq. 3), and assumption 1 for when
 * the maximum exists (L. R. Ford, American Mathematical Monthly 64 (1957), p. 28–33).
 * @returns null where no finite maximum exists: where some of them never won or tied against any of the others
 */
export function bradleyTerry(wins: Wins): number[] | null {
  if (wins.length < 2) return wins.map(() => 0);
  const reach = reachOf(wins);
  if (wins.some((_, i) => wins.some((_, j) => i !== j && !reach[i][j]))) return null;
  const won = wins.map((row) => row.reduce((sum, count) => sum + count, 0));
  let strengths = wins.map(() => 1);
  for (let step = 0; step < STEPS; step++) {
    const next = strengths.map(
      (own, i) =>
        won[i] / strengths.reduce((sum, other, j) => sum + (wins[i][j] + wins[j][i]) / (own + other), 0),
    );
    const mean = Math.exp(next.reduce((sum, strength) => sum + Math.log(strength), 0) / next.length);
    const scaled = next.map((strength) => strength / mean);
    const moved = Math.max(...scaled.map((strength, i) => Math.abs(strength / strengths[i] - 1)));
    strengths = scaled;
    if (moved < 1e-12) break;
  }
  return strengths.map(Math.log);
}

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
  const reach = reachOf(wins);
  const all = wins.map((_, i) => i);
  const strengths = new Array<number>(wins.length).fill(0);
  for (const i of all) {
    const peers = all.filter((j) => reach[i][j] && reach[j][i]);
    if (peers[0] !== i) continue;
    const fitted = bradleyTerry(peers.map((a) => peers.map((b) => wins[a][b])));
    peers.forEach((peer, place) => {
      strengths[peer] = fitted?.[place] ?? 0;
    });
  }
  const above = (i: number, j: number) =>
    reach[i][j] && (reach[j][i] ? strengths[i] - strengths[j] > EQUAL : i !== j);
  const isDetermined = all.every((i) => all.every((j) => reach[i][j] || reach[j][i]));
  return {
    ranks: isDetermined ? all.map((i) => 1 + all.filter((j) => above(j, i)).length) : null,
    first: all.filter((i) => all.every((j) => reach[i][j] && !above(j, i))),
  };
}

/** Whether a path of wins and ties leads from one to the other; to itself it always does. */
function reachOf(wins: Wins): boolean[][] {
  const reach = wins.map((row, i) => row.map((count, j) => i === j || count > 0));
  for (const by of reach.keys())
    for (const from of reach) if (from[by]) for (const to of reach.keys()) from[to] ||= reach[by][to];
  return reach;
}
