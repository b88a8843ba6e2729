"use client";
import { Search, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import { Button } from "../ui/button";
import { cn } from "../ui/cn";
import { Input, Select } from "../ui/field";
import { Kbd } from "../ui/kbd";

/** The filters above a table, and how to be rid of them. */
export function FilterBar({
  children,
  active,
  onClear,
}: {
  children: ReactNode;
  /** How many filters narrow the table now. */
  active: number;
  onClear: () => void;
}) {
  // On a phone all but the first would leave no room for the table.
  const [isOpen, setOpen] = useState(false);
  return (
    <search
      className={cn(
        "flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6",
        !isOpen && "max-sm:[&>*:not(:first-child,[data-keep])]:hidden",
      )}
    >
      {children}
      <Button
        data-keep
        size="sm"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="sm:hidden"
      >
        <SlidersHorizontal aria-hidden="true" />
        {isOpen ? "Fewer filters" : active > 0 ? `Filters (${active})` : "Filters"}
      </Button>
      {active > 0 && (
        <Button data-keep variant="ghost" size="sm" onClick={onClear}>
          <X aria-hidden="true" />
          {active === 1 ? "Clear the filter" : `Clear ${active} filters`}
        </Button>
      )}
    </search>
  );
}

const PAUSE_MS = 250;

/** Words to search for; asked for when the typing pauses. */
export function SearchBox({
  label,
  value,
  onChange,
  hint,
  className,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
  /** The key that brings the caret here. */
  hint?: string;
  className?: string;
}) {
  const [text, setText] = useState(value ?? "");
  const [asked, setAsked] = useState(value ?? "");
  const box = useRef<HTMLInputElement>(null);
  // The address changed from elsewhere: back, or cleared filters.
  if ((value ?? "") !== asked) {
    setAsked(value ?? "");
    setText(value ?? "");
  }
  const ask = useEffectEvent(() => {
    if (text.trim() === asked) return;
    setAsked(text.trim());
    onChange(text.trim());
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each letter begins the pause anew
  useEffect(() => {
    const pause = setTimeout(ask, PAUSE_MS);
    return () => clearTimeout(pause);
  }, [text]);
  useEffect(() => {
    if (!hint) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key !== hint || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [hint]);
  return (
    <div className={cn("relative w-56 max-w-full max-sm:w-full", className)}>
      <Search aria-hidden="true" className="absolute start-2 top-1/2 size-4 -translate-y-1/2 text-muted" />
      <Input
        ref={box}
        type="search"
        aria-label={label}
        placeholder={label}
        aria-keyshortcuts={hint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="ps-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {hint && !text && <Kbd className="absolute end-2 top-1/2 -translate-y-1/2 text-muted">{hint}</Kbd>}
    </div>
  );
}

/** Whether a key press writes text, so that no shortcut may take it. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement &&
  event.target.closest(
    "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]",
  ) !== null;

export interface Choice {
  value: string;
  label: string;
  count?: number;
}

/** One of the values that occur, or all. A value of an old link stays choosable though it no longer occurs. */
export function FilterSelect({
  label,
  all,
  value,
  choices,
  onChange,
}: {
  label: string;
  /** What choosing nothing is called, such as "All languages". */
  all: string;
  value: string | undefined;
  choices: readonly Choice[];
  onChange: (value: string | null) => void;
}) {
  const known = !value || choices.some((choice) => choice.value === value);
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || null)}
      className={cn("w-auto max-w-52", value && "border-accent text-accent")}
    >
      <option value="">{all}</option>
      {!known && <option value={value}>{value}</option>}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
          {choice.count === undefined ? "" : ` (${choice.count.toLocaleString("en")})`}
        </option>
      ))}
    </Select>
  );
}
