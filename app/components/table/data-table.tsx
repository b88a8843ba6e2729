"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from "react";
import type { FigureId } from "@/server/figure/schema";
import { FigureInfo } from "../figure";
import { cn } from "../ui/cn";
import { Checkbox } from "../ui/field";
import { Td, Th } from "../ui/table";
import { isTyping } from "./filters";

export interface Column<Row> {
  id: string;
  header: string;
  /** A class that sets the width, such as `w-24`. One column without takes what is left. */
  width?: string;
  numeric?: boolean;
  /** Left out on a phone: the detail has it too. */
  wideOnly?: boolean;
  sortable?: boolean;
  /** Its entry in the catalogue of figures. */
  figure?: FigureId;
  cell: (row: Row) => ReactNode;
}

interface Sorting {
  column: string;
  direction: "asc" | "desc";
}

interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  /** Those loaded so far. */
  rows: readonly Row[];
  idOf: (row: Row) => string;
  /** How many there are, loaded or not. */
  total: number | undefined;
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
  /** The row whose detail is open; j and k then turn over the details. */
  openId?: string | null;
  onOpen: (row: Row) => void;
  sorting?: Sorting;
  onSort?: (column: string) => void;
  /** Ids of the ticked rows. */
  ticked?: ReadonlySet<string>;
  onTick?: (ids: ReadonlySet<string>) => void;
  /** Whether a row can be ticked; all can, if not given. */
  mayTick?: (row: Row) => boolean;
  /** What rows beside each other have in common: a line says it above them. */
  groupOf?: (row: Row) => string;
  /** More keys, given the row that the cursor is on. */
  actions?: Readonly<Record<string, (row: Row) => void>>;
  /** False while something else has the keyboard, such as a dialog. */
  keys: boolean;
}

const ROW_HEIGHT = 36;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 40;

/**
 * A table of any length: only the rows in view are in the page, further pages load as one scrolls. Keys: j and k (or
 * arrows) move, Enter opens, x or space ticks.
 */
export function DataTable<Row>({
  label,
  columns,
  rows,
  idOf,
  total,
  hasMore,
  isLoading,
  onMore,
  openId,
  onOpen,
  sorting,
  onSort,
  ticked,
  onTick,
  mayTick = () => true,
  groupOf,
  actions,
  keys,
}: DataTableProps<Row>) {
  const box = useRef<HTMLElement>(null);
  const [cursor, setCursor] = useState(0);
  const takesFocus = useRef(false);
  const { lines, lineOf } = linesOf(rows, groupOf);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // What the server renders before there is a box to measure.
    initialRect: { width: 1200, height: 900 },
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const wantsMore = hasMore && !isLoading && last >= lines.length - AHEAD;
  const more = useEffectEvent(onMore);
  useEffect(() => {
    if (wantsMore) more();
  }, [wantsMore]);

  const open = openId ? rows.findIndex((row) => idOf(row) === openId) : -1;
  const here = open >= 0 ? open : Math.min(cursor, Math.max(0, rows.length - 1));

  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, here + by));
    const row = rows[next];
    if (!row) return;
    setCursor(next);
    virtual.scrollToIndex(lineOf[next]);
    if (openId) onOpen(row);
    else takesFocus.current = true;
  };
  const tick = (row: Row) => {
    if (!ticked || !onTick || !mayTick(row)) return;
    const id = idOf(row);
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    onTick(next);
  };

  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!keys || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event))
      return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.closest("[role=menu], [role=alertdialog]")) return;
    const inside = box.current?.contains(target) === true;
    const row = rows[here];
    const act = (() => {
      switch (event.key) {
        case "j":
          return () => move(1);
        case "k":
          return () => move(-1);
        case "ArrowDown":
          return inside && (() => move(1));
        case "ArrowUp":
          return inside && (() => move(-1));
        case "PageDown":
          return inside && (() => move(20));
        case "PageUp":
          return inside && (() => move(-20));
        case "Home":
          return inside && (() => move(-rows.length));
        case "Enter":
          return (target === document.body || target.matches("tr")) && row && (() => onOpen(row));
        case "x":
          return !openId && row && onTick && (() => tick(row));
        case " ":
          // Elsewhere it presses the button that has the focus.
          return (target === document.body || target.matches("tr")) && row && onTick && (() => tick(row));
        default: {
          const action = actions?.[event.key];
          return action && row && (() => action(row));
        }
      }
    })();
    if (!act) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  useEffect(() => {
    if (!takesFocus.current) return;
    const row = box.current?.querySelector<HTMLElement>(`tr[data-index="${cursor}"]`);
    if (!row) return;
    takesFocus.current = false;
    row.focus({ preventScroll: true });
  });

  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  const tickable = onTick ? rows.filter(mayTick) : [];
  const allTicked =
    ticked !== undefined && tickable.length > 0 && tickable.every((row) => ticked.has(idOf(row)));
  return (
    <section
      ref={box}
      aria-label={label}
      aria-busy={isLoading}
      className="scroll-thin min-h-0 flex-1 overflow-auto border-t"
    >
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows take the focus
        role="grid"
        aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-sm"
      >
        <thead>
          <tr aria-rowindex={1}>
            {onTick && (
              <Th className="w-10 ps-4 md:ps-6">
                <Checkbox
                  aria-label="Tick all rows that are loaded"
                  checked={allTicked}
                  onCheckedChange={() => onTick(new Set(allTicked ? [] : tickable.map(idOf)))}
                />
              </Th>
            )}
            {columns.map((column, index) => (
              <Th
                key={column.id}
                numeric={column.numeric}
                sorted={sorting?.column === column.id && sorting.direction}
                aside={column.figure && <FigureInfo id={column.figure} />}
                onSort={column.sortable && onSort ? () => onSort(column.id) : undefined}
                className={cn(
                  column.width,
                  column.wideOnly && "max-md:hidden",
                  !onTick && index === 0 && "ps-4 md:ps-6",
                  index === columns.length - 1 && "pe-4 md:pe-6",
                )}
              >
                {column.header}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Gap height={before} />}
          {shown.map(({ index: line }) => {
            const { index, group } = lines[line];
            if (group !== undefined)
              return (
                <tr key={`group ${line}`}>
                  <th
                    scope="rowgroup"
                    colSpan={columns.length + (onTick ? 1 : 0)}
                    className="h-9 truncate border-b bg-sunken px-4 text-start text-xs font-semibold md:px-6"
                  >
                    {group}
                  </th>
                </tr>
              );
            const row = rows[index];
            if (row === undefined) return null;
            const id = idOf(row);
            const isOpen = id === openId;
            const isTicked = ticked?.has(id) ?? false;
            return (
              <tr
                key={id}
                data-index={index}
                aria-rowindex={index + 2}
                aria-selected={isOpen || isTicked}
                tabIndex={index === here ? 0 : -1}
                onFocus={() => setCursor(index)}
                onClick={(event) => {
                  if (event.target instanceof HTMLElement && event.target.closest("a, button")) return;
                  onOpen(row);
                }}
                className={cn(
                  "cursor-pointer -outline-offset-2 hover:bg-hover/60",
                  (isOpen || isTicked) && "bg-accent-wash hover:bg-accent-wash",
                )}
              >
                {onTick && (
                  <Td className="h-9 py-0 ps-4 align-middle md:ps-6">
                    {mayTick(row) && (
                      <Checkbox
                        aria-label="Tick this row"
                        tabIndex={-1}
                        checked={isTicked}
                        onCheckedChange={() => tick(row)}
                        className="block"
                      />
                    )}
                  </Td>
                )}
                {columns.map((column, place) => (
                  <Td
                    key={column.id}
                    numeric={column.numeric}
                    className={cn(
                      "h-9 truncate py-0 align-middle",
                      column.wideOnly && "max-md:hidden",
                      !onTick && place === 0 && "ps-4 md:ps-6",
                      place === columns.length - 1 && "pe-4 md:pe-6",
                    )}
                  >
                    {column.cell(row)}
                  </Td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
      {hasMore && <p className="px-6 py-2 text-xs text-muted">Loading more…</p>}
    </section>
  );
}

/** What stands below each other: rows, and a line above those that have something in common. */
function linesOf<Row>(rows: readonly Row[], groupOf: ((row: Row) => string) | undefined) {
  const lines: { index: number; group?: string }[] = [];
  const lineOf: number[] = [];
  let above: string | undefined;
  for (const [index, row] of rows.entries()) {
    const group = groupOf?.(row);
    if (group !== undefined && group !== above) lines.push({ index, group });
    above = group;
    lineOf.push(lines.length);
    lines.push({ index });
  }
  return { lines, lineOf };
}

/** Holds the place of the rows that are not in the page. */
function Gap({ height }: { height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus
    <tr aria-hidden="true">
      <td className="border-0 p-0" style={{ height }} />
    </tr>
  );
}
