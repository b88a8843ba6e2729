"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Field, Input } from "@/app/components/ui/field";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import type { AuditEntry } from "@/server/audit/schema";
import { placeOf } from "./place";

interface Filter {
  action: string;
  from: string;
  until: string;
  /** Whose changes; everybody's, if not given. */
  person?: { id: string; name: string };
}

/** Days as the input gives them; the filter runs from the first to the end of the last, in UTC. */
function queryOf({ action, from, until, person }: Filter) {
  const dayAfter = until && new Date(Date.parse(until) + 86_400_000).toISOString();
  return {
    ...(action && { action }),
    ...(person && { personId: person.id }),
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
              placeholder="person. or person.invite"
              className="w-48"
              list="audit-actions"
              value={filter.action}
              onChange={(event) => change({ action: event.target.value })}
            />
          )}
        </Field>
        <datalist id="audit-actions">
          {[...new Set(entries.flatMap(({ action }) => [action, `${action.split(".")[0]}.`]))]
            .sort()
            .map((action) => (
              <option key={action} value={action} />
            ))}
        </datalist>
        {filter.person && (
          <Button onClick={() => change({ person: undefined })}>
            {filter.person.name}
            <X aria-label="Everybody" />
          </Button>
        )}
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
            <Th>Project</Th>
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
                <Who entry={entry} onChoose={(person) => change({ person })} />
                {entry.tokenId && <span className="text-muted"> by token</span>}
              </Td>
              <Td>
                <code>{entry.action}</code>
              </Td>
              <Td>
                <Target entry={entry} />
              </Td>
              <Td>
                {entry.projectId && (
                  <span title={entry.projectId}>
                    {entry.projectName ?? <em className="text-muted">gone</em>}
                  </span>
                )}
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

/** Whose change it was, and a way to theirs alone. */
function Who({
  entry: { personId: id, personName: name },
  onChoose,
}: {
  entry: AuditEntry;
  onChoose: (person: Filter["person"]) => void;
}) {
  if (!id || !name) return "Concord itself";
  return (
    <button
      type="button"
      title="Only what they did"
      className="text-start hover:underline"
      onClick={() => onChoose({ id, name })}
    >
      {name}
    </button>
  );
}

/** What was changed, by its name, with a way there. */
function Target({ entry }: { entry: AuditEntry }) {
  const { targetKind, targetId, targetName } = entry;
  const place = placeOf(entry);
  const name = targetName ?? <code className="text-xs text-muted">{targetId}</code>;
  return (
    <span title={targetId}>
      {targetKind.replaceAll("_", " ")}{" "}
      {place ? (
        <Link href={place} prefetch={false} className="underline">
          {name}
        </Link>
      ) : (
        name
      )}
    </span>
  );
}

function Change({ before, after }: { before: unknown; after: unknown }) {
  if (before === null && after === null) return null;
  return (
    <details>
      <summary className="cursor-pointer whitespace-nowrap">
        {before === null ? "Made" : after === null ? "Removed" : "Changed"}
      </summary>
      <pre className="max-w-xl whitespace-pre-wrap break-all text-xs">
        {before !== null && `before ${JSON.stringify(before, null, 2)}\n`}
        {after !== null && `after ${JSON.stringify(after, null, 2)}`}
      </pre>
    </details>
  );
}
