"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { TRPCClientError } from "@trpc/client";
import { useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import { z } from "zod";
import type { Skip } from "@/app/components/desk/dialogs";
import type { Draft } from "@/app/components/desk/draft";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import { type Claimed, type Judgement, UNDO_SECONDS } from "@/server/annotation/schema";
import type { Answers } from "@/server/form/schema";
import { type Courier, type Line, type Outcome, startCourier } from "./outbox/courier";
import type { StoredEntry } from "./outbox/entry";
import { openStore, type Store } from "./outbox/store";
import { draftOf, emptyQueue, HOLD, type Item, newKey, reduceQueue } from "./queue";

/** A request without an answer after this long is as good as no connection. */
const PATIENCE_MS = 20_000;
/** How often to look again when no task was to be had. */
const LOOK_AGAIN_MS = 15_000;
/** Keystrokes are gathered for this long before the draft is stored. */
const DRAFT_PAUSE_MS = 250;

interface Parts {
  store: Store;
  courier: Courier;
}

/**
 * The rater's work in one project: the tasks at hand, the durable outbox, drafts, undo and the seats' leases.
 * @param seat an assignment to open first, from the history
 */
export function useSession({
  projectId,
  personId,
  seat,
}: {
  projectId: string;
  personId: string;
  seat: string | undefined;
}) {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const headOptions = trpc.annotation.desk.queryOptions({ projectId, timeZone });
  const head = useQuery(headOptions);
  const [queue, change] = useReducer(reduceQueue, emptyQueue);
  const [line, setLine] = useState<Line>({ entries: [], reachable: true, signedOut: false });
  /** Tasks that could not be opened, or a browser without storage. */
  const [trouble, setTrouble] = useState<string | null>(null);
  const parts = useRef<Parts | null>(null);
  const asking = useRef(false);
  const undoing = useRef(false);
  /** Done here, and perhaps not yet in the line: the server may still offer these. */
  const handled = useRef(new Set<string>());

  const pendingSeats = () =>
    new Set(
      (parts.current?.courier.line().entries ?? [])
        .filter((entry) => entry.refused === null)
        .map((entry) => entry.assignmentId),
    );

  /** Seats of judgements on their way are still held in the server's eyes. */
  const wanted = (leaving?: string) => {
    const items = queue.items.filter((item) => !item.revises).map((item) => item.task.assignmentId);
    const pending = [...pendingSeats()].filter((id) => id !== leaving && !items.includes(id));
    return { hold: Math.min(10, HOLD + pending.length), have: [...items, ...pending].slice(0, 20) };
  };

  const arrive = useEffectEvent(async ({ tasks, nothing }: Claimed) => {
    const pending = pendingSeats();
    const fresh = tasks.filter(
      ({ assignmentId }) => !pending.has(assignmentId) && !handled.current.has(assignmentId),
    );
    const items = await Promise.all(
      fresh.map((task) =>
        withDraft({ task, saved: draftOf(task), idempotencyKey: newKey(), revises: false }),
      ),
    );
    change({ type: "arrived", items, nothing });
    setTrouble(null);
  });

  const withDraft = async (item: Item): Promise<Item> => {
    const stored = await parts.current?.store.draft(item.task.assignmentId);
    return stored ? { ...item, saved: stored.draft, idempotencyKey: stored.idempotencyKey } : item;
  };

  const ask = useEffectEvent(async () => {
    if (asking.current || !parts.current) return;
    asking.current = true;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      await arrive(await client.annotation.claim.mutate({ projectId, ...wanted() }, { signal }));
    } catch (error) {
      // Being away is shown by the line; anything else is told.
      setTrouble(answerOf(error)?.message ?? null);
    } finally {
      asking.current = false;
    }
  });

  const send = useEffectEvent(async (entry: StoredEntry): Promise<Outcome> => {
    const { assignmentId } = entry;
    const options = { signal: AbortSignal.timeout(PATIENCE_MS) };
    try {
      switch (entry.kind) {
        case "submit": {
          const { next } = await client.annotation.submit.mutate(
            { ...entry.judgement, assignmentId, ...nextFor(entry) },
            options,
          );
          if (next) await arrive(next);
          count(1);
          break;
        }
        case "revise":
          await client.annotation.revise.mutate({ ...entry.judgement, assignmentId }, options);
          break;
        case "skip": {
          const { next } = await client.annotation.skip.mutate(
            { ...entry.skip, assignmentId, ...nextFor(entry) },
            options,
          );
          if (next) await arrive(next);
          break;
        }
        case "undo":
          await client.annotation.undo.mutate({ assignmentId }, options);
          count(-1);
      }
      return { is: "sent" };
    } catch (error) {
      const answer = answerOf(error);
      if (!answer) return { is: "away" };
      if (answer.code === "UNAUTHORIZED") return { is: "signedOut" };
      handled.current.delete(assignmentId);
      if (entry.kind === "undo") change({ type: "mustRevise", assignmentId });
      return { is: "refused", reason: answer.message };
    }
  });

  /** Only this project's tasks belong on this desk; the outbox also sends what is left of other projects. */
  const nextFor = (entry: StoredEntry) =>
    entry.projectId === projectId ? { next: wanted(entry.assignmentId) } : {};

  const count = (by: number) => {
    queries.setQueryData(headOptions.queryKey, (old) =>
      old ? { ...old, today: Math.max(0, old.today + by), total: Math.max(0, old.total + by) } : old,
    );
    void queries.invalidateQueries({ queryKey: headOptions.queryKey });
  };

  const openFirst = useEffectEvent(async (assignmentId: string) => {
    try {
      const task = await client.annotation.open.query({ assignmentId });
      const item = { task, saved: draftOf(task), idempotencyKey: newKey(), revises: true };
      change({ type: "opened", item: await withDraft(item) });
    } catch (error) {
      setTrouble(answerOf(error)?.message ?? "The task could not be loaded: the server did not answer.");
    }
  });

  useEffect(() => {
    let left = false;
    void (async () => {
      try {
        const store = await openStore();
        const courier = await startCourier({
          store,
          personId,
          send: (entry) => send(entry),
          alone,
          onChange: setLine,
        });
        if (left) return courier.stop();
        parts.current = { store, courier };
        setLine(courier.line());
        if (seat) await openFirst(seat);
        await ask();
      } catch (error) {
        setTrouble(
          `This browser keeps no data for the site, so a judgement could be lost: ${error instanceof Error ? error.message : error}`,
        );
      }
    })();
    const hurry = () => {
      parts.current?.courier.hurry();
      void ask();
    };
    window.addEventListener("online", hurry);
    return () => {
      left = true;
      window.removeEventListener("online", hurry);
      parts.current?.courier.stop();
      parts.current = null;
    };
  }, [personId, seat]);

  const short = queue.items.filter((item) => !item.revises).length < HOLD;
  useEffect(() => {
    if (!short) return;
    const timer = setInterval(() => void ask(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [short]);

  useLease({
    leaseSeconds: head.data?.project.leaseSeconds,
    renew: () => client.annotation.heartbeat.mutate({ projectId }),
  });

  const put = async (entry: Parameters<Courier["put"]>[0]) => {
    try {
      if (!parts.current) throw new Error("the outbox is not open");
      await parts.current.courier.put(entry);
    } catch (error) {
      setTrouble(`The last judgement could not be stored: ${error instanceof Error ? error.message : error}`);
    }
  };
  const about = (item: Item) => ({
    personId,
    projectId,
    assignmentId: item.task.assignmentId,
    at: Date.now(),
    attempts: 0,
    refused: null,
    excerpt: item.task.prompt.messages.at(-1)?.content.slice(0, 200) ?? "",
  });

  return {
    queue,
    line,
    head: head.data,
    trouble,

    submit(item: Item, answers: Answers, draft: Draft) {
      const at = Date.now();
      cancelDraft(item);
      handled.current.add(item.task.assignmentId);
      change({ type: "judged", assignmentId: item.task.assignmentId, draft, at });
      const judgement = judgementOf(answers, draft, { at, idempotencyKey: item.idempotencyKey });
      void put({ ...about(item), kind: item.revises ? "revise" : "submit", judgement });
    },

    skip(item: Item, skip: Skip) {
      cancelDraft(item);
      handled.current.add(item.task.assignmentId);
      change({ type: "skipped", assignmentId: item.task.assignmentId });
      if (!item.revises) void put({ ...about(item), kind: "skip", skip });
    },

    /** Takes the last judgement back: from the outbox, from the server, or later as a new revision. */
    async undo() {
      const judged = queue.past.at(-1);
      const { courier } = parts.current ?? {};
      if (!judged || !courier || undoing.current) return;
      undoing.current = true;
      const { item, at } = judged;
      const inTime = Date.now() - at < UNDO_SECONDS * 1000;
      const neverLeft = await courier.cancel(item.task.assignmentId);
      const withdraws = !neverLeft && inTime && !item.revises;
      if (withdraws) await put({ ...about(item), kind: "undo" });
      const revises = item.revises || (!neverLeft && !inTime);
      change({ type: "takenBack", judged, idempotencyKey: newKey(), revises });
      undoing.current = false;
    },

    keepDraft(item: Item, draft: Draft) {
      clearTimeout(draftTimers.get(item.task.assignmentId));
      draftTimers.set(
        item.task.assignmentId,
        setTimeout(
          () => void parts.current?.store.saveDraft(item.task.assignmentId, draft, item.idempotencyKey),
          DRAFT_PAUSE_MS,
        ),
      );
    },

    discard: (id: number) => parts.current?.courier.discard(id),
    lookAgain: () => {
      parts.current?.courier.hurry();
      void ask();
    },
  };
}

const draftTimers = new Map<string, ReturnType<typeof setTimeout>>();

function cancelDraft(item: Item): void {
  clearTimeout(draftTimers.get(item.task.assignmentId));
  draftTimers.delete(item.task.assignmentId);
}

const answerSchema = z.object({ code: z.string(), httpStatus: z.number() });

/** What the server itself said, and said for good; null when it may still come round. */
function answerOf(error: unknown): { code: string; message: string } | null {
  if (!(error instanceof TRPCClientError)) return null;
  const { data } = answerSchema.safeParse(error.data);
  if (!data || data.httpStatus >= 500 || data.httpStatus === 408 || data.httpStatus === 429) return null;
  return { code: data.code, message: error.message };
}

const iso = (ms: number | null) => (ms === null ? undefined : new Date(ms).toISOString());

const judgementOf = (
  answers: Answers,
  draft: Draft,
  { at, idempotencyKey }: { at: number; idempotencyKey: string },
): Judgement => ({
  answers,
  idempotencyKey,
  flagReason: draft.flagReason ?? undefined,
  shownAt: iso(draft.shownAt),
  firstDecisionAt: iso(draft.firstDecisionAt),
  submittedAt: iso(at),
  visibleMs: Math.round(draft.visibleMs),
});

/** One tab sends at a time. Browsers know such locks only over https and on localhost; elsewhere keys guard. */
const alone = (work: () => Promise<void>): Promise<void> =>
  navigator.locks ? navigator.locks.request("concord-outbox", work) : work();

/** Keeps the rater's seats for as long as there is somebody at the desk. */
function useLease({
  leaseSeconds,
  renew,
}: {
  leaseSeconds: number | undefined;
  renew: () => Promise<unknown>;
}) {
  const beat = useEffectEvent(() => void renew().catch(() => {}));
  useEffect(() => {
    if (!leaseSeconds) return;
    let seen = Date.now();
    const see = () => {
      seen = Date.now();
    };
    const signs = ["keydown", "pointerdown", "scroll", "pointermove"] as const;
    for (const sign of signs) document.addEventListener(sign, see, { passive: true, capture: true });
    const timer = setInterval(
      () => {
        if (Date.now() - seen < leaseSeconds * 1000) beat();
      },
      (leaseSeconds * 1000) / 3,
    );
    return () => {
      clearInterval(timer);
      for (const sign of signs) document.removeEventListener(sign, see, { capture: true });
    };
  }, [leaseSeconds]);
}
