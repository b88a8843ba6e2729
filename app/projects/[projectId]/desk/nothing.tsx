"use client";
import { Coffee } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
import type { Line } from "@/app/components/outbox/courier";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { counted } from "@/app/components/units";
import type { Claimed } from "@/server/seat/schema";

const words: Record<NonNullable<Claimed["nothing"]>, { title: string; detail: string }> = {
  no_tasks: {
    title: "No tasks yet",
    detail: "This project has nothing to judge so far. Tasks appear here as soon as there are any.",
  },
  done: {
    title: "All done",
    detail: "Every task of this project has all the judgements it needs. Thank you.",
  },
  held_by_others: {
    title: "Others have the last tasks",
    detail: "What one of them leaves comes back to you. The desk looks again by itself.",
  },
  not_for_you: {
    title: "Nothing for you at the moment",
    detail: "The tasks that wait need other languages or subjects, or you have judged them already.",
  },
  no_consent: {
    title: "Your consent is withdrawn",
    detail:
      "What you judged is kept and counts nowhere, and the tasks have gone to others. A manager can take it down that you give it again.",
  },
  archived: { title: "This project is closed", detail: "It takes no more judgements." },
  qualifying: {
    title: "The tasks of the qualification are done for now",
    detail:
      "What comes next depends on them, and appears here. If nothing does, there are no more for your languages and subjects: ask a manager of the project.",
  },
  not_qualified: {
    title: "The qualification was not passed",
    detail:
      "Thank you for taking the time. There are no further tasks for you here; a manager of the project can say more, and can let you go on.",
  },
  blocked: {
    title: "Your work here is paused",
    detail:
      "What you judged is kept, and the tasks that waited for you have gone to others. A manager of the project can say why, and can let you go on.",
  },
};

const coming = { title: "Fetching the next task", detail: "It is on its way from the server." };

/** What is not sent yet, in words. */
const away = ({ entries }: Line) => ({
  title: "The server is away",
  detail: `All tasks that were kept for you are done. Kept in this browser until it is back: ${counted(
    entries.filter(({ refused }) => refused === null).length,
    "judgement",
  )}. The next tasks come then.`,
});

/** Before somebody who may only be looking takes a seat that an annotator waits for. */
export function Begin({ status, onBegin }: { status: ReactNode; onBegin: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <>
      <header className="flex h-10 shrink-0 items-center justify-end border-b px-2 md:px-4">{status}</header>
      <Empty
        icon={<Coffee aria-hidden="true" />}
        title="Judge tasks yourself?"
        action={
          <Button ref={button} variant="primary" hint="⏎" onClick={onBegin}>
            Begin
          </Button>
        }
      >
        <p>As long as you only look, you take nobody's seat. What you judge counts like everybody's.</p>
      </Empty>
    </>
  );
}

/** The desk without a task, and why. */
export function NothingToDo({
  projectId,
  reason,
  line,
  today,
  status,
  onUndo,
  onLookAgain,
}: {
  projectId: string;
  reason: Claimed["nothing"];
  line: Line;
  today: number;
  status: ReactNode;
  onUndo: (() => void) | null;
  onLookAgain: () => void;
}) {
  const { title, detail } = !line.reachable ? away(line) : reason ? words[reason] : coming;
  const press = useEffectEvent((event: KeyboardEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key.toLowerCase() === "u" && isPlain) onUndo?.();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <header className="flex h-10 shrink-0 items-center justify-end border-b px-2 md:px-4">{status}</header>
      <Empty
        icon={<Coffee aria-hidden="true" />}
        title={title}
        action={
          <>
            {onUndo && (
              <Button hint="u" onClick={onUndo}>
                Take the last one back
              </Button>
            )}
            <Button onClick={onLookAgain}>Look again</Button>
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/me`}>My work</Link>
            </Button>
          </>
        }
      >
        <p>{detail}</p>
        {today > 0 && <p className="mt-1">You have judged {counted(today, "task")} today.</p>}
      </Empty>
    </>
  );
}

/** Before the first task has come. */
export function Waiting() {
  return (
    <div role="status" className="m-auto max-w-md px-6 text-center text-muted">
      Fetching your tasks…
    </div>
  );
}
