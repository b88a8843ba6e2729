import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import { MAX_POINTS } from "./max-points";

type Curves = { name: string; points: [number, number][] }[];
type Of = { projectId: string; runId: string };

/** A run's curves, thinned to what a plot can show. */
export function useCurves({ projectId, runId }: Of) {
  const trpc = useTRPC();
  return useQuery(trpc.training.curves.queryOptions({ projectId, runId, maxPoints: MAX_POINTS }));
}

/**
 * Adds to a run's curves what has come since, one request at a time. Curves that have grown to twice their size
 * are read and thinned again.
 */
export function useExtendCurves({ projectId, runId }: Of): () => Promise<void> {
  const trpc = useTRPC();
  const api = useTRPCClient();
  const client = useQueryClient();
  const state = useRef({ busy: false, again: false });
  const of = { projectId, runId, maxPoints: MAX_POINTS };
  const queryKey = trpc.training.curves.queryKey(of);

  const extend = async () => {
    const known = client.getQueryData(queryKey);
    // The first look is on its way.
    if (!known) return;
    if (known.some(({ points }) => points.length > 2 * MAX_POINTS))
      // Many events come while the thinned curves are read: that one reading is enough.
      return client.invalidateQueries({ queryKey }, { cancelRefetch: false });
    const after = Object.fromEntries(known.map(({ name, points }) => [name, points.at(-1)?.[0] ?? -1]));
    const fresh = await api.training.newPoints.query({ ...of, after });
    client.setQueryData(queryKey, (now) => (now === known ? joined(known, fresh) : now));
  };
  return async () => {
    if (state.current.busy) {
      state.current.again = true;
      return;
    }
    state.current.busy = true;
    try {
      do {
        state.current.again = false;
        await extend();
      } while (state.current.again);
    } finally {
      state.current.busy = false;
    }
  };
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
