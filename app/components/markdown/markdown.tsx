"use client";
import { lazy, memo, Suspense, useMemo } from "react";
import { cn } from "../ui/cn";
import { withDollarMath } from "./math";
import { Rendered } from "./rendered";

/**
 * KaTeX is a fifth of what a page loads: it comes with the first text that has mathematics. Where it cannot come, because
 * the server is away or has another version by now, formulas are shown as they were written.
 */
const WithMath = lazy(() => import("./with-math").catch(() => ({ default: Rendered })));

/** Above these, parsing takes longer than a reader waits, and what is so long is hardly written as markdown. */
const LONGEST_TEXT = 100_000;
const LONGEST_LINE = 20_000;

/**
 * Text of people and models, rendered as hostile input: HTML in it is shown as text, scripts, handlers and
 * unsafe links are dropped, images become links because loading one would tell its server who reads.
 */
export const Markdown = memo(function Markdown({
  text,
  raw = false,
  lang,
  className,
}: {
  text: string;
  /** Show the source as it is. */
  raw?: boolean;
  /** BCP 47, for hyphenation, fonts and screen readers. */
  lang?: string | null;
  className?: string;
}) {
  const { source, hasMath } = useMemo(() => withDollarMath(text), [text]);
  const language = lang ?? undefined;
  if (raw || isTooLong(text))
    return (
      <div dir="auto" lang={language} className={cn("prose-raw", className)}>
        {text}
      </div>
    );
  return (
    <div dir="auto" lang={language} className={cn("prose", className)}>
      {hasMath ? (
        <Suspense fallback={<Rendered source={source} />}>
          <WithMath source={source} />
        </Suspense>
      ) : (
        <Rendered source={source} />
      )}
    </div>
  );
});

const isTooLong = (text: string) =>
  text.length > LONGEST_TEXT || text.split("\n").some((line) => line.length > LONGEST_LINE);
