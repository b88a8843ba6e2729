import type { ReactNode } from "react";
import { type FigureId, figures } from "@/server/figure/schema";

/** What the catalogue says of a number. */
export default function FigureEntry({ id }: { id: FigureId }) {
  const { is, counts, leftOut, interval, by, ...entry } = figures[id];
  return (
    <>
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
          <code>{by}</code>
        </Fact>
      </dl>
    </>
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
