"use client";
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { MessagesSquare } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { type Column, DataTable } from "@/app/components/table/data-table";
import { FilterBar, FilterSelect, SearchBox } from "@/app/components/table/filters";
import { SavedViews } from "@/app/components/table/saved-views";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { languageName } from "@/app/components/ui/language";
import { useToast } from "@/app/components/ui/toast";
import { When } from "@/app/components/ui/when";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { MakeTasks } from "../tasks/make-tasks";
import { promptsAddress } from "./address";
import type { PromptRow } from "./prompt-detail";

/** With the markdown that it shows, loaded when the first one is opened. */
const PromptDetail = dynamic(() => import("./prompt-detail").then((detail) => detail.PromptDetail));

const columns: readonly Column<PromptRow>[] = [
  {
    id: "prompt",
    header: "Prompt",
    cell: (row) => (
      <span dir="auto" className="font-medium">
        {row.excerpt || <span className="font-normal text-muted">(empty)</span>}
      </span>
    ),
  },
  { id: "turns", header: "Turns", width: "w-16", numeric: true, wideOnly: true, cell: (row) => row.turns },
  {
    id: "responses",
    header: "Responses",
    width: "w-24",
    numeric: true,
    cell: (row) => <span className={row.responses ? "" : "text-warn"}>{row.responses}</span>,
  },
  {
    id: "tasks",
    header: "Tasks",
    width: "w-16",
    numeric: true,
    cell: (row) => <span className={row.tasks ? "" : "text-warn"}>{row.tasks}</span>,
  },
  {
    id: "language",
    header: "Language",
    width: "w-24",
    wideOnly: true,
    cell: (row) => row.language && <span title={languageName(row.language)}>{row.language}</span>,
  },
  { id: "domain", header: "Domain", width: "w-36", wideOnly: true, cell: (row) => row.domain },
  { id: "source", header: "Source", width: "w-36", wideOnly: true, cell: (row) => row.source },
  {
    id: "added",
    header: "Added",
    width: "w-28",
    wideOnly: true,
    cell: (row) => <When at={row.createdAt} className="text-muted" />,
  },
];

/** All prompts of the project with their responses: find, read, add, make tasks of them. */
export function Prompts({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [{ prompt: openId, ...filter }, address] = useAddress(promptsAddress);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<"tasks" | "delete" | null>(null);
  const prompts = useInfiniteQuery(
    trpc.content.prompts.infiniteQueryOptions(
      { projectId, ...filter },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: trpc.content.pathKey() }),
      client.invalidateQueries({ queryKey: trpc.task.pathKey() }),
    ]);
  const remove = useMutation(
    trpc.content.deletePrompts.mutationOptions({
      onSuccess: async ({ deleted }) => {
        toast({
          title: deleted === 1 ? "The prompt was deleted." : `${amount(deleted)} prompts were deleted.`,
        });
        setTicked(new Set());
        setDialog(null);
        await refresh();
      },
    }),
  );
  const rows = prompts.data?.pages.flatMap((page) => page.items) ?? [];
  const total = prompts.data?.pages[0]?.total;
  const active = Object.values(filter).filter(Boolean).length;
  const importLink = (
    <Button asChild variant="primary">
      <Link href={`/projects/${projectId}/import`}>Import</Link>
    </Button>
  );
  if (total === 0 && active === 0 && prompts.isSuccess && !prompts.isPlaceholderData)
    return (
      <>
        <PageHeader title="Prompts" />
        <Empty icon={<MessagesSquare />} title="No prompts yet" action={mayManage && importLink}>
          A prompt is the conversation so far; responses are the candidates that raters compare. Import a file
          of them, in any shape you have, or send them through the HTTP API.
        </Empty>
      </>
    );
  return (
    <>
      <PageHeader
        title="Prompts"
        actions={
          <>
            <Button asChild>
              <Link href={`/projects/${projectId}/prompts/meaning`}>By meaning</Link>
            </Button>
            {mayManage && (
              <>
                {ticked.size > 0 && (
                  <Button onClick={() => setDialog("delete")}>Delete {amount(ticked.size)}…</Button>
                )}
                <Button onClick={() => setDialog("tasks")} disabled={!total}>
                  {ticked.size > 0 ? `Make tasks of ${amount(ticked.size)}…` : "Make tasks…"}
                </Button>
                {importLink}
              </>
            )}
          </>
        }
      >
        <p aria-live="polite" className="text-sm text-muted tabular">
          {total === undefined
            ? "Counting…"
            : `${amount(total)} ${active > 0 ? "match" : total === 1 ? "prompt" : "prompts"}`}
        </p>
      </PageHeader>
      <FilterBar
        active={active}
        onClear={() => address.set({ search: null, language: null, domain: null, source: null })}
      >
        <SearchBox
          label="Search prompts and responses"
          hint="/"
          value={filter.search}
          onChange={(search) => address.set({ search })}
          className="w-72"
        />
        <FilterSelect
          label="Language"
          all="All languages"
          value={filter.language}
          choices={(facets.data?.languages ?? []).map((facet) => ({
            ...facet,
            label: `${languageName(facet.value)}`,
          }))}
          onChange={(language) => address.set({ language })}
        />
        <FilterSelect
          label="Domain"
          all="All domains"
          value={filter.domain}
          choices={(facets.data?.domains ?? []).map((facet) => ({ ...facet, label: facet.value }))}
          onChange={(domain) => address.set({ domain })}
        />
        <FilterSelect
          label="Source of a response"
          all="All sources"
          value={filter.source}
          choices={(facets.data?.sources ?? []).map((facet) => ({ ...facet, label: facet.value }))}
          onChange={(source) => address.set({ source })}
        />
        <SavedViews projectId={projectId} page="prompts" />
      </FilterBar>
      {prompts.error && (
        <p role="alert" className="px-6 py-2 text-bad">
          {prompts.error.message}
        </p>
      )}
      {total === 0 ? (
        <Empty title="No prompt matches">Search for other words, or clear the filters.</Empty>
      ) : (
        <DataTable
          label="Prompts"
          columns={columns}
          rows={rows}
          idOf={(row) => row.id}
          total={total}
          hasMore={prompts.hasNextPage}
          isLoading={prompts.isFetchingNextPage || prompts.isPlaceholderData}
          onMore={() => void prompts.fetchNextPage()}
          openId={openId}
          onOpen={(row) => (openId ? address.set({ prompt: row.id }) : address.visit({ prompt: row.id }))}
          {...(mayManage ? { ticked, onTick: setTicked } : {})}
          keys={dialog === null}
        />
      )}
      {openId && (
        <PromptDetail
          projectId={projectId}
          promptId={openId}
          mayManage={mayManage}
          onClose={() => address.set({ prompt: null })}
          onChanged={refresh}
        />
      )}
      {dialog === "tasks" && (
        <MakeTasks
          projectId={projectId}
          from={ticked.size > 0 ? { promptIds: [...ticked] } : { filter, total: total ?? 0 }}
          onClose={() => setDialog(null)}
          onMade={() => {
            setTicked(new Set());
            void refresh();
          }}
        />
      )}
      <FormDialog
        open={dialog === "delete"}
        onOpenChange={(open) => !open && setDialog(null)}
        title={ticked.size === 1 ? "Delete this prompt?" : `Delete ${amount(ticked.size)} prompts?`}
        description="Their responses and tasks go with them and cannot be brought back. Prompts that somebody has judged are never deleted."
        submit={`Delete ${amount(ticked.size)}`}
        variant="danger"
        busy={remove.isPending}
        cancel
        error={remove.error}
        onSubmit={() => remove.mutate({ projectId, promptIds: [...ticked] })}
      />
    </>
  );
}
