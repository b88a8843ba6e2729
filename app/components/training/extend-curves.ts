import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { MAX_POINTS } from "./max-points";

type Curves = { name: string; points: [number, number][] }[];

/**
 * Adds to a run's curves what has come since. Curves that have grown to twice their size are read and thinned again.
 * Where plots are drawn over time, the clock is read on with them: at the one that is known, all new points would
 * stand at its last minute.
 * @param newPoints reads what comes after the last step of each curve that is known
 */
export async function extendCurves(
  client: QueryClient,
  keys: { curves: QueryKey; clock: QueryKey },
  newPoints: (after: Record<string, number>) => Promise<Curves>,
): Promise<void> {
  const known = client.getQueryData<Curves>(keys.curves);
  // The first look is on its way.
  if (!known) return;
  // Many events come while something is read anew: that one reading is enough.
  const readAnew = (queryKey: QueryKey) => client.invalidateQueries({ queryKey }, { cancelRefetch: false });
  const clock = readAnew(keys.clock);
  if (known.some(({ points }) => points.length > 2 * MAX_POINTS)) {
    await Promise.all([clock, readAnew(keys.curves)]);
    return;
  }
  const after = Object.fromEntries(known.map(({ name, points }) => [name, points.at(-1)?.[0] ?? -1]));
  const [fresh] = await Promise.all([newPoints(after), clock]);
  client.setQueryData<Curves>(keys.curves, (now) => (now === known ? joined(known, fresh) : now));
}

function joined(known: Curves, fresh: Curves): Curves {
  const added = new Map(fresh.map(({ name, points }) => [name, points]));
  const names = [...new Set([...known, ...fresh].map(({ name }) => name))].sort();
  const before = new Map(known.map(({ name, points }) => [name, points]));
  return names.map((name) => ({
    name,
    points: [...(before.get(name) ?? []), ...(added.get(name) ?? [])],
  }));
}
