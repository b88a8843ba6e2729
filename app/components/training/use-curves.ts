import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import { extendCurves } from "./extend-curves";
import { MAX_POINTS } from "./max-points";

type Of = { projectId: string; runId: string };

/** A run's curves, thinned to what a plot can show. */
export function useCurves({ projectId, runId }: Of) {
  const trpc = useTRPC();
  return useQuery(trpc.training.curves.queryOptions({ projectId, runId, maxPoints: MAX_POINTS }));
}

/** Adds to a run's curves what has come since, one request at a time. */
export function useExtendCurves({ projectId, runId }: Of): () => Promise<void> {
  const trpc = useTRPC();
  const api = useTRPCClient();
  const client = useQueryClient();
  const state = useRef({ busy: false, again: false });
  const of = { projectId, runId, maxPoints: MAX_POINTS };
  const keys = {
    curves: trpc.training.curves.queryKey(of),
    clock: trpc.training.clock.queryKey({ projectId, runId }),
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
        await extendCurves(client, keys, (after) => api.training.newPoints.query({ ...of, after }));
      } while (state.current.again);
    } finally {
      state.current.busy = false;
    }
  };
}
