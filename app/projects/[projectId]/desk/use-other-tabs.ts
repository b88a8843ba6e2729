"use client";
import { useEffect, useEffectEvent, useRef } from "react";
import { z } from "zod";

/**
 * The same rater's desk in two tabs shows the same seats: what is judged in one disappears from the other.
 * @param onJudged hears of judgements in other tabs
 * @returns tells the other tabs of one made here
 */
export function useOtherTabs(onJudged: (assignmentId: string) => void): (assignmentId: string) => void {
  const channel = useRef<BroadcastChannel | null>(null);
  const hear = useEffectEvent(onJudged);
  useEffect(() => {
    const opened = new BroadcastChannel("concord-desk");
    opened.onmessage = ({ data }) => {
      const judged = z.uuid().safeParse(data);
      if (judged.success) hear(judged.data);
    };
    channel.current = opened;
    return () => {
      opened.close();
      channel.current = null;
    };
  }, []);
  return (assignmentId) => channel.current?.postMessage(assignmentId);
}
