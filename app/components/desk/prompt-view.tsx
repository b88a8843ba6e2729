"use client";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { Code } from "@/app/components/ui/scroll-box";
import { counted } from "@/app/components/units";
import type { Message } from "@/db/shape/content";
import { writeJson } from "@/db/shape/written-json";
import { Markdown } from "../markdown/markdown";
import { Badge } from "../ui/badge";
import { cn } from "../ui/cn";

export interface ShownPrompt {
  messages: readonly Message[];
  tools: readonly unknown[] | null;
  language: string | null;
  domain: string | null;
}

const speakers: Record<Message["role"], string> = {
  system: "Instructions",
  user: "User",
  assistant: "Assistant",
  tool: "Tool",
};

/** The conversation so far. Each turn folds to its first line; the last one, which asks, is always open at first. */
export function PromptView({ prompt, raw }: { prompt: ShownPrompt; raw: boolean }) {
  const language = languageName(prompt.language);
  return (
    <section aria-label="Prompt" className="flex flex-col">
      {prompt.messages.map((message, index) => (
        <Turn
          key={index}
          message={message}
          lang={prompt.language}
          raw={raw}
          isOnly={prompt.messages.length === 1}
          tags={index === prompt.messages.length - 1 ? [language, prompt.domain] : []}
        />
      ))}
      {prompt.tools && prompt.tools.length > 0 && (
        <details className="border-t px-4 py-2 text-sm md:px-5">
          <summary className="text-muted">
            {counted(prompt.tools.length, "tool")} offered to the model
          </summary>
          <Code className="mt-2 max-h-none">{writeJson(prompt.tools, 2)}</Code>
        </details>
      )}
    </section>
  );
}

function Turn({
  message,
  lang,
  raw,
  isOnly,
  tags,
}: {
  message: Message;
  lang: string | null;
  raw: boolean;
  isOnly: boolean;
  tags: readonly (string | null)[];
}) {
  const [open, setOpen] = useState(true);
  const Chevron = open ? ChevronDown : ChevronRight;
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
          <Chevron aria-hidden="true" className={cn("size-3.5", !open && "rtl:-scale-x-100")} />
          {isOnly ? "Prompt" : speakers[message.role]}
          {message.name && <span className="font-normal">({message.name})</span>}
        </button>
        {tags.map((tag) => tag && <Badge key={tag}>{tag}</Badge>)}
      </header>
      {open ? (
        <Markdown text={message.content} lang={lang} raw={raw} />
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

/** "Arabic" for `ar`; the tag itself where the browser does not know it. */
function languageName(tag: string | null): string | null {
  if (!tag) return null;
  return new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag;
}
