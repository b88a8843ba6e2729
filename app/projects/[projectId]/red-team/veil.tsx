"use client";
import { Eye, EyeOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";
import { Markdown } from "@/app/components/markdown/markdown";
import { isTyping } from "@/app/components/table/filters";
import { Button } from "@/app/components/ui/button";
import { cn } from "@/app/components/ui/cn";
import { useTRPCClient } from "@/app/trpc/client";
import type { Message } from "@/db/shape/content";

/** How often the server hears that model text stands on the screen. */
const TELL_MS = 15_000;

export interface Veil {
  isShown: boolean;
  toggle: () => void;
}

/**
 * Model text is blurred until somebody shows it, by V or a click. While it stands unblurred in a page that is looked at,
 * the time counts.
 */
export function useVeil(projectId: string): Veil {
  const client = useTRPCClient();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "v" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!isTyping(event)) setShown((shown) => !shown);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    if (!isShown) return;
    let since = performance.now();
    let isSeen = document.visibilityState === "visible";
    const tell = () => {
      const seconds = (performance.now() - since) / 1000;
      since = performance.now();
      // A page that is left tells as much as it can.
      if (isSeen) client.redTeam.exposed.mutate({ projectId, seconds }).catch(() => {});
      isSeen = document.visibilityState === "visible";
    };
    const timer = setInterval(tell, TELL_MS);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tell);
      tell();
    };
  }, [client, projectId, isShown]);
  return { isShown, toggle: () => setShown((shown) => !shown) };
}

export function VeilButton({ veil }: { veil: Veil }) {
  const t = useTranslations("redTeam");
  const Icon = veil.isShown ? EyeOff : Eye;
  return (
    <Button size="sm" hint="V" aria-pressed={veil.isShown} onClick={veil.toggle}>
      <Icon aria-hidden="true" />
      {t(veil.isShown ? "hide" : "show")}
    </Button>
  );
}

/** Text of a model behind its veil: neither seen nor read out before it is shown. */
function Veiled({ veil, children }: { veil: Veil; children: ReactNode }) {
  const t = useTranslations("redTeam");
  if (veil.isShown) return <>{children}</>;
  return (
    <div className="relative overflow-hidden rounded-md">
      <div aria-hidden="true" inert className="max-h-60 select-none blur-md">
        {children}
      </div>
      <button
        type="button"
        className="absolute inset-0 flex items-center justify-center px-3 text-center text-sm font-medium text-ink"
        onClick={veil.toggle}
      >
        <span className="rounded-md border bg-surface px-2 py-1">{t("hidden")}</span>
      </button>
    </div>
  );
}

/** A conversation with a model; what it says is veiled. */
export function Conversation({
  messages,
  veil,
  children,
}: {
  messages: readonly Message[];
  veil: Veil;
  children?: ReactNode;
}) {
  const t = useTranslations("redTeam");
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {messages.map(({ role, content }, at) => (
        <section
          key={at}
          aria-label={t(role === "user" ? "you" : "model")}
          className={cn(
            "min-w-0 max-w-3xl rounded-lg px-3 py-2",
            role === "user" ? "self-end bg-accent-wash" : "self-start border bg-surface",
          )}
        >
          {role === "user" ? (
            <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
              {content}
            </p>
          ) : (
            <Veiled veil={veil}>
              <Markdown text={content} />
            </Veiled>
          )}
        </section>
      ))}
      {children}
    </div>
  );
}
