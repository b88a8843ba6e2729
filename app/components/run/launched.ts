"use client";
import { useRouter } from "next/navigation";
import { useCallback } from "react";

/** Runs that were launched in this document, and whose page has not yet gone on to what they made. */
const launched = new Set<string>();

/** Opens the page of a run just launched, and remembers that whoever launched it waits there for what it makes. */
export function useOpenLaunched(projectId: string): (run: { readonly id: string }) => void {
  const router = useRouter();
  return useCallback(
    ({ id }) => {
      launched.add(id);
      router.push(`/projects/${projectId}/runs/${id}`);
    },
    [projectId, router],
  );
}

/** Whether it was launched here and not taken yet: true once. A short run may be over before its page stands. */
export const takeLaunched = (runId: string): boolean => launched.delete(runId);
