"use client";
import { useQueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";
import { useTranslations } from "next-intl";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from "react";
import { z } from "zod";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import type { Claimed, Feedback, Hold } from "@/server/seat/schema";
import { type Courier, type Line, type Outcome, startCourier } from "./courier";
import type { Entry, StoredEntry } from "./entry";
import { openStore, type Store } from "./store";

/** A request without an answer after this long is as good as no connection. */
export const PATIENCE_MS = 20_000;

/** What the desk wants to know of deliveries, while one is open. */
export interface DeskListener {
  /** The seats to ask for in the same request, so that the next task comes with the confirmation. */
  next: (entry: StoredEntry) => Hold | undefined;
  arrived: (claimed: Claimed) => void;
  /** What was judged was known, and this is said of it. */
  told: (entry: StoredEntry, feedback: Feedback) => void;
  sent: (entry: StoredEntry) => void;
  refused: (entry: StoredEntry) => void;
}

interface Parts {
  store: Store;
  courier: Courier;
}

export interface Outbox {
  line: Line;
  /** Handed over, and not yet on the disk: a few milliseconds. */
  storing: number;
  /** Null until the browser has opened its storage. */
  store: Store | null;
  /** Why this browser keeps nothing, in words. */
  trouble: string | null;
  put: (entry: Entry) => Promise<void>;
  cancel: (assignmentId: string) => Promise<boolean>;
  discard: (id: number) => void;
  hurry: () => void;
  /** @returns detaches again */
  attach: (listener: DeskListener) => () => void;
}

const OutboxContext = createContext<Outbox | null>(null);

export function useOutbox(): Outbox {
  const outbox = useContext(OutboxContext);
  if (!outbox) throw new Error("useOutbox is used outside of OutboxProvider.");
  return outbox;
}

/**
 * Sends what the signed-in person has judged: at the desk, and wherever `Leftovers` finds something that was left.
 */
export function OutboxProvider({ personId, children }: { personId: string; children: ReactNode }) {
  const t = useTranslations("desk.trouble");
  const client = useTRPCClient();
  const [line, setLine] = useState<Line>({ entries: [], reachable: true, signedOut: false, failing: [] });
  const [parts, setParts] = useState<Parts | null>(null);
  const [storing, setStoring] = useState(0);
  const [trouble, setTrouble] = useState<string | null>(null);
  const queries = useQueryClient();
  const trpc = useTRPC();
  const listener = useRef<DeskListener | null>(null);

  const [attach] = useState(() => (desk: DeskListener) => {
    listener.current = desk;
    return () => {
      if (listener.current === desk) listener.current = null;
    };
  });

  const deliver = async (entry: StoredEntry) => {
    const { assignmentId } = entry;
    const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
    const next = listener.current?.next(entry);
    const sentAt = new Date().toISOString();
    switch (entry.kind) {
      case "submit":
        return client.annotation.submit.mutate({ ...entry.judgement, sentAt, assignmentId, next }, options);
      case "skip":
        return client.annotation.skip.mutate({ ...entry.skip, assignmentId, next }, options);
      case "revise":
        await client.annotation.revise.mutate({ ...entry.judgement, sentAt, assignmentId }, options);
        return { next: null };
      case "undo":
        await client.annotation.undo.mutate({ assignmentId, idempotencyKey: entry.idempotencyKey }, options);
        return { next: null };
    }
  };

  const send = useEffectEvent(async (entry: StoredEntry): Promise<Outcome> => {
    try {
      const { next, feedback } = { feedback: null, ...(await deliver(entry)) };
      if (next) listener.current?.arrived(next);
      if (feedback) listener.current?.told(entry, feedback);
      return { is: "sent" };
    } catch (error) {
      const answer = answerOf(error);
      if (!answer) return { is: hasFailed(error) ? "failed" : "away" };
      if (answer.code === "UNAUTHORIZED") return { is: "signedOut" };
      listener.current?.refused(entry);
      return { is: "refused", reason: answer.message };
    }
  });

  const onSent = useEffectEvent((entry: StoredEntry) => {
    listener.current?.sent(entry);
    // A page's first load may have read before the judgement arrived, and invalidating alone would let it finish.
    const outdated = trpc.annotation.pathFilter();
    void queries.cancelQueries(outdated).then(() => queries.invalidateQueries(outdated));
  });

  const storageFailed = useEffectEvent((why: string) => setTrouble(t("noStorage", { reason: why })));

  useEffect(() => {
    let left = false;
    let courier: Courier | undefined;
    void (async () => {
      try {
        const store = await openStore();
        courier = await startCourier({
          store,
          personId,
          send: (entry) => send(entry),
          onSent: (entry) => onSent(entry),
          alone,
          onChange: setLine,
        });
        if (left) return courier.stop();
        setLine(courier.line());
        setParts({ store, courier });
      } catch (error) {
        storageFailed(reason(error));
      }
    })();
    const hurry = () => courier?.hurry();
    window.addEventListener("online", hurry);
    return () => {
      left = true;
      window.removeEventListener("online", hurry);
      courier?.stop();
    };
  }, [personId]);

  const outbox = useMemo(
    (): Outbox => ({
      line,
      storing,
      trouble,
      store: parts?.store ?? null,
      async put(entry) {
        setStoring((count) => count + 1);
        try {
          if (!parts) throw new Error(t("notOpen"));
          await parts.courier.put(entry);
        } catch (error) {
          setTrouble(t("notStored", { reason: reason(error) }));
        } finally {
          setStoring((count) => count - 1);
        }
      },
      cancel: async (assignmentId) => (await parts?.courier.cancel(assignmentId)) ?? false,
      discard: (id) => void parts?.courier.discard(id),
      hurry: () => parts?.courier.hurry(),
      attach,
    }),
    [line, storing, parts, trouble, attach, t],
  );
  return <OutboxContext value={outbox}>{children}</OutboxContext>;
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One tab sends at a time. Browsers know such locks only over https and on localhost; elsewhere keys guard. */
const alone = (work: () => Promise<void>): Promise<void> =>
  navigator.locks ? navigator.locks.request("concord-outbox", work) : work();

/** The server is there, and broke on what it was sent. */
const hasFailed = (error: unknown): boolean =>
  error instanceof TRPCClientError && answerSchema.safeParse(error.data).data?.httpStatus === 500;

const answerSchema = z.object({ code: z.string(), httpStatus: z.number() });

/** What the server itself said, and said for good; null when it may still come round. */
export function answerOf(error: unknown): { code: string; message: string } | null {
  if (!(error instanceof TRPCClientError)) return null;
  const { data } = answerSchema.safeParse(error.data);
  if (!data || data.httpStatus >= 500 || data.httpStatus === 408 || data.httpStatus === 429) return null;
  return { code: data.code, message: error.message };
}
