"use client";
import { keepPreviousData, skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Telescope } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useState } from "react";
import { PageHeader } from "@/app/components/shell/page-header";
import { type Column, DataTable } from "@/app/components/table/data-table";
import { useAddress } from "@/app/components/table/use-address";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Input, Select } from "@/app/components/ui/field";
import { languageName } from "@/app/components/ui/language";
import { Segmented } from "@/app/components/ui/segmented";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { MakeTasks } from "../../tasks/make-tasks";
import { meaningAddress } from "./address";
import { MapPart } from "./map-part";
import { Reading } from "./reading";
import { isWaiting, type ShownText, useFound } from "./use-found";

/** With the markdown that it shows, loaded when the first one is opened. */
const PromptDetail = dynamic(() => import("../prompt-detail").then((detail) => detail.PromptDetail));

const columns: readonly Column<ShownText>[] = [
  {
    id: "text",
    header: "Text",
    cell: (row) => (
      <span dir="auto" className="font-medium">
        {row.excerpt || <span className="font-normal text-muted">(empty)</span>}
      </span>
    ),
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
];

/** As many texts as are asked for at once. */
const MOST_LISTED = 500;
/** As many prompts as become tasks at once. */
const MOST_TAKEN = 10_000;

const kinds = [
  { value: "prompts", label: "Prompts" },
  { value: "responses", label: "Responses" },
] as const;

/** Texts of the project by what they mean to one of its models: words find what says the same in other words. */
export function Meaning({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [{ model: asked, of = "prompts", run: runId, prompt: openId }, address] = useAddress(meaningAddress);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<readonly { promptId: string; responseId: string | null }[] | null>(
    null,
  );
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [isMaking, setMaking] = useState(false);
  const standing = useQuery(trpc.meaning.standing.queryOptions({ projectId }));
  const search = useMutation(
    trpc.meaning.search.mutationOptions({
      onSuccess: ({ id }) => {
        setTicked(new Set());
        setChosen(null);
        address.visit({ run: id, prompt: null });
      },
    }),
  );
  const found = useFound(projectId, runId);
  const model =
    standing.data?.models.find(({ modelId }) => modelId === asked) ?? standing.data?.models[0] ?? null;
  const trouble = standing.error ?? search.error ?? found.error;
  const isLooking = search.isPending || isWaiting(found.data);
  const ofKind = ({ responseId }: { responseId: string | null }) =>
    (responseId !== null) === (of === "responses");
  const items = found.data?.items?.filter(ofKind) ?? null;
  const inRegion = useQuery(
    trpc.meaning.texts.queryOptions(
      chosen && chosen.length > 0 ? { projectId, texts: chosen.slice(0, MOST_LISTED) } : skipToken,
      { placeholderData: keepPreviousData },
    ),
  );
  const rows: readonly ShownText[] = chosen
    ? chosen.length > 0
      ? (inRegion.data ?? [])
      : []
    : (items ?? []);
  const taken = (chosen && ticked.size === 0 ? chosen : rows.filter((row) => ticked.has(idOf(row)))).slice(
    0,
    MOST_TAKEN,
  );
  const promptIds = [...new Set(taken.map(({ promptId }) => promptId))];
  const forget = { run: null, prompt: null };
  const refresh = () =>
    Promise.all(
      [trpc.content.pathKey(), trpc.task.pathKey(), trpc.meaning.found.pathKey()].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  return (
    <>
      <PageHeader
        title="By meaning"
        actions={
          <>
            {mayManage && promptIds.length > 0 && (
              <Button onClick={() => setMaking(true)}>
                Make tasks of {counted(promptIds.length, "prompt")}…
              </Button>
            )}
            <Button asChild>
              <Link href={`/projects/${projectId}/prompts`}>All prompts</Link>
            </Button>
          </>
        }
      >
        <p aria-live="polite" className="text-sm text-muted tabular">
          {isLooking ? "Looking…" : !chosen && items && `${amount(items.length)} found, nearest first`}
        </p>
      </PageHeader>
      {model && standing.data ? (
        <>
          <search>
            <form
              className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6"
              onSubmit={(event) => {
                event.preventDefault();
                if (words.trim()) search.mutate({ projectId, modelId: model.modelId, of, like: { words } });
              }}
            >
              <Input
                aria-label="What the texts are about"
                placeholder="What the texts are about"
                dir="auto"
                value={words}
                maxLength={4000}
                onChange={({ target }) => setWords(target.value)}
                className="w-full sm:w-96"
              />
              <Button type="submit" variant="primary" disabled={isLooking || !words.trim()}>
                Search
              </Button>
              <Segmented
                label="Which texts"
                value={of}
                options={kinds}
                onChange={(next) => {
                  setChosen(null);
                  address.set({ of: next, ...forget });
                }}
              />
              <Select
                aria-label="The model that reads"
                value={model.modelId}
                onChange={({ target }) => {
                  setChosen(null);
                  address.set({ model: target.value, ...forget });
                }}
                className="w-auto max-w-64"
              >
                {standing.data.models.map(({ modelId, name }) => (
                  <option key={modelId} value={modelId}>
                    {name}
                  </option>
                ))}
              </Select>
            </form>
          </search>
          <Reading projectId={projectId} texts={standing.data.texts} model={model} mayManage={mayManage} />
          {model[of] > 0 && (
            <MapPart
              {...{ projectId, of, chosen }}
              modelId={model.modelId}
              found={items}
              onChoose={(texts) => {
                setTicked(new Set());
                setChosen(texts);
              }}
            />
          )}
        </>
      ) : (
        standing.data && (
          <Empty
            icon={<Telescope />}
            title="No model to read the texts"
            action={
              mayManage && (
                <Button asChild variant="primary">
                  <Link href={`/projects/${projectId}/models`}>Models</Link>
                </Button>
              )
            }
          >
            A model of the project reads prompts and responses once. Then words find what says the same in
            other words. Add a model first.
          </Empty>
        )
      )}
      {(trouble || found.data?.error) && (
        <p role="alert" className="px-4 py-2 text-bad md:px-6">
          {trouble?.message ?? found.data?.error}
        </p>
      )}
      {chosen && chosen.length > MOST_LISTED && (
        <p className="px-4 pb-2 text-sm text-muted md:px-6">
          The first {amount(MOST_LISTED)} of {amount(chosen.length)} are listed; tasks are made of all that
          are chosen, up to {amount(MOST_TAKEN)}.
        </p>
      )}
      {(chosen || items) && (
        <DataTable
          label={chosen ? "Texts chosen" : "Texts found"}
          columns={columns}
          rows={rows}
          idOf={idOf}
          total={rows.length}
          hasMore={false}
          isLoading={false}
          onMore={() => {}}
          openId={rows.map(idOf).find((id) => openId && id.startsWith(openId))}
          onOpen={({ promptId }) =>
            openId ? address.set({ prompt: promptId }) : address.visit({ prompt: promptId })
          }
          {...(mayManage ? { ticked, onTick: setTicked } : {})}
          keys={!isMaking}
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
      {isMaking && (
        <MakeTasks
          projectId={projectId}
          from={{ promptIds }}
          onClose={() => setMaking(false)}
          onMade={() => {
            setTicked(new Set());
            void refresh();
          }}
        />
      )}
    </>
  );
}

const idOf = ({ promptId, responseId }: Pick<ShownText, "promptId" | "responseId">) =>
  `${promptId} ${responseId ?? ""}`;
