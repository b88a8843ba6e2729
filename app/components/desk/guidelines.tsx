"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Markdown } from "../markdown/markdown";
import { IconButton } from "../ui/button";
import { Segmented } from "../ui/segmented";
import { useDeskKeyboard } from "./keys";
import { WordDiff } from "./word-diff";

/** The guidelines in force differ from those by which the rater judged last. */
export interface GuidelineNews {
  version: number;
  /** Those they know. */
  known: { version: number; markdown: string };
}

/** The project's guidelines beside the task, never over it: whoever reads them goes on judging. */
export function GuidelinesPanel({
  markdown,
  news,
  onClose,
}: {
  markdown: string | null;
  news: GuidelineNews | null;
  onClose: () => void;
}) {
  const { keyOf } = useDeskKeyboard();
  const t = useTranslations("desk.guidelines");
  const ui = useTranslations("ui");
  const [view, setView] = useState<string>(news ? "changes" : "text");
  const text = markdown?.trim() ? markdown : null;
  return (
    <aside
      aria-label={t("name")}
      className="flex max-h-[45%] shrink-0 flex-col border-b bg-canvas lg:max-h-none lg:w-[26rem] lg:border-s lg:border-b-0"
    >
      <header className="flex min-h-10 shrink-0 items-center gap-2 px-4 md:px-5">
        <h2 className="text-sm font-semibold">{t("name")}</h2>
        {news && (
          <Segmented
            label={t("which")}
            value={view}
            onChange={setView}
            options={[
              { value: "changes", label: t("newIn", { version: news.version }) },
              { value: "text", label: t("all") },
            ]}
          />
        )}
        <IconButton label={`${ui("close")} (${keyOf("guidelines")})`} className="ms-auto" onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <section
        aria-label={t("text")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="scroll-thin min-h-0 flex-1 overflow-y-auto px-4 pb-4 -outline-offset-2 md:px-5"
      >
        {text === null ? (
          <p className="text-muted">{t("none")}</p>
        ) : news && view === "changes" ? (
          <>
            <p className="mb-2 text-sm text-muted">{t("since", { version: news.known.version })}</p>
            <WordDiff before={news.known.markdown} after={text} />
          </>
        ) : (
          <Markdown text={text} className="text-sm" />
        )}
      </section>
    </aside>
  );
}
