import { useEffect, useRef, useState } from "react";
import { useTRPCClient } from "@/app/trpc/client";

export interface Turn {
  role: "user" | "assistant";
  content: string;
}

/** What a reply is drawn with. */
export interface Settings {
  system: string;
  /** 0: the most probable token, always. */
  temperature: number;
  /** Tokens of a reply at most. */
  length: number;
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

/** Replies of models to their conversations, as they are written. Whoever leaves the page, or stops them, has the models stop. */
export function useReplies(projectId: string) {
  const client = useTRPCClient();
  const [replies, setReplies] = useState<Readonly<Record<string, Reply>>>({});
  const [error, setError] = useState<string | null>(null);
  const [isWriting, setWriting] = useState(false);
  const stopping = useRef(new AbortController());
  useEffect(() => () => stopping.current.abort(), []);

  async function write(modelId: string, turns: readonly Turn[], { settings, seed, signal }: Asked) {
    const change = (next: (reply: Reply) => Partial<Reply>) =>
      setReplies((all) => ({ ...all, [modelId]: { ...all[modelId], ...next(all[modelId]) } }));
    const system = settings.system.trim();
    const prompt = [...(system ? [{ role: "system" as const, content: system }] : []), ...turns];
    try {
      const { callId } = await client.serving.start.mutate({
        ...{ projectId, modelId },
        request: {
          ...{ kind: "write" as const, prompts: [prompt], samples: 1, maxTokens: settings.length },
          ...{ temperature: settings.temperature, topP: 1, seed, stop: [], logprobs: null, echo: false },
        },
      });
      let first = 0;
      await new Promise<void>((resolve, reject) => {
        const following = client.serving.follow.subscribe(
          { projectId, callId },
          {
            onData(piece) {
              first ||= performance.now();
              if (piece.kind === "text")
                change(({ text }) => {
                  const seconds = (performance.now() - first) / 1000;
                  const pace = piece.count > 1 && seconds > 0 ? (piece.count - 1) / seconds : null;
                  return { text: text + piece.text, tokens: piece.count, pace };
                });
              if (piece.kind === "end") change(() => ({ tokens: piece.count, end: piece.finish }));
            },
            onComplete: resolve,
            onError: reject,
          },
        );
        const stop = () => {
          following.unsubscribe();
          // Another model's reply may have come to its end before.
          change(({ end }) => ({ end: end ?? "stopped" }));
          resolve();
        };
        if (signal.aborted) stop();
        signal.addEventListener("abort", stop);
      });
    } finally {
      // The site was away in the middle, and the call with it.
      change(({ end }) => ({ end: end ?? "lost" }));
    }
  }

  return {
    replies,
    error,
    isWriting,
    stop: () => stopping.current.abort(),
    forget: () => setReplies({}),
    /** Has every model write, from nothing. */
    async ask(conversations: Readonly<Record<string, readonly Turn[]>>, asked: Omit<Asked, "signal">) {
      stopping.current = new AbortController();
      const { signal } = stopping.current;
      setError(null);
      setWriting(true);
      setReplies(Object.fromEntries(Object.keys(conversations).map((id) => [id, nothing])));
      const ended = await Promise.allSettled(
        Object.entries(conversations).map(([id, turns]) => write(id, turns, { ...asked, signal })),
      );
      setWriting(false);
      const failed = ended.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected")
        setError(failed.reason instanceof Error ? failed.reason.message : String(failed.reason));
    },
  };
}

interface Asked {
  settings: Settings;
  /** The same conversation with the same seed gives the same reply. */
  seed: number;
  signal: AbortSignal;
}
