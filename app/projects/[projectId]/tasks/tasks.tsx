"use client";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { ListChecks } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { DataTable } from "@/app/components/table/data-table";
import { FilterBar, FilterSelect, SearchBox } from "@/app/components/table/filters";
import { SavedViews } from "@/app/components/table/saved-views";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { languageName } from "@/app/components/ui/language";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Curation, CurationDialog } from "../preferences/curation-dialog";
import { tasksAddress } from "./address";
import { columns } from "./columns";
import { MakeTasks } from "./make-tasks";
import { type TaskAction, TaskActionDialog } from "./task-action-dialog";

/** With the markdown that it shows, loaded when the first one is opened. */
const TaskDetail = dynamic(() => import("../preferences/task-detail").then((detail) => detail.TaskDetail));

/** How many pages are kept up to date as judgements arrive. */
const LIVE_PAGES = 3;

const stateChoices = [
  { value: "waiting", label: "Not begun" },
  { value: "started", label: "Begun" },
  { value: "done", label: "Done" },
];

/** Who has what: every task with its seats; priority, named assignment and withdrawal for the ticked ones. */
export function Tasks({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [{ task: openId, ...filter }, address] = useAddress(tasksAddress);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [action, setAction] = useState<TaskAction | "make" | null>(null);
  const [curation, setCuration] = useState<Curation | null>(null);
  const options = trpc.task.list.infiniteQueryOptions(
    { projectId, ...filter },
    { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
  );
  const list = useInfiniteQuery(options);
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const refresh = () => client.invalidateQueries({ queryKey: trpc.task.pathKey() });
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      {
        onData: () => {
          // Every loaded page is read again: too much for whoever has scrolled far.
          if ((list.data?.pages.length ?? 0) <= LIVE_PAGES) void refresh();
        },
      },
    ),
  );
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages[0]?.total;
  const whileTicked = ticked.size === 0 ? "max-md:hidden" : undefined;
  const active = Object.values(filter).filter(Boolean).length;
  if (total === 0 && active === 0 && !list.isPlaceholderData)
    return (
      <>
        <PageHeader title="Tasks" />
        <Empty
          icon={<ListChecks />}
          title="No tasks yet"
          action={
            mayManage && (
              <>
                <Button variant="primary" onClick={() => setAction("make")}>
                  Make tasks of all prompts
                </Button>
                <Button asChild>
                  <Link href={`/projects/${projectId}/import`}>Import prompts</Link>
                </Button>
              </>
            )
          }
        >
          A task is a prompt with the responses to judge, and a seat for each rater who shall judge it.
        </Empty>
        {action === "make" && (
          <MakeAll projectId={projectId} onClose={() => setAction(null)} onMade={() => void refresh()} />
        )}
      </>
    );
  return (
    <>
      <PageHeader
        title="Tasks"
        actions={
          mayManage && (
            <>
              <Button
                disabled={ticked.size === 0}
                className={whileTicked}
                onClick={() => setAction("priority")}
              >
                Priority…
              </Button>
              <Button
                disabled={ticked.size === 0}
                className={whileTicked}
                onClick={() => setAction("reserve")}
              >
                Assign…
              </Button>
              <Button
                disabled={ticked.size === 0}
                className={whileTicked}
                onClick={() => setAction("withdraw")}
              >
                Withdraw…
              </Button>
              <Button variant="primary" onClick={() => setAction("make")}>
                Make tasks…
              </Button>
            </>
          )
        }
      >
        <p aria-live="polite" className="text-sm text-muted tabular">
          {total === undefined
            ? "Counting…"
            : `${amount(total)} ${active > 0 ? "match" : total === 1 ? "task" : "tasks"}`}
          {ticked.size > 0 && `, ${amount(ticked.size)} ticked`}
        </p>
      </PageHeader>
      <FilterBar
        active={active}
        onClear={() =>
          address.set({
            search: null,
            state: null,
            raterId: null,
            language: null,
            domain: null,
            source: null,
          })
        }
      >
        <SearchBox
          label="Search prompts and responses"
          hint="/"
          value={filter.search}
          onChange={(search) => address.set({ search })}
          className="w-72"
        />
        <FilterSelect
          label="State"
          all="All states"
          value={filter.state}
          choices={stateChoices}
          onChange={(state) => address.set({ state })}
        />
        <FilterSelect
          label="Rater"
          all="All raters"
          value={filter.raterId}
          choices={(raters.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(raterId) => address.set({ raterId })}
        />
        <FilterSelect
          label="Language"
          all="All languages"
          value={filter.language}
          choices={(facets.data?.languages ?? []).map(({ value }) => ({ value, label: languageName(value) }))}
          onChange={(language) => address.set({ language })}
        />
        <FilterSelect
          label="Domain"
          all="All domains"
          value={filter.domain}
          choices={(facets.data?.domains ?? []).map(({ value }) => ({ value, label: value }))}
          onChange={(domain) => address.set({ domain })}
        />
        <SavedViews projectId={projectId} page="tasks" />
      </FilterBar>
      {list.error && (
        <p role="alert" className="px-6 py-2 text-bad">
          {list.error.message}
        </p>
      )}
      {total === 0 ? (
        <Empty title="No task matches">Search for other words, or clear the filters.</Empty>
      ) : (
        <DataTable
          label="Tasks"
          columns={columns}
          rows={rows}
          idOf={(row) => row.id}
          total={total}
          hasMore={list.hasNextPage}
          isLoading={list.isFetchingNextPage || list.isPlaceholderData}
          onMore={() => void list.fetchNextPage()}
          openId={openId}
          onOpen={(row) => (openId ? address.set({ task: row.id }) : address.visit({ task: row.id }))}
          {...(mayManage ? { ticked, onTick: setTicked } : {})}
          keys={action === null && curation === null}
        />
      )}
      {openId && (
        <TaskDetail
          projectId={projectId}
          taskId={openId}
          annotationId={undefined}
          keys={curation === null}
          onCurate={setCuration}
          onClose={() => address.set({ task: null })}
        />
      )}
      {curation && (
        <CurationDialog
          projectId={projectId}
          curation={curation}
          onClose={() => setCuration(null)}
          onDone={() => void client.invalidateQueries({ queryKey: trpc.review.pathKey() })}
        />
      )}
      {action === "make" && (
        <MakeAll projectId={projectId} onClose={() => setAction(null)} onMade={() => void refresh()} />
      )}
      {action !== null && action !== "make" && (
        <TaskActionDialog
          projectId={projectId}
          action={action}
          taskIds={[...ticked]}
          onClose={() => setAction(null)}
          onDone={() => {
            setTicked(new Set());
            void refresh();
          }}
        />
      )}
    </>
  );
}

/** Tasks of every prompt; the prompts page makes them of some. */
function MakeAll({
  projectId,
  onClose,
  onMade,
}: {
  projectId: string;
  onClose: () => void;
  onMade: () => void;
}) {
  const trpc = useTRPC();
  const prompts = useQuery(trpc.content.prompts.queryOptions({ projectId, limit: 1 }));
  if (!prompts.data) return null;
  return (
    <MakeTasks
      projectId={projectId}
      from={{ filter: {}, total: prompts.data.total }}
      onClose={onClose}
      onMade={onMade}
    />
  );
}
