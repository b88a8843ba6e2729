"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import type { z } from "zod";
import type { Skip } from "@/app/components/desk/dialogs";
import { type Draft, type KeptDraft, keptDraftSchema, withoutPlaces } from "@/app/components/desk/draft";
import { inViewOf } from "@/app/components/desk/in-view";
import type { StoredEntry } from "@/app/components/outbox/entry";
import { keepDesk } from "@/app/components/outbox/kept-desk";
import { answerOf, PATIENCE_MS, useOutbox } from "@/app/components/outbox/outbox";
import { useDeskHabits } from "@/app/components/shell/desk-habits";
import { useSaid } from "@/app/i18n/said";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import type { Answers } from "@/server/form/schema";
import type { deskSchema, Judgement } from "@/server/judgement/schema";
import { type BlindTask, type Claimed, type Feedback, UNDO_SECONDS } from "@/server/seat/schema";
import { AHEAD, draftOf, emptyQueue, HOLD, type Item, itemOf, newKey, reduceQueue } from "./queue";
import { useLease } from "./use-lease";
import { useOtherTabs } from "./use-other-tabs";

/** How often to look again while fewer tasks than wanted are at hand. */
const LOOK_AGAIN_MS = 15_000;
/** How soon a rater at work hears that something was sent back, or that the guidelines are new. */
export const LOOK_UP_MS = 60_000;
/** Keystrokes are gathered for this long before the draft is stored. */
const DRAFT_PAUSE_MS = 250;

/** What is said of a task that was judged. */
interface Told {
  assignmentId: string;
  excerpt: string;
  feedback: Feedback;
}

/** What the desk can show before it has asked for anything. */
export interface First {
  head: z.infer<typeof deskSchema>;
  /** Seats that the rater holds. */
  tasks: readonly BlindTask[];
}

/**
 * The rater's work in one project: the tasks at hand, what is on its way, drafts, undo and the seats' leases.
 * @param seat an assignment to open first, from the history
 * @param first what came with the page
 * @param isAtWork whether to take seats at once; whoever only looks takes none until `begin`
 */
export function useSession({
  projectId,
  personId,
  seat,
  first,
  isAtWork,
}: {
  projectId: string;
  personId: string;
  seat: string | undefined;
  first: First;
  isAtWork: boolean;
}) {
  const t = useTranslations("desk.trouble");
  const said = useSaid();
  const client = useTRPCClient();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const outbox = useOutbox();
  const { store } = outbox;
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const headOptions = trpc.annotation.desk.queryOptions({ projectId, timeZone });
  const head = useQuery({
    ...headOptions,
    refetchInterval: LOOK_UP_MS,
    // Of another time zone, or of the last time the server was there.
    initialData: first.head,
    initialDataUpdatedAt: 0,
  });
  const [queue, change] = useReducer(reduceQueue, first.tasks, (tasks) => ({
    ...emptyQueue,
    items: tasks.map(itemOf),
  }));
  const [begun, setBegun] = useState(isAtWork || first.tasks.length > 0 || seat !== undefined);
  /** What came with the page has its drafts, and lacks what was judged here already. */
  const [settled, setSettled] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const asking = useRef(false);
  /** Of judgements taken back: whether the server never heard of them. Known only once the outbox has looked. */
  const unheard = useRef(new Map<string, Promise<boolean>>());
  /** Done here, and perhaps not yet in the outbox: the server may still offer these. */
  const handled = useRef(new Set<string>());
  const draftTimers = useRef(new Map<string, ReturnType<typeof setTimeout>>());

  /** Seats of judgements on their way are still held in the server's eyes. */
  const pendingSeats = () =>
    outbox.line.entries.filter((entry) => entry.refused === null).map((entry) => entry.assignmentId);
  const wanted = (leaving?: string) => {
    const items = queue.items.filter((item) => !item.revises).map((item) => item.task.assignmentId);
    const pending = pendingSeats().filter((id) => id !== leaving && !items.includes(id));
    return {
      hold: Math.min(20, HOLD + pending.length),
      // Whoever has judged something is at work, and may lose the server.
      ahead: queue.past.length > 0 ? AHEAD : 0,
      have: [...items, ...pending].slice(0, 40),
    };
  };

  const withDraft = async (item: Item): Promise<Item> => {
    const { data: stored } = keptDraftSchema.safeParse(await store?.draft(item.task.assignmentId));
    if (!stored) return item;
    const { shown, questions, responses } = item.task;
    const saved =
      stored.leasedAt === shown.leasedAt
        ? stored.draft
        : withoutPlaces(stored.draft, questions, responses.length);
    return { ...item, saved, idempotencyKey: stored.idempotencyKey };
  };
  const arrive = useEffectEvent(async ({ tasks, nothing }: Claimed) => {
    const known = new Set([...pendingSeats(), ...handled.current]);
    const fresh = tasks.filter((task) => !known.has(task.assignmentId));
    change({ type: "arrived", items: await Promise.all(fresh.map(itemOf).map(withDraft)), nothing });
    setProblem(null);
  });

  const settle = useEffectEvent(async () => {
    const pending = new Set(pendingSeats());
    for (const item of queue.items) {
      const { assignmentId } = item.task;
      if (pending.has(assignmentId)) change({ type: "lost", assignmentId });
      const recalled = await withDraft(item);
      if (recalled !== item) change({ type: "recalled", item: recalled });
    }
  });

  const ask = useEffectEvent(async () => {
    if (asking.current || !begun) return;
    asking.current = true;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      await arrive(await client.annotation.claim.mutate({ projectId, ...wanted() }, { signal }));
    } catch (error) {
      // Being away is shown by the outbox; anything else is told.
      const message = answerOf(error)?.message;
      setProblem(message === undefined ? null : said(message));
    } finally {
      asking.current = false;
    }
  });

  const open = useEffectEvent(async (assignmentId: string) => {
    try {
      const task = await client.annotation.open.query({ assignmentId });
      const item = { task, saved: draftOf(task), idempotencyKey: newKey(), revises: true };
      change({ type: "opened", item: await withDraft(item) });
      // A reload goes on with the queue instead of opening the same judgement again.
      window.history.replaceState(null, "", window.location.pathname);
    } catch (error) {
      const message = answerOf(error)?.message;
      setProblem(message === undefined ? t("noAnswer") : said(message));
    }
  });

  const isReady = store !== null;
  useEffect(() => {
    if (!isReady) return;
    void (async () => {
      await settle();
      if (seat) await open(seat);
      setSettled(true);
    })();
    const again = () => void ask();
    window.addEventListener("online", again);
    return () => window.removeEventListener("online", again);
  }, [isReady, seat]);

  useEffect(() => {
    if (settled && begun) void ask();
  }, [settled, begun]);

  const { keys, practised, language } = useDeskHabits();
  useEffect(() => {
    if (!settled) return;
    const tasks = queue.items.filter((item) => !item.revises).map((item) => item.task);
    void keepDesk({ personId, projectId, head: head.data, habits: { keys, practised, language }, tasks });
  }, [settled, personId, projectId, queue.items, head.data, keys, practised, language]);

  const isShort = queue.items.filter((item) => !item.revises).length < HOLD;
  useEffect(() => {
    if (!isReady || !isShort) return;
    const timer = setInterval(() => void ask(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isReady, isShort]);

  const count = (by: number) => {
    queries.setQueryData(headOptions.queryKey, (old) =>
      old
        ? {
            ...old,
            today: Math.max(0, old.today + by),
            total: Math.max(0, old.total + by),
            waiting: Math.max(0, old.waiting - by),
          }
        : old,
    );
  };
  const next = useEffectEvent((entry: StoredEntry) =>
    entry.projectId === projectId ? wanted(entry.assignmentId) : undefined,
  );
  const sent = useEffectEvent(({ kind, assignmentId }: StoredEntry) => {
    const revises = queue.items.some((item) => item.revises && item.task.assignmentId === assignmentId);
    if (kind === "submit") count(1);
    if (kind === "undo" && !revises) count(-1);
  });
  const refused = useEffectEvent(({ kind, assignmentId }: StoredEntry) => {
    handled.current.delete(assignmentId);
    change({ type: kind === "undo" ? "mustRevise" : "lost", assignmentId });
  });
  const [told, setTold] = useState<readonly Told[]>([]);
  const hear = useEffectEvent(({ assignmentId, excerpt }: StoredEntry, feedback: Feedback) => {
    change({ type: "told", assignmentId });
    setTold((before) => [...before, { assignmentId, excerpt, feedback }]);
  });
  const { attach } = outbox;
  useEffect(
    () =>
      attach({
        next: (entry) => next(entry),
        arrived: (claimed) => void arrive(claimed),
        told: (entry, feedback) => hear(entry, feedback),
        sent: (entry) => sent(entry),
        refused: (entry) => refused(entry),
      }),
    [attach],
  );

  const tellOtherTabs = useOtherTabs((assignmentId) => change({ type: "lost", assignmentId }));
  useLease({
    leaseSeconds: head.data.project.leaseSeconds,
    async renew() {
      const { assignmentIds } = await client.annotation.heartbeat.mutate({ projectId });
      // What waits out of sight and is no longer ours goes; what is being read stays, and may be taken late.
      for (const { task, revises } of queue.items.slice(1))
        if (!revises && !assignmentIds.includes(task.assignmentId))
          change({ type: "lost", assignmentId: task.assignmentId });
    },
  });

  const about = (item: Item) => ({
    personId,
    projectId,
    assignmentId: item.task.assignmentId,
    at: Date.now(),
    attempts: 0,
    refused: null,
    excerpt: item.task.prompt.messages.at(-1)?.content.slice(0, 200) ?? "",
  });
  const leave = ({ task: { assignmentId } }: Item) => {
    clearTimeout(draftTimers.current.get(assignmentId));
    handled.current.add(assignmentId);
    tellOtherTabs(assignmentId);
  };

  return {
    queue,
    /** Whether the desk may be worked at: before, an answer could be lost. */
    settled,
    /** Whether this rater takes seats. */
    begun,
    begin: () => setBegun(true),
    outbox,
    /** What the rater was told of tasks whose answer was known, until they put it away. */
    told,
    putAway: (assignmentId: string) =>
      setTold((before) => before.filter((one) => one.assignmentId !== assignmentId)),
    head: head.data,
    trouble: outbox.trouble ?? problem,

    submit(item: Item, answers: Answers, draft: Draft) {
      const at = Date.now();
      leave(item);
      change({ type: "judged", assignmentId: item.task.assignmentId, draft, at });
      const { idempotencyKey, task } = item;
      // Guidelines are those on the desk now, which may be newer than the lease.
      const guidelineVersionId = head.data.guidelines?.id ?? null;
      const shown = { ...task.shown, guidelineVersionId };
      const inView = inViewOf(draft.looks, task.prompt.messages, task.responses.length);
      const judgement = judgementOf(answers, draft, { at, idempotencyKey, shown, inView });
      void (async () => {
        // What was taken back goes first.
        const isUnheard = await unheard.current.get(task.assignmentId);
        unheard.current.delete(task.assignmentId);
        const kind = item.revises && !isUnheard ? "revise" : "submit";
        await outbox.put({ ...about(item), kind, judgement });
      })();
    },

    skip(item: Item, skip: Skip) {
      leave(item);
      change({ type: "skipped", assignmentId: item.task.assignmentId });
      if (!item.revises) void outbox.put({ ...about(item), kind: "skip", skip });
    },

    /**
     * Takes the last judgement back: from the outbox, from the server, or later as a new revision. It lies on the desk
     * again before anything is waited for: a key pressed right after `u` is meant for it.
     */
    undo() {
      const judged = queue.past.at(-1);
      if (!judged) return;
      const { item, at } = judged;
      const { assignmentId } = item.task;
      const inTime = Date.now() - at < UNDO_SECONDS * 1000;
      change({
        type: "takenBack",
        judged,
        idempotencyKey: newKey(),
        revises: item.revises || !inTime,
      });
      const takeBack = async () => {
        const neverLeft = await outbox.cancel(assignmentId);
        const { idempotencyKey } = item;
        if (!neverLeft && inTime) await outbox.put({ ...about(item), kind: "undo", idempotencyKey });
        return neverLeft && !item.revises;
      };
      unheard.current.set(assignmentId, takeBack());
    },

    keepDraft(item: Item, draft: Draft) {
      const { assignmentId, shown } = item.task;
      clearTimeout(draftTimers.current.get(assignmentId));
      const { idempotencyKey } = item;
      const save = () =>
        void store?.saveDraft(assignmentId, {
          draft,
          idempotencyKey,
          leasedAt: shown.leasedAt,
        } satisfies KeptDraft);
      draftTimers.current.set(assignmentId, setTimeout(save, DRAFT_PAUSE_MS));
    },

    lookAgain() {
      outbox.hurry();
      void ask();
    },
  };
}

const iso = (ms: number | null) => (ms === null ? undefined : new Date(ms).toISOString());

const judgementOf = (
  answers: Answers,
  draft: Draft,
  { at, ...more }: { at: number } & Pick<Judgement, "idempotencyKey" | "shown" | "inView">,
): Judgement => ({
  answers,
  ...more,
  flagReason: draft.flagReason ?? undefined,
  shownAt: iso(draft.shownAt),
  firstDecisionAt: iso(draft.firstDecisionAt),
  submittedAt: iso(at),
  visibleMs: Math.round(draft.visibleMs),
});
