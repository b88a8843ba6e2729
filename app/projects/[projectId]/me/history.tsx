"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import type { z } from "zod";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Input } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { useSaid } from "@/app/i18n/said";
import { useTRPC } from "@/app/trpc/client";
import { type historyRowSchema, historyStates } from "@/server/judgement/schema";
import { summaryOf } from "./summary";

type Row = z.infer<typeof historyRowSchema>;

/** Everything the rater did, newest first. The filter is in the address. */
export function History({ projectId }: { projectId: string }) {
  const t = useTranslations("me.history");
  const said = useSaid();
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
    <section aria-label={t("title")} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="me-auto text-sm font-semibold">{t("title")}</h2>
        <Segmented
          label={t("show")}
          value={state ?? "all"}
          onChange={(value) => go("state", value === "all" ? "" : value)}
          options={[
            { value: "all", label: t("all") },
            ...historyStates.map((one) => ({ value: one, label: t(one) })),
          ]}
        />
        <div className="relative">
          <Search
            aria-hidden="true"
            className="absolute start-2 top-1/2 size-4 -translate-y-1/2 text-muted"
          />
          <Input
            type="search"
            aria-label={t("searchLabel")}
            placeholder={t("search")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="w-48 ps-7"
          />
        </div>
      </div>
      {query.isError && (
        <p role="alert" className="text-sm text-bad">
          {said(query.error.message)}
        </p>
      )}
      {query.isSuccess && rows.length === 0 ? (
        <Empty title={t(state || search ? "noneFits" : "none")}>
          {t(state || search ? "choose" : "appears")}
        </Empty>
      ) : (
        <div className="overflow-hidden rounded-lg border bg-surface" aria-busy={query.isFetching}>
          <Table label={t("table")}>
            <thead>
              <tr>
                <Th>{t("prompt")}</Th>
                <Th>{t("judgement")}</Th>
                <Th numeric className="max-md:hidden">
                  {t("time")}
                </Th>
                <Th numeric>{t("when")}</Th>
                <Th>
                  <span className="sr-only">{t("action")}</span>
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
          {t("older")}
        </Button>
      )}
    </section>
  );
}

function HistoryRow({ row, projectId }: { row: Row; projectId: string }) {
  const t = useTranslations("me.history");
  const me = useTranslations("me");
  const say = useTranslations("question");
  const said = useSaid();
  const format = useFormatter();
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
            <span className="text-muted">{t("skippedBecause", { reason: said(row.skipReason ?? "") })}</span>
          ) : (
            row.answers && summaryOf(row.answers, say)
          )}
          {row.status === "returned" && <Badge tone="warn">{t("sentBack")}</Badge>}
          {row.flagReason && <Badge tone="warn">{t("isFlagged")}</Badge>}
          {row.revision !== null && row.revision > 1 && (
            <Badge>{t("revision", { number: row.revision })}</Badge>
          )}
        </span>
      </Td>
      <Td numeric className="max-md:hidden">
        {row.visibleMs === null ? "" : me("seconds", { seconds: Math.round(row.visibleMs / 1000) })}
      </Td>
      <Td numeric>
        <time
          dateTime={row.at.toISOString()}
          title={format.dateTime(row.at, { dateStyle: "medium", timeStyle: "medium" })}
        >
          {format.dateTime(row.at, {
            month: "short",
            day: "numeric",
            hour: "2-digit",
            minute: "2-digit",
            hourCycle: "h23",
          })}
        </time>
      </Td>
      {/* Relative, or what only screen readers get would widen the page. */}
      <Td className="relative">
        {row.status !== "skipped" && (
          <Link
            href={`/projects/${projectId}/desk?seat=${row.assignmentId}`}
            className="whitespace-nowrap text-accent underline-offset-2 hover:underline"
          >
            {t.rich("change", {
              excerpt: row.excerpt.slice(0, 60),
              rest: (chunks) => <span className="sr-only">{chunks}</span>,
            })}
          </Link>
        )}
      </Td>
    </Tr>
  );
}
