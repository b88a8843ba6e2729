"use client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { isOver, RunBadge } from "@/app/components/run/status";
import { Button } from "@/app/components/ui/button";
import { useToast } from "@/app/components/ui/toast";
import { When } from "@/app/components/ui/when";
import { amount, bytes } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Collection, collectables } from "@/server/collection/schema";

const causes = {
  asked: "An admin asked for it",
  daily: "Daily",
  "project deleted": "A project was deleted",
} as const;

/** Every collection with what it took, how much and why, newest first. */
export function Collections() {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const list = useInfiniteQuery(
    trpc.collection.list.infiniteQueryOptions(
      {},
      {
        getNextPageParam: (page) => page.nextCursor,
        refetchInterval: ({ state }) =>
          state.data?.pages.some(({ items }) => items.some((item) => !isOver(item))) ? 2000 : false,
      },
    ),
  );
  const start = useMutation(
    trpc.collection.start.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.collection.list.pathKey() }),
      onError: ({ message }) => toast({ title: message, tone: "bad" }),
    }),
  );
  const collections = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-5 px-4 md:px-6">
      <div className="flex flex-wrap items-start gap-3">
        <p className="max-w-prose text-sm text-muted">
          Takes away what nobody needs: files without anybody who refers to them, what deleted projects left,
          uploads that broke off, and what projects keep no longer. It happens once a day by itself. What was
          brought within the last day stays.
        </p>
        <Button variant="primary" className="ms-auto" busy={start.isPending} onClick={() => start.mutate()}>
          Collect now
        </Button>
      </div>
      {collections.length === 0 && list.isSuccess && <p className="text-muted">Nothing was collected yet.</p>}
      <ul className="flex flex-col gap-4">
        {collections.map((collection) => (
          <Report key={collection.id} collection={collection} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}

function Report({ collection }: { collection: Collection }) {
  const { status, cause, personName, createdAt, report, error } = collection;
  return (
    <li className="flex max-w-3xl flex-col gap-2 rounded-lg border p-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-medium">
          <When at={createdAt} />
        </h2>
        <span className="text-muted">
          {causes[cause]}
          {personName && ` (${personName})`}
        </span>
        <span className="ms-auto">
          <RunBadge status={status} />
        </span>
      </div>
      {error && <p className="text-bad">{error}</p>}
      {report?.left.map((sentence) => (
        <p key={sentence} className="text-bad">
          {sentence}
        </p>
      ))}
      {report?.collected.length === 0 && <p className="text-muted">There was nothing to take.</p>}
      {report && report.collected.length > 0 && (
        <dl className="grid grid-cols-[1fr_max-content_max-content] gap-x-4 gap-y-1.5">
          {report.collected.map(({ what, count, bytes: size }) => (
            <div key={what} className="contents">
              <dt>
                {collectables[what].title}
                <span className="block text-xs text-muted">{collectables[what].why}</span>
              </dt>
              <dd className="text-end tabular">{amount(count)}</dd>
              <dd className="text-end text-muted tabular">{size > 0 ? bytes(size) : ""}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
