"use client";
import { Info } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { type FigureId, figures } from "@/server/figure/schema";
import { Button } from "./ui/button";

/** A number with its name, its n, what was left out, and its entry in the catalogue on demand. */
export function Figure({
  id,
  name,
  value,
  note,
  leftOut = [],
}: {
  id: FigureId;
  /** Where the catalogue's name says more than this number is. */
  name?: string;
  value: string;
  note: string;
  leftOut?: readonly string[];
}) {
  return (
    <div>
      <dt className="text-xs text-muted">
        <FigureName id={id}>{name}</FigureName>
      </dt>
      <dd className="text-lg font-semibold tabular">{value}</dd>
      <dd className="text-xs text-muted tabular">{note}</dd>
      {leftOut.length > 0 && <dd className="text-xs text-muted tabular">left out: {leftOut.join(", ")}</dd>}
    </div>
  );
}

/** The name of a number, and a button that says what it is: of what a share, what counts, what does not, the query. */
export function FigureName({ id, children }: { id: FigureId; children?: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {children ?? figures[id].name}
      <FigureInfo id={id} />
    </span>
  );
}

/** The button alone, for a place that names the number already. */
export function FigureInfo({ id }: { id: FigureId }) {
  const { name, is, counts, leftOut, interval, ...entry } = figures[id];
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button size="icon" variant="ghost" className="size-5" aria-label={`What “${name}” is`}>
          <Info aria-hidden="true" className="size-3" />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={name}
          sideOffset={4}
          collisionPadding={8}
          className="animate-appear scroll-thin z-50 flex max-h-[min(36rem,var(--radix-popover-content-available-height))] w-[min(30rem,calc(100vw-1rem))] flex-col gap-2 overflow-y-auto rounded-md border bg-raised p-3 text-start text-sm font-normal text-ink shadow-pop"
        >
          <p>{is}</p>
          <dl className="flex flex-col gap-2 text-xs">
            <Fact name="Counts">{counts}</Fact>
            <Fact name="Left out">{leftOut}</Fact>
            {interval && <Fact name="Interval">{interval}</Fact>}
            {"query" in entry && (
              <Fact name="The same asked of the database">
                <code className="mt-1 block whitespace-pre-wrap break-words rounded bg-hover p-2">
                  {entry.query}
                </code>
              </Fact>
            )}
            <Fact name="Computed by">
              <code>{entry.by}</code>
            </Fact>
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  );
}
