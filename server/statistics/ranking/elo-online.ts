import { checkedVotes, type Votes } from "./votes";

/**
 * Elo points updated game by game: R_a += k (y − 1 / (1 + 10^((R_b − R_a)/400))), from 1000. A history, no ranking: it
 * depends on the order of the votes. Source: A. Elo, The Rating of Chessplayers (1978); k = 4 as in FastChat.
 */
export function eloOnline(votes: Votes, { k = 4 }: { k?: number } = {}): number[] {
  const { models, a, b, y } = checkedVotes(votes);
  const points = new Array<number>(models).fill(1000);
  for (let r = 0; r < y.length; r++) {
    const expected = 1 / (1 + 10 ** ((points[b[r]] - points[a[r]]) / 400));
    const gain = k * (y[r] - expected);
    points[a[r]] += gain;
    points[b[r]] -= gain;
  }
  return points;
}
