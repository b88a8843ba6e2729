"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { PageHeader } from "@/app/components/shell/page-header";
import { type Column, DataTable } from "@/app/components/table/data-table";
import { FilterBar, SearchBox } from "@/app/components/table/filters";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { useTRPC } from "@/app/trpc/client";
import type { PromptRow } from "../../prompts/prompt-detail";

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
  { id: "responses", header: "Responses", width: "w-24", numeric: true, cell: (row) => row.responses },
  { id: "tasks", header: "Tasks", width: "w-16", numeric: true, cell: (row) => row.tasks },
];

/** Of which prompt the answer is known. */
export function PromptChoice({
  projectId,
  back,
  search,
  onSearch,
  onChoose,
}: {
  projectId: string;
  back: string;
  search: string | undefined;
  onSearch: (search: string) => void;
  onChoose: (promptId: string) => void;
}) {
  const trpc = useTRPC();
  const prompts = useInfiniteQuery(
    trpc.content.prompts.infiniteQueryOptions(
      { projectId, search },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  );
  const rows = prompts.data?.pages.flatMap((page) => page.items) ?? [];
  const total = prompts.data?.pages[0]?.total;
  return (
    <>
      <PageHeader
        title="State a known answer"
        actions={
          <Button asChild>
            <Link href={back}>Known answers</Link>
          </Button>
        }
      >
        <p className="text-sm text-muted">
          Choose the prompt. You will get none of the tasks whose prompt you open here.
        </p>
      </PageHeader>
      <FilterBar active={search ? 1 : 0} onClear={() => onSearch("")}>
        <SearchBox
          label="Search prompts and responses"
          hint="/"
          value={search}
          onChange={onSearch}
          className="w-72"
        />
      </FilterBar>
      {prompts.error && (
        <p role="alert" className="px-6 py-2 text-bad">
          {prompts.error.message}
        </p>
      )}
      {total === 0 ? (
        <Empty title={search ? "No prompt matches" : "No prompts yet"}>
          {search ? "Search for other words." : "Import prompts with their responses first."}
        </Empty>
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
          onOpen={(row) => onChoose(row.id)}
          keys
        />
      )}
    </>
  );
}
