/** Who was compared with whom: `wins[i·n + j]` says how often i won against j, a tie ½ for each. */

/** Groups of models that comparisons connect, in order of their least number; who never played is in none. */
export function componentsOf(wins: Float64Array, n: number): number[][] {
  const met = (i: number, j: number) => wins[i * n + j] + wins[j * n + i] > 0;
  return groupsOf(n, (i) => reachable(i, n, met)).filter(
    (group) => group.length > 1 || reachable(group[0], n, met).size > 1,
  );
}

/**
 * Groups within which a path of wins and ties leads from each to each. One group of all: a Bradley–Terry maximum exists
 * (L. R. Ford, American Mathematical Monthly 64 (1957), p. 28–33); more: it does not.
 */
export function strongComponentsOf(wins: Float64Array, n: number): number[][] {
  return groupsOf(n, (i) => {
    const below = reachable(i, n, (from, to) => wins[from * n + to] > 0);
    const above = reachable(i, n, (from, to) => wins[to * n + from] > 0);
    return new Set([...below].filter((j) => above.has(j)));
  });
}

function groupsOf(n: number, groupOf: (i: number) => Set<number>): number[][] {
  const placed = new Uint8Array(n);
  const groups: number[][] = [];
  for (let i = 0; i < n; i++) {
    if (placed[i]) continue;
    const group = [...groupOf(i)].sort((one, other) => one - other);
    for (const j of group) placed[j] = 1;
    groups.push(group);
  }
  return groups;
}

/** Who can be reached from i, itself included. */
export function reachable(i: number, n: number, edge: (from: number, to: number) => boolean): Set<number> {
  const seen = new Set([i]);
  for (const from of seen) for (let to = 0; to < n; to++) if (!seen.has(to) && edge(from, to)) seen.add(to);
  return seen;
}
