import { ArrowDown, ArrowUp } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

/** A dense table in a box that scrolls sideways by itself, so that the page never does. */
export function Table({ className, label, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="scroll-thin overflow-x-auto">
      <table className={cn("w-full border-separate border-spacing-0 text-sm", className)} {...rest} />
    </section>
  );
}

export function Th({
  className,
  numeric,
  sorted,
  onSort,
  aside,
  children,
  ...rest
}: ComponentProps<"th"> & {
  numeric?: boolean;
  sorted?: "asc" | "desc" | false;
  onSort?: () => void;
  /** Stands beside the name, and does not sort. */
  aside?: ReactNode;
  children?: ReactNode;
}) {
  const Arrow = sorted === "asc" ? ArrowUp : ArrowDown;
  const name = onSort ? (
    <button
      type="button"
      onClick={onSort}
      className={cn("inline-flex items-center gap-1 hover:text-ink", sorted && "text-ink")}
    >
      {children}
      <Arrow aria-hidden="true" className={cn("size-3", !sorted && "invisible")} />
    </button>
  ) : (
    children
  );
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted === "asc" ? "ascending" : "descending") : undefined}
      className={cn(
        "sticky top-0 z-10 whitespace-nowrap border-b bg-canvas px-3 py-1.5 text-start text-xs font-medium text-muted",
        numeric && "text-end",
        className,
      )}
      {...rest}
    >
      {aside ? (
        <span className="inline-flex items-center gap-0.5">
          {name}
          {aside}
        </span>
      ) : (
        name
      )}
    </th>
  );
}

export function Tr({ className, selected, ...rest }: ComponentProps<"tr"> & { selected?: boolean }) {
  return (
    <tr
      aria-selected={selected}
      className={cn("group hover:bg-hover/60", selected && "bg-accent-wash hover:bg-accent-wash", className)}
      {...rest}
    />
  );
}

export function Td({ className, numeric, ...rest }: ComponentProps<"td"> & { numeric?: boolean }) {
  return (
    <td
      className={cn(
        "border-b px-3 py-1.5 align-top group-last:border-b-0",
        numeric && "whitespace-nowrap text-end tabular",
        className,
      )}
      {...rest}
    />
  );
}
