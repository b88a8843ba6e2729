"use client";
import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Checkbox, Input } from "../ui/field";

export interface ColumnOffer {
  id: string;
  label: string;
  /** What columns of its kind are called together. */
  kind: string;
}

/** Which columns a table shows, and in which order. */
export function ColumnChooser({
  offers,
  chosen,
  onChange,
  onOpen,
}: {
  offers: readonly ColumnOffer[];
  /** Ids in their order. */
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  /** It was opened: now the offers have to be known. */
  onOpen?: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const labelOf = (id: string) => offers.find((offer) => offer.id === id)?.label ?? id;
  const move = (place: number, by: number) => {
    const next = [...chosen];
    const [id] = next.splice(place, 1);
    next.splice(place + by, 0, id);
    onChange(next);
  };
  const found = offers.filter(({ label }) => label.toLowerCase().includes(search.trim().toLowerCase()));
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return (
    <>
      <Button
        size="sm"
        onClick={() => {
          onOpen?.();
          setOpen(true);
        }}
      >
        <Columns3 aria-hidden="true" />
        Columns
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title="Columns"
        footer={<Button onClick={() => setOpen(false)}>Done</Button>}
      >
        <ol aria-label="Shown, in this order" className="mb-4 flex flex-col">
          {chosen.map((id, place) => (
            <li key={id} className="flex items-center gap-1 text-sm">
              <Checkbox
                aria-label={`Show ${labelOf(id)}`}
                checked
                onCheckedChange={() => onChange(chosen.filter((other) => other !== id))}
              />
              <span className="min-w-0 flex-1 truncate ps-1">{labelOf(id)}</span>
              <IconButton
                label={`${labelOf(id)} earlier`}
                disabled={place === 0}
                onClick={() => move(place, -1)}
              >
                <ArrowUp />
              </IconButton>
              <IconButton
                label={`${labelOf(id)} later`}
                disabled={place === chosen.length - 1}
                onClick={() => move(place, 1)}
              >
                <ArrowDown />
              </IconButton>
            </li>
          ))}
        </ol>
        <Input
          type="search"
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        {kinds.map((kind) => (
          <fieldset key={kind} className="mt-3">
            <legend className="text-xs font-medium text-muted">{kind}</legend>
            <div className="grid gap-x-4 sm:grid-cols-2">
              {found
                .filter((offer) => offer.kind === kind)
                .map(({ id, label }) => (
                  <div key={id} className="flex min-h-7 items-center gap-2 text-sm">
                    <Checkbox
                      id={`column ${id}`}
                      checked={chosen.includes(id)}
                      onCheckedChange={(on) =>
                        onChange(on === true ? [...chosen, id] : chosen.filter((other) => other !== id))
                      }
                    />
                    <label htmlFor={`column ${id}`} className="min-w-0 flex-1 truncate" title={label}>
                      {label}
                    </label>
                  </div>
                ))}
            </div>
          </fieldset>
        ))}
      </Dialog>
    </>
  );
}
