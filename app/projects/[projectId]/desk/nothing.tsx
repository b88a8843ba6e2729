"use client";
import { Coffee } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect, useEffectEvent } from "react";
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
};

/** The desk without a task, and why. */
export function NothingToDo({
  projectId,
  reason,
  today,
  status,
  onUndo,
  onLookAgain,
}: {
  projectId: string;
  reason: Claimed["nothing"];
  today: number;
  status: ReactNode;
  onUndo: (() => void) | null;
  onLookAgain: () => void;
}) {
  const { title, detail } = reason
    ? words[reason]
    : { title: "Fetching the next task", detail: "It is on its way from the server." };
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
export function Waiting({ reachable }: { reachable: boolean }) {
  return (
    <p role="status" className="m-auto text-muted">
      {reachable ? "Fetching your tasks…" : "The server does not answer. Trying again…"}
    </p>
  );
}
