"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { useDeferredValue, useState } from "react";
import { Markdown } from "@/app/components/markdown/markdown";
import { Button } from "@/app/components/ui/button";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { useToast } from "@/app/components/ui/toast";
import { useAgo } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import type { AppRouter } from "@/server/root";

type Version = inferRouterOutputs<AppRouter>["project"]["guidelines"][number];

/** The guidelines as markdown beside how they read; each save is a new version, and each judgement keeps its own. */
export function GuidelinesEditor({
  projectId,
  versions,
}: {
  projectId: string;
  /** Newest first. */
  versions: readonly Version[];
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const ago = useAgo();
  const [newest] = versions;
  const [text, setText] = useState(newest?.markdown ?? "");
  const shown = useDeferredValue(text);
  const save = useMutation(
    trpc.project.addGuidelines.mutationOptions({
      onSuccess: async ({ version }) => {
        toast({ title: `Version ${version} is in force for every task that is taken from now on.` });
        await client.invalidateQueries({ queryKey: trpc.project.pathKey() });
      },
    }),
  );
  const isChanged = text !== (newest?.markdown ?? "");
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ projectId, markdown: text });
      }}
    >
      <div className="flex flex-wrap items-end gap-3">
        {versions.length > 0 && (
          <Field label="Begin from" className="w-64">
            {(control) => (
              <Select
                {...control}
                defaultValue={newest?.id}
                onChange={(event) => {
                  const chosen = versions.find(({ id }) => id === event.target.value);
                  if (chosen) setText(chosen.markdown);
                }}
              >
                {versions.map((version) => (
                  <option key={version.id} value={version.id} suppressHydrationWarning>
                    v{version.version}
                    {version === newest ? ", in force" : ""}, {ago(version.createdAt)}
                    {version.createdBy ? `, ${version.createdBy.name}` : ""}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Button type="submit" variant="primary" disabled={!isChanged} busy={save.isPending}>
          Save as version {(newest?.version ?? 0) + 1}
        </Button>
        <p className="text-sm text-muted">
          {isChanged
            ? "Not saved yet."
            : newest
              ? "This version is in force."
              : "There are no guidelines yet."}
        </p>
      </div>
      {save.error && (
        <p role="alert" className="text-sm text-bad">
          {save.error.message}
        </p>
      )}
      <div className="grid gap-4 lg:grid-cols-2">
        <Textarea
          aria-label="Guidelines, as markdown"
          placeholder="What makes a response better? What matters most, what does not matter? Give examples."
          maxLength={200_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="field-sizing-content min-h-96 font-mono text-sm"
        />
        <section aria-label="Preview" className="min-h-40 rounded-md border bg-surface px-4 py-3">
          {shown.trim() ? (
            <Markdown text={shown} />
          ) : (
            <p className="text-sm text-muted">The guidelines appear here as raters read them.</p>
          )}
        </section>
      </div>
    </form>
  );
}
