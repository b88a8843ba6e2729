"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Input } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import type { ColumnMapping } from "@/server/import/schema";

/** The project's mappings by name: to use one, to keep the one at hand, to rename and delete. */
export function SavedMappings({
  projectId,
  mapping,
  onUse,
}: {
  projectId: string;
  /** The one at hand, where it can be saved. */
  mapping: ColumnMapping | undefined;
  onUse: (mapping: ColumnMapping) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const saved = useQuery(trpc.import.mappings.queryOptions({ projectId }));
  const onSuccess = () =>
    client.invalidateQueries({ queryKey: trpc.import.mappings.queryKey({ projectId }) });
  const save = useMutation(trpc.import.saveMapping.mutationOptions({ onSuccess }));
  const change = useMutation(trpc.import.changeMapping.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.import.deleteMapping.mutationOptions({ onSuccess }));
  const [name, setName] = useState("");
  const trouble = save.error ?? change.error ?? remove.error;
  const known = saved.data ?? [];
  if (known.length === 0 && !mapping) return null;
  return (
    <Section title="Saved mappings">
      {known.length > 0 && (
        <ul className="flex max-w-2xl flex-col divide-y rounded-md border bg-surface">
          {known.map((one) => (
            <SavedMapping
              key={one.id}
              name={one.name}
              onUse={() => onUse(one.mapping)}
              onRename={(to) => change.mutate({ projectId, mappingId: one.id, name: to })}
              onReplace={mapping && (() => change.mutate({ projectId, mappingId: one.id, mapping }))}
              onDelete={() => remove.mutate({ projectId, mappingId: one.id })}
            />
          ))}
        </ul>
      )}
      {mapping && (
        <form
          className="flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate({ projectId, name, mapping }, { onSuccess: () => setName("") });
          }}
        >
          <Input
            aria-label="Name of this mapping"
            placeholder="Name, such as Clinic exports"
            value={name}
            maxLength={120}
            onChange={(event) => setName(event.target.value)}
            className="w-64"
          />
          <Button type="submit" busy={save.isPending} disabled={name.trim() === ""}>
            Save this mapping
          </Button>
        </form>
      )}
      {trouble && (
        <p role="alert" className="text-sm text-bad">
          {trouble.message}
        </p>
      )}
    </Section>
  );
}

function SavedMapping({
  name,
  onUse,
  onRename,
  onReplace,
  onDelete,
}: {
  name: string;
  onUse: () => void;
  onRename: (name: string) => void;
  onReplace: (() => void) | undefined;
  onDelete: () => void;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft !== null)
    return (
      <li className="px-3 py-1.5">
        <form
          className="flex flex-wrap items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            onRename(draft);
            setDraft(null);
          }}
        >
          <Input
            aria-label={`New name of ${name}`}
            value={draft}
            maxLength={120}
            onChange={(event) => setDraft(event.target.value)}
            className="w-64"
          />
          <Button type="submit" size="sm" disabled={draft.trim() === ""}>
            Rename
          </Button>
          <Button size="sm" variant="ghost" onClick={() => setDraft(null)}>
            Cancel
          </Button>
        </form>
      </li>
    );
  return (
    <li className="flex flex-wrap items-center gap-2 px-3 py-1.5 text-sm">
      <span className="min-w-0 flex-1 break-words font-medium">{name}</span>
      <Button size="sm" aria-label={`Use ${name}`} onClick={onUse}>
        Use
      </Button>
      {onReplace && (
        <Button
          size="sm"
          variant="ghost"
          aria-label={`Replace ${name} by the mapping above`}
          onClick={onReplace}
        >
          Replace
        </Button>
      )}
      <Button size="sm" variant="ghost" aria-label={`Rename ${name}`} onClick={() => setDraft(name)}>
        Rename
      </Button>
      <Button size="sm" variant="ghost" aria-label={`Delete ${name}`} onClick={onDelete}>
        Delete
      </Button>
    </li>
  );
}
