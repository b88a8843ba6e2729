import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { type FigureId, figures } from "@/server/figure/schema";

/** What the catalogue says of a number, in a box at its button; open from the beginning. */
export default function FigureEntry({
  id,
  name,
  trigger,
}: {
  id: FigureId;
  name: string;
  trigger: ReactNode;
}) {
  const { is, counts, leftOut, interval, by, ...entry } = figures[id];
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
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
              <code>{by}</code>
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
