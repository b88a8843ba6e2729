"use client";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useLayoutEffect, useRef, useState } from "react";
import { languageName } from "@/app/components/ui/language";
import { Code } from "@/app/components/ui/scroll-box";
import type { Message } from "@/db/shape/content";
import { writeJson } from "@/db/shape/written-json";
import { Markdown } from "../markdown/markdown";
import { Badge } from "../ui/badge";
import { cn } from "../ui/cn";
import { Kbd } from "../ui/kbd";
import { watched } from "./in-view";

export interface ShownPrompt {
  messages: readonly Message[];
  tools: readonly unknown[] | null;
  language: string | null;
  domain: string | null;
}

interface Shown {
  prompt: ShownPrompt;
  raw: boolean;
}

/** The conversation so far, as a page reads. Each turn folds to its first line. */
export function PromptView({ prompt, raw }: Shown) {
  const t = useTranslations("desk");
  return (
    <section aria-label={t("prompt")} className="flex flex-col">
      <Turns prompt={prompt} raw={raw} from={0} />
    </section>
  );
}

/**
 * The conversation on the desk: it opens at the turn that asks. The turns before it are folded together, and one key
 * unfolds them above it; what was being read stays in view.
 */
export function Conversation({
  prompt,
  raw,
  earlier,
  onEarlier,
  hint,
}: Shown & {
  /** Whether the turns before the last are unfolded. */
  earlier: boolean;
  onEarlier: () => void;
  /** The key that does it. */
  hint: string;
}) {
  const t = useTranslations("desk");
  const last = lastTurn(prompt.messages);
  const asking = useRef<HTMLDivElement>(null);
  const shown = useRef(earlier);
  useLayoutEffect(() => {
    if (shown.current === earlier) return;
    shown.current = earlier;
    asking.current?.scrollIntoView({ block: earlier ? "end" : "start" });
  }, [earlier]);
  return (
    <section aria-label={t("prompt")} data-watched={watched.prompt} className="flex flex-col">
      {last > 0 && (
        <button
          type="button"
          aria-expanded={earlier}
          onClick={onEarlier}
          className="flex items-center gap-1 border-b px-3 py-1.5 text-start text-xs text-muted hover:text-ink md:px-4"
        >
          <Chevron open={earlier} />
          <span className="font-medium">{t("earlier", { count: last })}</span>
          <span className="min-w-0 truncate">
            {!earlier &&
              rolesOf(prompt.messages.slice(0, last))
                .map((role) => t(`speakers.${role}`))
                .join(" · ")}
          </span>
          <Kbd>{hint}</Kbd>
        </button>
      )}
      {earlier && <Turns prompt={prompt} raw={raw} from={0} to={last} />}
      <div ref={asking}>
        <Turns prompt={prompt} raw={raw} from={last} />
      </div>
    </section>
  );
}

/** Where the turn begins that is to be answered: the user's last words, and what tools have said to them since. */
export function lastTurn(messages: readonly Message[]): number {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  return asked < 0 ? Math.max(0, messages.length - 1) : asked;
}

/** Who speaks, each once, in the order in which they first do. */
const rolesOf = (messages: readonly Message[]) => [...new Set(messages.map(({ role }) => role))];

function Turns({ prompt, raw, from, to }: Shown & { from: number; to?: number }) {
  const t = useTranslations("desk");
  const locale = useLocale();
  const { messages, language, domain, tools } = prompt;
  const isEnd = to === undefined;
  return (
    <>
      {messages.slice(from, to).map((message, offset) => {
        const index = from + offset;
        return (
          <Turn
            key={index}
            message={message}
            index={index}
            lang={language}
            raw={raw}
            isOnly={messages.length === 1}
            tags={isEnd && index === from ? [language && languageName(language, locale), domain] : []}
          />
        );
      })}
      {isEnd && tools && tools.length > 0 && (
        <details className="border-t px-4 py-2 text-sm md:px-5">
          <summary className="text-muted">{t("toolsOffered", { count: tools.length })}</summary>
          <Code className="mt-2 max-h-none">{writeJson(tools, 2)}</Code>
        </details>
      )}
    </>
  );
}

function Chevron({ open }: { open: boolean }) {
  const Icon = open ? ChevronDown : ChevronRight;
  return <Icon aria-hidden="true" className={cn("size-3.5 shrink-0", !open && "rtl:-scale-x-100")} />;
}

function Turn({
  message,
  index,
  lang,
  raw,
  isOnly,
  tags,
}: {
  message: Message;
  index: number;
  lang: string | null;
  raw: boolean;
  isOnly: boolean;
  tags: readonly (string | null)[];
}) {
  const t = useTranslations("desk");
  const [open, setOpen] = useState(true);
  return (
    <article
      className={cn(
        "border-t px-4 py-2.5 first:border-t-0 md:px-5",
        message.role === "assistant" && "bg-sunken",
      )}
    >
      <header className="mb-0.5 flex items-center gap-2 text-xs">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="-ms-1 flex items-center gap-1 rounded-sm pe-1 font-medium text-muted hover:text-ink"
        >
          <Chevron open={open} />
          {isOnly ? t("prompt") : `${index + 1} ${t(`speakers.${message.role}`)}`}
          {message.name && <span className="font-normal">({message.name})</span>}
        </button>
        {tags.map((tag) => tag && <Badge key={tag}>{tag}</Badge>)}
      </header>
      {open ? (
        <div data-watched={watched.turn(index)}>
          <Markdown text={message.content} lang={lang} raw={raw} />
        </div>
      ) : (
        <p dir="auto" className="truncate text-muted">
          {message.content.slice(0, 300)}
        </p>
      )}
      {message.tool_calls && message.tool_calls.length > 0 && open && (
        <Code className="mt-2 max-h-none border">{writeJson(message.tool_calls, 2)}</Code>
      )}
    </article>
  );
}
