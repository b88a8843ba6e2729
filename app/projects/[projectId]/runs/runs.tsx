"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Play } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { RunWords } from "@/app/components/run/words";
import { PageHeader } from "@/app/components/shell/page-header";
import { ColumnChooser } from "@/app/components/table/column-chooser";
import { DataTable } from "@/app/components/table/data-table";
import { FilterBar, FilterSelect, SearchBox } from "@/app/components/table/filters";
import { SavedViews } from "@/app/components/table/saved-views";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { runKinds, runStatuses } from "@/db/shape/run-kinds";
import { isTraining } from "@/db/shape/training";
import { metricsAsked, runsAddress } from "./address";
import { columnsOf, offersOf } from "./columns";
import { cellOf, matches, type Row, rowsOf, sorted } from "./rows";

/** All background work of the project, live. */
export function Runs({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [asked, address] = useAddress(runsAddress);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [described, setDescribed] = useState<Row | null>(null);
  const [choosing, setChoosing] = useState(false);
  const table = useQuery(
    trpc.run.table.queryOptions(
      { projectId, metrics: metricsAsked(asked) },
      { placeholderData: keepPreviousData },
    ),
  );
  const metrics = useQuery(trpc.run.metricNames.queryOptions({ projectId }, { enabled: choosing }));
  const workers = useQuery(trpc.run.workers.queryOptions({ projectId }, { refetchInterval: 15_000 }));
  useSubscription(
    trpc.run.watchAll.subscriptionOptions(
      { projectId },
      {
        // Many events come while the table is read: that one reading is enough.
        onData: () =>
          void client.invalidateQueries({ queryKey: trpc.run.table.pathKey() }, { cancelRefetch: false }),
      },
    ),
  );
  const all = useMemo(() => rowsOf(table.data?.rows ?? []), [table.data?.rows]);
  const { search = "", kind, status, tag, sort, group } = asked;
  const column = sort.replace(/^-/, "");
  const direction = sort.startsWith("-") ? "desc" : "asc";
  const rows = useMemo(() => {
    const found = all.filter(
      (row) =>
        (!kind || row.kind === kind) &&
        (!status || row.status === status) &&
        (!tag || row.tags.includes(tag)) &&
        matches(row, search),
    );
    const inOrder = sorted(found, column, direction);
    // Groups in the order of what they have in common; within each, the order asked for stays.
    return group ? sorted(inOrder, group, "asc") : inOrder;
  }, [all, kind, status, tag, search, column, direction, group]);
  const chosen = useMemo(() => asked.columns.split(",").filter(Boolean), [asked.columns]);
  const columns = useMemo(() => columnsOf(projectId, chosen), [projectId, chosen]);
  const offers = useMemo(() => offersOf(all, metrics.data ?? []), [all, metrics.data]);
  const tags = useMemo(() => [...new Set(all.flatMap((row) => row.tags))].sort(), [all]);
  const active = [search, kind, status, tag, group].filter(Boolean).length;
  const picked = [...ticked].filter((id) => all.some((row) => row.id === id));
  const compare = `/projects/${projectId}/runs/compare?ids=${picked.join(",")}`;
  const total = table.data?.total ?? 0;
  const groupName =
    group === "name" ? "Run" : (offers.find(({ id }) => id === group)?.label ?? group?.replace(/^\w+\./, ""));
  const header = (
    <PageHeader
      title="Runs"
      actions={
        picked.length > 1 && (
          <Button asChild variant="primary">
            <Link href={compare} aria-keyshortcuts="c">
              Compare {picked.length} runs
            </Link>
          </Button>
        )
      }
    >
      <p aria-live="polite" className="text-sm text-muted tabular">
        {rows.length < all.length
          ? `${amount(rows.length)} of ${counted(all.length, "run")}`
          : counted(total, "run")}
        {total > all.length && `, the newest ${amount(all.length)} of ${amount(total)} are here`}
        {picked.length > 0 && `, ${amount(picked.length)} ticked`}
        {" · "}
        {workers.data?.length === 0
          ? "No worker is connected: runs wait until one is."
          : workers.data &&
            `${counted(workers.data.length, "worker")}: ${[...new Set(workers.data.flatMap(({ capabilities }) => capabilities.engines))].join(", ")}`}
      </p>
    </PageHeader>
  );
  if (table.isSuccess && all.length === 0)
    return (
      <>
        {header}
        <Empty
          icon={<Play />}
          title="No runs yet"
          action={
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/import`}>Import prompts</Link>
            </Button>
          }
        >
          Imports, dataset versions, exports and training appear here with their progress, log and files.
        </Empty>
      </>
    );
  return (
    <>
      {header}
      <FilterBar
        active={active}
        onClear={() => address.set({ search: null, kind: null, status: null, tag: null, group: null })}
      >
        <SearchBox
          label="Words, or eval_loss<2"
          hint="/"
          value={asked.search}
          onChange={(words) => address.set({ search: words })}
        />
        <FilterSelect
          label="Kind"
          all="All kinds"
          value={kind}
          choices={[...new Set(all.map((row) => row.kind))].map((value) => ({
            value,
            label: runKinds[value].title,
          }))}
          onChange={(value) => address.set({ kind: value })}
        />
        <FilterSelect
          label="Status"
          all="All statuses"
          value={status}
          choices={runStatuses.map((value) => ({ value, label: value }))}
          onChange={(value) => address.set({ status: value })}
        />
        {tags.length > 0 && (
          <FilterSelect
            label="Tag"
            all="All tags"
            value={tag}
            choices={tags.map((value) => ({ value, label: value }))}
            onChange={(value) => address.set({ tag: value })}
          />
        )}
        <FilterSelect
          label="Group by"
          all="Not grouped"
          value={group}
          choices={offers
            .filter(({ id }) => !id.startsWith("metric.") && id !== "took" && id !== "started")
            .map(({ id, label }) => ({ value: id, label: `By ${label.toLowerCase()}` }))}
          onChange={(value) => address.set({ group: value })}
        />
        <ColumnChooser
          offers={offers}
          chosen={chosen}
          onOpen={() => setChoosing(true)}
          onChange={(ids) => address.set({ columns: ids.join(",") || "status" })}
        />
        <SavedViews projectId={projectId} page="runs" />
      </FilterBar>
      {table.error && (
        <p role="alert" className="px-6 py-2 text-bad">
          {table.error.message}
        </p>
      )}
      {rows.length === 0 && table.isSuccess ? (
        <Empty title="No run matches">Search for other words, or clear the filters.</Empty>
      ) : (
        <DataTable
          label="Runs"
          columns={columns}
          rows={rows}
          idOf={(row) => row.id}
          total={rows.length}
          hasMore={false}
          isLoading={table.isPending || table.isPlaceholderData}
          onMore={() => {}}
          onOpen={(row) => router.push(`/projects/${projectId}/runs/${row.id}`)}
          sorting={{ column, direction }}
          onSort={(id) => address.set({ sort: sort === id ? `-${id}` : id })}
          ticked={ticked}
          onTick={setTicked}
          mayTick={({ kind }) => isTraining(kind)}
          groupOf={group ? (row) => `${groupName}: ${cellOf(row, group) ?? "—"}` : undefined}
          actions={{
            ...(picked.length > 1 ? { c: () => router.push(compare) } : {}),
            ...(mayManage ? { n: setDescribed } : {}),
          }}
          keys={described === null}
        />
      )}
      <p className="border-t px-4 py-1.5 text-xs text-muted md:px-6 pointer-coarse:hidden">
        j k move · ⏎ opens · space ticks a training run · c compares the ticked
        {mayManage && " · n note and tags"}
      </p>
      {described && (
        <RunWords projectId={projectId} run={described} knownTags={tags} onClose={() => setDescribed(null)} />
      )}
    </>
  );
}
