"use client";
import { Info } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { FigureId } from "@/server/figure/schema";
import { useFigureNames } from "./figure-names";
import { Button } from "./ui/button";

/** Loaded with the first one that is asked for. */
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
  const [wanted, setWanted] = useState(false);
  const button = (
    <Button
      size="icon"
      variant="ghost"
      className="size-5"
      aria-label={`What “${name}” is`}
      aria-haspopup="dialog"
      onClick={() => setWanted(true)}
    >
      <Info aria-hidden="true" className="size-3" />
    </Button>
  );
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <FigureEntry id={id} name={name} trigger={button} />
    </Suspense>
  );
}

const Unreachable = () => <span className="text-bad">It did not come. Load the page again.</span>;
