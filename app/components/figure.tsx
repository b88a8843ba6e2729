"use client";
import { Info } from "lucide-react";
import { Popover } from "radix-ui";
import { lazy, type ReactNode, Suspense } from "react";
import type { FigureId } from "@/server/figure/schema";
import { useFigureNames } from "./figure-names";
import { Button } from "./ui/button";

const FigureEntry = lazy(() => import("./figure-entry").catch(() => ({ default: Unreachable })));

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
  const names = useFigureNames();
  return (
    <span className="inline-flex items-center gap-0.5">
      {children ?? names[id]}
      <FigureInfo id={id} />
    </span>
  );
}

/** The button alone, for a place that names the number already. */
export function FigureInfo({ id }: { id: FigureId }) {
  const name = useFigureNames()[id];
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
          <Suspense fallback={<p className="text-muted">…</p>}>
            <FigureEntry id={id} />
          </Suspense>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const Unreachable = () => <p className="text-bad">It did not come. Load the page again.</p>;
