"use client";
import type { ReactNode } from "react";
import { cn } from "../ui/cn";
import { Kbd } from "../ui/kbd";

/** A radio button or checkbox that looks like a key: the native control stays, so every assistive tool knows it. */
export function Option({
  type,
  name,
  checked,
  onSelect,
  hint,
  label,
  tone = "accent",
  className,
  children,
}: {
  type: "radio" | "checkbox";
  name: string;
  checked: boolean;
  onSelect: () => void;
  /** The key that selects it, while it is live; two keys with a blank between. */
  hint?: string;
  label: string;
  tone?: "accent" | "bad";
  className?: string;
  children?: ReactNode;
}) {
  return (
    <label
      className={cn(
        "touch-target relative inline-flex min-h-7 cursor-pointer select-none items-center justify-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-sm hover:bg-hover",
        "has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2",
        checked && tone === "accent" && "border-accent bg-accent font-medium text-accent-ink hover:bg-accent",
        checked && tone === "bad" && "border-bad bg-bad font-medium text-bad-ink hover:bg-bad",
        className,
      )}
    >
      <input
        type={type}
        name={name}
        checked={checked}
        onChange={onSelect}
        aria-label={label}
        aria-keyshortcuts={hint}
        className="absolute inset-0 z-10 cursor-pointer opacity-0"
      />
      {children ?? <bdi>{label}</bdi>}
      {hint?.split(" ").map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </label>
  );
}
