"use client";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { type Kept, keptDesk } from "@/app/components/outbox/kept-desk";
import { OutboxProvider } from "@/app/components/outbox/outbox";
import { DeskHabitsProvider } from "@/app/components/shell/desk-habits";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { DeskPage } from "@/app/projects/[projectId]/desk/desk-page";
import { wire } from "@/db/shape/wire";
// Nothing comes later where no server is: what the desk loads when a text needs it is here from the start.
import "@/app/components/markdown/with-math";
import "@/app/components/ui/dialog-parts";
import "@/app/components/ui/toast-list";

/** The desk from what this browser keeps; what is judged goes on its way when the server is back. */
export function Away() {
  const t = useTranslations("desk.away");
  const ui = useTranslations("ui");
  const [kept, setKept] = useState<Kept | null | undefined>(undefined);
  useEffect(() => {
    // The address is the desk's: the service worker answered in its place.
    const projectId = window.location.pathname.split("/")[2] ?? "";
    void keptDesk(projectId).then(setKept);
  }, []);
  if (kept === undefined) return null;
  if (kept === null)
    return (
      <main className="flex min-h-dvh flex-col justify-center">
        <Empty
          title={t("title")}
          action={<Button onClick={() => window.location.reload()}>{ui("tryAgain")}</Button>}
        >
          <p>{t("detail")}</p>
        </Empty>
      </main>
    );
  const { personId, projectId, head, habits, tasks } = kept;
  return (
    <main id="main" className="flex h-dvh flex-col">
      <OutboxProvider personId={personId}>
        <DeskHabitsProvider habits={habits}>
          <OwnKeyboard>
            <DeskPage
              projectId={projectId}
              personId={personId}
              seat={undefined}
              isAtWork
              first={wire.stringify({ head, tasks })}
            />
          </OwnKeyboard>
        </DeskHabitsProvider>
      </OutboxProvider>
    </main>
  );
}
