"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Markdown } from "@/app/components/markdown/markdown";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Segmented } from "@/app/components/ui/segmented";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Message } from "@/db/shape/content";
import type { DatasetRow } from "@/db/shape/dataset";
import type { Split } from "@/db/shape/dataset-kinds";

const PAGE = 5;
const options = [
  { value: "train", label: "train" },
  { value: "validation", label: "validation" },
  { value: "test", label: "test" },
] as const;

/** The rows themselves, a few at a time, in frozen order. */
export function Samples({ projectId, versionId }: { projectId: string; versionId: string }) {
  const trpc = useTRPC();
  const [split, setSplit] = useState<Split>("train");
  // Where each page seen so far began, so that one can go back.
  const [starts, setStarts] = useState<readonly number[]>([-1]);
  const rows = useQuery(
    trpc.dataset.rows.queryOptions(
      { projectId, versionId, split, afterIndex: starts.at(-1) ?? -1, limit: PAGE },
      { placeholderData: keepPreviousData },
    ),
  );
  const last = rows.data?.at(-1);
  return (
    <div className="flex flex-col gap-3" aria-busy={rows.isFetching}>
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label="Split"
          value={split}
          onChange={(next) => {
            setSplit(next);
            setStarts([-1]);
          }}
          options={options}
        />
        <Button size="sm" disabled={starts.length === 1} onClick={() => setStarts((all) => all.slice(0, -1))}>
          Back
        </Button>
        <Button
          size="sm"
          disabled={!last || (rows.data?.length ?? 0) < PAGE}
          onClick={() => last && setStarts((all) => [...all, last.index])}
        >
          Next
        </Button>
      </div>
      {rows.data?.length === 0 && <p className="text-sm text-muted">No row of this version is in {split}.</p>}
      {rows.data?.map(({ index, row, annotationIds }) => (
        <article key={row.id} className="rounded-lg border bg-surface">
          <header className="flex flex-wrap gap-2 border-b px-3 py-1.5 text-xs text-muted tabular">
            <span>#{index}</span>
            <span className="font-mono">{row.id}</span>
            <span>
              {counted(row.annotators, "annotator")}, {counted(annotationIds.length, "annotation")}
            </span>
            {"margin" in row && row.margin !== undefined && <span>margin {row.margin}</span>}
          </header>
          <div className="grid gap-3 p-3 lg:grid-cols-2">
            <Conversation className="lg:col-span-2" messages={row.prompt} />
            {replies(row).map(({ name, tone, messages }) => (
              <div key={name} className="min-w-0">
                <Badge tone={tone}>{name}</Badge>
                <Conversation messages={messages} />
              </div>
            ))}
          </div>
        </article>
      ))}
    </div>
  );
}

interface Reply {
  name: string;
  tone: "good" | "bad" | "neutral";
  messages: readonly Message[];
}

function replies(row: DatasetRow): Reply[] {
  if ("chosen" in row)
    return [
      { name: "chosen", tone: "good", messages: row.chosen },
      { name: "rejected", tone: "bad", messages: row.rejected },
    ];
  if ("completions" in row)
    return row.completions.map((messages, i) => ({
      name: `rank ${row.ranks[i]} (${i + 1})`,
      tone: "neutral",
      messages,
    }));
  if ("label" in row)
    return [{ name: row.label ? "good" : "bad", tone: row.label ? "good" : "bad", messages: row.completion }];
  return [{ name: "completion", tone: "neutral", messages: row.completion }];
}

function Conversation({ messages, className }: { messages: readonly Message[]; className?: string }) {
  return (
    <div className={className}>
      {messages.map(({ role, content }, i) => (
        <div key={`${role}${i}`} className="min-w-0">
          {messages.length > 1 && <p className="text-xs font-medium text-muted">{role}</p>}
          <Markdown text={content} />
        </div>
      ))}
    </div>
  );
}
