"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import type { z } from "zod";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Input } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useTRPC } from "@/app/trpc/client";
import { type historyRowSchema, historyStates } from "@/server/judgement/schema";
import { summaryOf } from "./summary";

type Row = z.infer<typeof historyRowSchema>;

const names = { submitted: "Judged", returned: "Sent back", flagged: "Flagged", skipped: "Skipped" };
const options = [
  { value: "all", label: "All" },
  ...historyStates.map((state) => ({ value: state, label: names[state] })),
];

/** Everything the rater did, newest first. The filter is in the address. */
export function History({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const address = useSearchParams();
  const router = useRouter();
  const here = usePathname();
  const state = historyStates.find((one) => one === address.get("state"));
  const search = address.get("search") ?? "";
  const [typed, setTyped] = useState(search);

  const go = (name: string, value: string) => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    router.replace(`${here}?${next}`, { scroll: false });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => go("search", typed), 250);
    return () => clearTimeout(timer);
  }, [typed]);

  const query = useInfiniteQuery(
    trpc.annotation.history.infiniteQueryOptions(
      { projectId, state, search: search || undefined },
      {
        getNextPageParam: (page) => page.nextCursor,
        placeholderData: (old) => old,
        refetchOnMount: "always",
      },
    ),
  );
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section aria-label="History" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="me-auto text-sm font-semibold">History</h2>
        <Segmented
          label="Show"
          value={state ?? "all"}
          onChange={(value) => go("state", value === "all" ? "" : value)}
          options={options}
        />
        <div className="relative">
          <Search
            aria-hidden="true"
            className="absolute start-2 top-1/2 size-4 -translate-y-1/2 text-muted"
          />
          <Input
            type="search"
            aria-label="Search in prompts"
            placeholder="Search"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="w-48 ps-7"
          />
        </div>
      </div>
      {query.isError && (
        <p role="alert" className="text-sm text-bad">
          {query.error.message}
        </p>
      )}
      {query.isSuccess && rows.length === 0 ? (
        <Empty title={state || search ? "Nothing fits this filter" : "Nothing judged yet"}>
          {state || search ? "Choose another one, or clear the search." : "What you judge appears here."}
        </Empty>
      ) : (
        <div className="overflow-hidden rounded-lg border bg-surface" aria-busy={query.isFetching}>
          <Table label="Your judgements">
            <thead>
              <tr>
                <Th>Prompt</Th>
                <Th>Judgement</Th>
                <Th numeric className="max-md:hidden">
                  Time
                </Th>
                <Th numeric>When</Th>
                <Th>
                  <span className="sr-only">Action</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <HistoryRow key={row.assignmentId} row={row} projectId={projectId} />
              ))}
            </tbody>
          </Table>
        </div>
      )}
      {query.hasNextPage && (
        <Button className="self-center" busy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Show older
        </Button>
      )}
    </section>
  );
}

function HistoryRow({ row, projectId }: { row: Row; projectId: string }) {
  return (
    <Tr>
      <Td className="w-full min-w-44 max-w-0">
        <p dir="auto" className="truncate">
          {row.excerpt}
        </p>
      </Td>
      <Td className="whitespace-nowrap">
        <span className="inline-flex items-center gap-1.5">
          {row.status === "skipped" ? (
            <span className="text-muted">skipped: {row.skipReason}</span>
          ) : (
            row.answers && summaryOf(row.answers)
          )}
          {row.status === "returned" && <Badge tone="warn">sent back</Badge>}
          {row.flagReason && <Badge tone="warn">flagged</Badge>}
          {row.revision !== null && row.revision > 1 && <Badge>revision {row.revision}</Badge>}
        </span>
      </Td>
      <Td numeric className="max-md:hidden">
        {row.visibleMs === null ? "" : `${Math.round(row.visibleMs / 1000)} s`}
      </Td>
      <Td numeric>
        <time dateTime={row.at.toISOString()} title={row.at.toLocaleString("en")}>
          {row.at.toLocaleDateString("en", { month: "short", day: "numeric" })},{" "}
          {row.at.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hour12: false })}
        </time>
      </Td>
      <Td>
        {row.status !== "skipped" && (
          <Link
            href={`/projects/${projectId}/desk?seat=${row.assignmentId}`}
            className="text-accent underline-offset-2 hover:underline"
          >
            Change<span className="sr-only"> the judgement of “{row.excerpt.slice(0, 60)}”</span>
          </Link>
        )}
      </Td>
    </Tr>
  );
}
