import { useEffect, useRef, useState } from "react";
import { useTRPCClient } from "@/app/trpc/client";

/**
 * The reply of the model to what was just said, as it is written. Whoever leaves the page or stops it has the model stop;
 * what is written by then is kept.
 */
export function useReply({ projectId, attemptId }: { projectId: string; attemptId: string }) {
  const client = useTRPCClient();
  /** What is asked, and what is replied so far; null while nothing is awaited. */
  const [turn, setTurn] = useState<{ asked: string; said: string } | null>(null);
  const stopping = useRef<() => void>(() => {});
  useEffect(() => () => stopping.current(), []);
  return {
    turn,
    stop: () => stopping.current(),
    /** @returns what was replied. @throws where nothing was said, or no reply came */
    async say(asked: string): Promise<string> {
      let said = "";
      setTurn({ asked, said });
      try {
        await client.redTeam.say.mutate({ projectId, attemptId, text: asked });
        await new Promise<void>((resolve, reject) => {
          const following = client.redTeam.follow.subscribe(
            { projectId, attemptId },
            {
              onData(piece) {
                if (piece.kind === "words") {
                  said += piece.words;
                  setTurn({ asked, said });
                } else {
                  following.unsubscribe();
                  resolve();
                }
              },
              onComplete: resolve,
              onError: reject,
            },
          );
          stopping.current = () => {
            following.unsubscribe();
            resolve();
          };
        });
        return said;
      } finally {
        stopping.current = () => {};
      }
    },
    forget: () => setTurn(null),
  };
}
