"use client";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { PageHeader } from "@/app/components/shell/page-header";
import { FilterBar, FilterSelect } from "@/app/components/table/filters";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { languageName } from "@/app/components/ui/language";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import { DayInput } from "../preferences/filters";
import { qualityAddress } from "./address";
import { Agreement } from "./agreement";
import { GoldRaters } from "./gold-raters";
import { Raters } from "./raters";

/** While votes wait to be measured, the page asks so often whether they are. */
const ASK_MS = 2000;

/** How good the judgements are and whose, as it is measured beside the work. */
export function Quality({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [filter, { set }] = useAddress(qualityAddress);
  const options = trpc.quality.show.queryOptions({ projectId, ...filter });
  const quality = useQuery({
    ...options,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.isWaiting ? ASK_MS : false),
  });
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: options.queryKey }) },
    ),
  );
  const home = `/projects/${projectId}`;
  if (!quality.data) return <PageHeader title="Quality">{quality.error?.message}</PageHeader>;
  const { parts, raters, measuredAt, isWaiting, failed } = quality.data;
  const active = Object.values(filter).filter((value) => value !== undefined).length;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title="Quality"
        actions={
          <>
            <Button asChild>
              <Link href={`${home}/norming`}>Norming</Link>
            </Button>
            <Button asChild>
              <Link href={`${home}/red-team/results`}>Red team</Link>
            </Button>
          </>
        }
      >
        <p className="text-sm text-muted" role="status">
          {measuredAt ? (
            <>
              Measured <When at={measuredAt} />
              {isWaiting && "; votes have changed and are being measured"}.
            </>
          ) : (
            "Being measured."
          )}
          {failed && ` The last attempt failed: ${failed}`}
        </p>
      </PageHeader>
      <FilterBar
        active={active}
        onClear={() => set(Object.fromEntries(Object.keys(filter).map((name) => [name, null])))}
      >
        <FilterSelect
          label="Language"
          all="All languages"
          value={filter.language}
          choices={(facets.data?.languages ?? []).map(({ value }) => ({ value, label: languageName(value) }))}
          onChange={(language) => set({ language })}
        />
        <FilterSelect
          label="Domain"
          all="All domains"
          value={filter.domain}
          choices={(facets.data?.domains ?? []).map(({ value }) => ({ value, label: value }))}
          onChange={(domain) => set({ domain })}
        />
        <FilterSelect
          label="Items that a rater judged"
          all="All raters"
          value={filter.raterId}
          choices={raters.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(raterId) => set({ raterId })}
        />
        <FilterSelect
          label="Source of a response"
          all="All sources"
          value={filter.source}
          choices={(facets.data?.sources ?? []).map(({ value }) => ({ value, label: value }))}
          onChange={(source) => set({ source })}
        />
        <DayInput label="From" value={filter.from} onChange={(from) => set({ from })} />
        <DayInput label="Until" endOfDay value={filter.to} onChange={(to) => set({ to })} />
      </FilterBar>
      {parts.length === 0 ? (
        <Empty
          title={isWaiting ? "Being measured" : active > 0 ? "No vote fits these filters" : "No votes yet"}
          action={
            !isWaiting &&
            active === 0 && (
              <Button asChild variant="primary">
                <Link href={`${home}/tasks`}>See the tasks</Link>
              </Button>
            )
          }
        >
          {isWaiting
            ? "Agreement and raters' figures appear here in a few seconds."
            : active > 0
              ? "Choose others, or clear them."
              : "Agreement needs two raters on the same task: set an overlap of two or more, for some tasks at least, and have them judged."}
        </Empty>
      ) : (
        <div className="flex flex-col gap-10 px-4 md:px-6">
          {parts.map((part) => (
            <Agreement
              key={`${part.questionId} ${part.attribute}`}
              part={part}
              home={home}
              nameOf={(id) => raters.find((rater) => rater.id === id)?.name ?? "—"}
            />
          ))}
          <Raters projectId={projectId} quality={quality.data} mayManage={mayManage} />
          <GoldRaters projectId={projectId} raters={quality.data.raters} mayManage={mayManage} />
        </div>
      )}
    </div>
  );
}
