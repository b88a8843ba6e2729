import { useEffect, useRef, useState } from "react";
import { useTRPCClient } from "@/app/trpc/client";

export interface Turn {
  role: "user" | "assistant";
  content: string;
}

/** A reply as far as it is written. */
export interface Reply {
  text: string;
  tokens: number;
  /** Tokens a second since the first; null before the second token. */
  pace: number | null;
  /** Why it ends where it does; null while it is written. */
  end: "stop" | "length" | "stopped" | "lost" | null;
}

const nothing: Reply = { text: "", tokens: 0, pace: null, end: null };

/** Replies of models side by side, as they are written. Whoever leaves the page, or stops them, has the models stop. */
export function useReplies(projectId: string) {
  const client = useTRPCClient();
  const [replies, setReplies] = useState<readonly Reply[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [isWriting, setWriting] = useState(false);
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);

  const change = (place: number, next: (reply: Reply) => Partial<Reply>) =>
    setReplies((all) => all.map((reply, i) => (i === place ? { ...reply, ...next(reply) } : reply)));

  async function follow(place: number, callId: string, signal: AbortSignal) {
    let first = 0;
    await new Promise<void>((resolve, reject) => {
      const following = client.serving.follow.subscribe(
        { projectId, callId },
        {
          onData(piece) {
            first ||= performance.now();
            if (piece.kind === "text")
              change(place, ({ text }) => {
                const seconds = (performance.now() - first) / 1000;
                const pace = piece.count > 1 && seconds > 0 ? (piece.count - 1) / seconds : null;
                return { text: text + piece.text, tokens: piece.count, pace };
              });
            if (piece.kind === "end") change(place, () => ({ tokens: piece.count, end: piece.finish }));
          },
          onComplete: resolve,
          onError: reject,
        },
      );
      const stop = () => {
        following.unsubscribe();
        // Another model's reply may have come to its end before.
        change(place, ({ end }) => ({ end: end ?? "stopped" }));
        resolve();
      };
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop);
    });
  }

  return {
    replies,
    error,
    isWriting,
    stop: () => stopping.current.abort(),
    forget() {
      setReplies([]);
      setError(null);
    },
    /** Has so many speakers write, from nothing, as `start` begins their calls. */
    async ask(speakers: number, start: () => Promise<readonly string[]>) {
      stopping.current = new AbortController();
      const { signal } = stopping.current;
      setError(null);
      setWriting(true);
      setReplies(Array.from({ length: speakers }, () => nothing));
      const fail = (reason: unknown) => setError(reason instanceof Error ? reason.message : String(reason));
      try {
        const callIds = await start();
        const ended = await Promise.allSettled(callIds.map((callId, place) => follow(place, callId, signal)));
        const failed = ended.find(({ status }) => status === "rejected");
        if (failed?.status === "rejected") fail(failed.reason);
      } catch (reason) {
        fail(reason);
      }
      // The site was away in the middle, and the calls with it.
      setReplies((all) => all.map((reply) => ({ ...reply, end: reply.end ?? "lost" })));
      setWriting(false);
    },
  };
}
