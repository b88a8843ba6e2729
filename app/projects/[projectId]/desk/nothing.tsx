"use client";
import { Coffee } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useRef } from "react";
import { useDeskKeyboard } from "@/app/components/desk/keys";
import { useUndoKey } from "@/app/components/desk/use-keys";
import type { Line } from "@/app/components/outbox/courier";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import type { Claimed } from "@/server/seat/schema";

/** Before somebody who may only be looking takes a seat that an annotator waits for. */
export function Begin({ status, onBegin }: { status: ReactNode; onBegin: () => void }) {
  const t = useTranslations("desk.begin");
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <>
      <header className="flex h-10 shrink-0 items-center justify-end border-b px-2 md:px-4">{status}</header>
      <Empty
        icon={<Coffee aria-hidden="true" />}
        title={t("title")}
        action={
          <Button ref={button} variant="primary" hint="⏎" onClick={onBegin}>
            {t("button")}
          </Button>
        }
      >
        <p>{t("detail")}</p>
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
  const t = useTranslations("desk.nothing");
  const why = line.reachable ? (reason ?? "coming") : "away";
  const count = line.entries.filter(({ refused }) => refused === null).length;
  const { keyOf } = useDeskKeyboard();
  useUndoKey(onUndo);
  return (
    <>
      <header className="flex h-10 shrink-0 items-center justify-end border-b px-2 md:px-4">{status}</header>
      <Empty
        icon={<Coffee aria-hidden="true" />}
        title={t(`${why}.title`)}
        action={
          <>
            {onUndo && (
              <Button hint={keyOf("undo")} onClick={onUndo}>
                {t("back")}
              </Button>
            )}
            <Button onClick={onLookAgain}>{t("again")}</Button>
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/me`}>{t("myWork")}</Link>
            </Button>
          </>
        }
      >
        <p>{why === "away" ? t("away.detail", { count }) : t(`${why}.detail`)}</p>
        {today > 0 && <p className="mt-1">{t("today", { count: today })}</p>}
      </Empty>
    </>
  );
}

/** Before the first task has come. */
export function Waiting() {
  const t = useTranslations("desk.nothing");
  return (
    <div role="status" className="m-auto max-w-md px-6 text-center text-muted">
      {t("fetching")}
    </div>
  );
}
