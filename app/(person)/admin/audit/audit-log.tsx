"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";

interface Filter {
  action: string;
  from: string;
  until: string;
}

/** Days as the input gives them; the filter runs from the first to the end of the last, in UTC. */
function queryOf({ action, from, until }: Filter) {
  const dayAfter = until && new Date(Date.parse(until) + 86_400_000).toISOString();
  return {
    ...(action && { action }),
    ...(from && { from: new Date(from).toISOString() }),
    ...(dayAfter && { until: dayAfter }),
  };
}

/** Who changed what, and from what to what. */
export function AuditLog() {
  const trpc = useTRPC();
  const [filter, setFilter] = useState<Filter>({ action: "", from: "", until: "" });
  const query = queryOf(filter);
  const list = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(query, {
      getNextPageParam: (page) => page.nextCursor,
      placeholderData: keepPreviousData,
    }),
  );
  const entries = list.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  const address = (format: string) => `/api/audit/${format}?${new URLSearchParams(query)}`;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2 px-4 md:px-6">
        <Field label="Action">
          {(control) => (
            <Input
              {...control}
              placeholder="person.invite"
              className="w-48"
              value={filter.action}
              onChange={(event) => change({ action: event.target.value })}
            />
          )}
        </Field>
        <Field label="From">
          {(control) => (
            <Input
              {...control}
              type="date"
              value={filter.from}
              onChange={(event) => change({ from: event.target.value })}
            />
          )}
        </Field>
        <Field label="To">
          {(control) => (
            <Input
              {...control}
              type="date"
              value={filter.until}
              onChange={(event) => change({ until: event.target.value })}
            />
          )}
        </Field>
        <div className="ms-auto flex gap-2">
          <Button asChild>
            <a href={address("csv")}>CSV</a>
          </Button>
          <Button asChild>
            <a href={address("jsonl")}>JSONL</a>
          </Button>
        </div>
      </div>
      <Table label="Audit log">
        <thead>
          <tr>
            <Th>When</Th>
            <Th>Who</Th>
            <Th>Action</Th>
            <Th>On</Th>
            <Th>Change</Th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Tr key={entry.id}>
              <Td className="whitespace-nowrap tabular" suppressHydrationWarning>
                {entry.at.toLocaleString()}
              </Td>
              <Td>
                {entry.personName ?? "Concord itself"}
                {entry.tokenId && <span className="text-muted"> by token</span>}
              </Td>
              <Td>
                <code>{entry.action}</code>
              </Td>
              <Td>
                {entry.targetKind} <code className="text-xs text-muted">{entry.targetId}</code>
              </Td>
              <Td>
                <Change before={entry.before} after={entry.after} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {entries.length === 0 && list.isSuccess && <p className="px-6 text-muted">Nothing matches.</p>}
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}

function Change({ before, after }: { before: unknown; after: unknown }) {
  if (before === null && after === null) return null;
  return (
    <details>
      <summary className="cursor-pointer">
        {before === null ? "Made" : after === null ? "Removed" : "Changed"}
      </summary>
      <pre className="max-w-xl whitespace-pre-wrap break-all text-xs">
        {before !== null && `before ${JSON.stringify(before, null, 2)}\n`}
        {after !== null && `after ${JSON.stringify(after, null, 2)}`}
      </pre>
    </details>
  );
}
