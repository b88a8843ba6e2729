import { wilsonInterval } from "../wilson";
import { checkedVotes, type Votes, winsOf } from "./votes";

export interface WinMatrix {
  /** How often the row's model beats the column's, a tie half; null on the diagonal and where they never met. */
  winRate: (number | null)[][];
  games: number[][];
  /** Wilson's interval on the effective number of games, p(1−p) / var(p), which is greater where ties are many. */
  low: (number | null)[][];
  high: (number | null)[][];
}

/** Every pair of models: share of wins, games, and the interval, by prompt where prompts are given. */
export function winMatrix(votes: Votes): WinMatrix {
  checkedVotes(votes);
  const { models: n } = votes;
  const wins = winsOf(votes);
  const effective = effectiveGames(votes, wins);
  const table = <T>(cell: (i: number, j: number) => T) =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => cell(i, j)));
  const games = (i: number, j: number) => wins[i * n + j] + wins[j * n + i];
  const share = (i: number, j: number) => (games(i, j) > 0 ? wins[i * n + j] / games(i, j) : null);
  const bound = (side: "low" | "high") =>
    table((i, j) => {
      const p = share(i, j);
      const m = effective[i * n + j];
      return p === null ? null : wilsonInterval(p * m, m)[side];
    });
  return { winRate: table(share), games: table(games), low: bound("low"), high: bound("high") };
}

function effectiveGames({ models: n, a, b, y, cluster }: Votes, wins: Float64Array): Float64Array {
  /** Σ over prompts of (Σ residuals)², both ways round. */
  const sums = new Map<string, number>();
  const share = (i: number, j: number) => wins[i * n + j] / (wins[i * n + j] + wins[j * n + i]);
  for (let r = 0; r < y.length; r++) {
    const [i, j, won] = a[r] < b[r] ? [a[r], b[r], y[r]] : [b[r], a[r], 1 - y[r]];
    const key = `${i} ${j} ${cluster ? cluster[r] : r}`;
    sums.set(key, (sums.get(key) ?? 0) + won - share(i, j));
  }
  const squares = new Float64Array(n * n);
  const groups = new Float64Array(n * n);
  for (const [key, sum] of sums) {
    const [i, j] = key.split(" ").map(Number);
    squares[i * n + j] += sum * sum;
    groups[i * n + j]++;
  }
  const effective = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const games = wins[i * n + j] + wins[j * n + i];
      const [square, g, p] = [squares[i * n + j], groups[i * n + j], share(i, j)];
      const m = square > 0 && g > 1 ? (p * (1 - p) * games * games * (g - 1)) / (square * g) : g;
      effective[i * n + j] = m;
      effective[j * n + i] = m;
    }
  return effective;
}
