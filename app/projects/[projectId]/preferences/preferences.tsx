"use client";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Download, Scale } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { FigureInfo } from "@/app/components/figure";
import { PageHeader } from "@/app/components/shell/page-header";
import { ColumnChooser } from "@/app/components/table/column-chooser";
import { DataTable } from "@/app/components/table/data-table";
import { SavedViews } from "@/app/components/table/saved-views";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { preferenceSorts } from "@/db/shape/review";
import { PAGE, preferencesAddress } from "./address";
import { columnsOf, offers } from "./columns";
import { type Curation, CurationDialog } from "./curation-dialog";
import { Filters } from "./filters";
import { ReopenDialog } from "./reopen-dialog";

/** With the markdown that it shows, loaded when the first one is opened. */
const TaskDetail = dynamic(() => import("./task-detail").then((detail) => detail.TaskDetail));

/** How many pages are kept up to date as judgements arrive. */
const LIVE_PAGES = 3;

/** Every pairwise judgement of the project: find, read, send back, exclude, take along as a file. */
export function Preferences({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [asked, address] = useAddress(preferencesAddress);
  const { task: openTask, preference: openRow, sort, order, columns, ...filter } = asked;
  const chosenColumns = columns.split(",").filter(Boolean);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [curation, setCuration] = useState<Curation | null>(null);
  const [reopening, setReopening] = useState(false);
  const list = useInfiniteQuery(
    trpc.review.preferences.infiniteQueryOptions(
      { projectId, ...filter, sort, order, limit: PAGE },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const count = useQuery(
    trpc.review.preferenceCount.queryOptions({ projectId, ...filter }, { placeholderData: keepPreviousData }),
  );
  const queue = useQuery(trpc.review.undecided.queryOptions({ projectId, limit: 1 }));
  const replies = useQuery(trpc.remark.waiting.queryOptions({ projectId }));
  const firstReply = replies.data?.[0];
  const refresh = () => client.invalidateQueries({ queryKey: trpc.review.pathKey() });
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      {
        onData: () => {
          // Every loaded page is read again: too much for whoever has scrolled far.
          if ((list.data?.pages.length ?? 0) <= LIVE_PAGES) void refresh();
          else void count.refetch();
          void replies.refetch();
        },
      },
    ),
  );
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = count.data?.total;
  const active = Object.values(filter).filter((value) => value !== undefined).length;
  const chosen = [
    ...new Set(rows.filter((row) => ticked.has(row.id)).map(({ annotationId }) => annotationId)),
  ];
  const openId = openRow ?? rows.find((row) => row.taskId === openTask)?.id;

  if (total === 0 && active === 0 && !count.isPlaceholderData && !openTask)
    return (
      <>
        <PageHeader title="Preferences" />
        <Empty
          icon={<Scale />}
          title="No preferences yet"
          action={
            <>
              <Button asChild variant="primary">
                <Link href={`/projects/${projectId}/desk`}>Judge a task</Link>
              </Button>
              {mayManage && (
                <Button asChild>
                  <Link href={`/projects/${projectId}/import`}>Import judgements</Link>
                </Button>
              )}
            </>
          }
        >
          Each comparison and each ranking that a rater submits appears here, pair by pair, as it arrives.
        </Empty>
      </>
    );
  return (
    <>
      <PageHeader
        title="Preferences"
        actions={
          <>
            {chosen.length > 0 && (
              <>
                <Button onClick={() => setCuration({ action: "sendBack", annotationIds: chosen })}>
                  Send {amount(chosen.length)} back…
                </Button>
                <Button onClick={() => setCuration({ action: "exclude", annotationIds: chosen })}>
                  Exclude {amount(chosen.length)}…
                </Button>
                <Button onClick={() => setCuration({ action: "include", annotationIds: chosen })}>
                  Include {amount(chosen.length)}…
                </Button>
              </>
            )}
            {mayManage && filter.raterId && (
              <Button onClick={() => setReopening(true)}>Reopen this rater’s work…</Button>
            )}
            {firstReply && (
              <Button onClick={() => address.visit({ task: firstReply.taskId, preference: null })}>
                {counted(replies.data?.length ?? 0, "new remark")}
              </Button>
            )}
            <Button asChild>
              <a href={csvAddress(projectId, { ...filter, sort, order })} download>
                <Download aria-hidden="true" />
                CSV
              </a>
            </Button>
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/preferences/adjudicate`}>
                Adjudicate{queue.data ? ` (${amount(queue.data.total)})` : ""}
              </Link>
            </Button>
          </>
        }
      >
        <div className="flex items-center gap-1 text-sm text-muted tabular">
          <p aria-live="polite">
            {total === undefined
              ? "Counting…"
              : `${amount(total)} ${active > 0 ? "match" : total === 1 ? "preference" : "preferences"}`}
          </p>
          <FigureInfo id="preferences" />
        </div>
      </PageHeader>
      <Filters projectId={projectId} filter={filter} active={active} onChange={address.set}>
        <ColumnChooser
          offers={offers}
          chosen={chosenColumns}
          // Without any the verdict is left: an address without columns means those at first.
          onChange={(ids) => address.set({ columns: ids.join(",") || "strength" })}
        />
        <SavedViews projectId={projectId} page="preferences" />
      </Filters>
      {(list.error ?? count.error) && (
        <p role="alert" className="px-6 py-2 text-bad">
          {(list.error ?? count.error)?.message}
        </p>
      )}
      {rows.length === 0 && list.isSuccess && !list.isPlaceholderData ? (
        <Empty title="No preference matches">Search for other words, or clear the filters.</Empty>
      ) : (
        <DataTable
          label="Preferences"
          columns={columnsOf(chosenColumns)}
          rows={rows}
          idOf={(row) => row.id}
          total={total}
          hasMore={list.hasNextPage}
          isLoading={list.isFetchingNextPage || list.isPlaceholderData}
          onMore={() => void list.fetchNextPage()}
          openId={openTask ? openId : null}
          onOpen={(row) => {
            const open = { task: row.taskId, preference: row.id };
            if (openTask) address.set(open);
            else address.visit(open);
          }}
          sorting={{ column: sort, direction: order }}
          onSort={(column) => {
            const next = preferenceSorts.find((name) => name === column);
            if (next)
              address.set({
                sort: next,
                order: next === sort && order === "desc" ? "asc" : "desc",
              });
          }}
          ticked={ticked}
          onTick={setTicked}
          keys={curation === null && !reopening}
        />
      )}
      {openTask && (
        <TaskDetail
          projectId={projectId}
          taskId={openTask}
          annotationId={rows.find((row) => row.id === openId)?.annotationId}
          keys={curation === null}
          onCurate={setCuration}
          onClose={() => address.set({ task: null, preference: null })}
        />
      )}
      {curation && (
        <CurationDialog
          projectId={projectId}
          curation={curation}
          onClose={() => setCuration(null)}
          onDone={() => {
            setTicked(new Set());
            void refresh();
          }}
        />
      )}
      {reopening && filter.raterId && (
        <ReopenDialog projectId={projectId} raterId={filter.raterId} onClose={() => setReopening(false)} />
      )}
    </>
  );
}

function csvAddress(projectId: string, view: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) if (value !== undefined) query.set(name, String(value));
  return `/api/v1/projects/${projectId}/preferences.csv?${query}`;
}
