/** Items by key, in order of first occurrence. (`Map.groupBy` needs Node 21.) */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The places of the items that have the same key, in order of first occurrence. */
export const placesBy = <T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number[]> =>
  groupBy([...items.keys()], (place) => keyOf(items[place]));

/** The number of a key: the next one, from 0, where it is not known yet. */
export function numberOf<K>(known: Map<K, number>, key: K): number {
  const number = known.get(key) ?? known.size;
  known.set(key, number);
  return number;
}
