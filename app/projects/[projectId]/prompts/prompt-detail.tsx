"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import Link from "next/link";
import { useState } from "react";
import { PromptView } from "@/app/components/desk/prompt-view";
import { Markdown } from "@/app/components/markdown/markdown";
import { letterOf } from "@/app/components/question/target";
import { Metadata } from "@/app/components/table/metadata";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { When } from "@/app/components/ui/when";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { AppRouter } from "@/server/root";
import { MakeTasks } from "../tasks/make-tasks";
import { Alike } from "./meaning/alike";

export type PromptRow = inferRouterOutputs<AppRouter>["content"]["prompts"]["items"][number];

/** One prompt: the conversation, its responses with where they came from, and the tasks made of them. */
export function PromptDetail({
  projectId,
  promptId,
  mayManage,
  onClose,
  onChanged,
}: {
  projectId: string;
  promptId: string;
  mayManage: boolean;
  onClose: () => void;
  onChanged: () => void;
}) {
  const trpc = useTRPC();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [making, setMaking] = useState(false);
  const detail = useQuery(
    trpc.content.prompt.queryOptions({ projectId, promptId }, { placeholderData: keepPreviousData }),
  );
  if (!detail.data)
    return (
      <Sheet open onOpenChange={onClose} title="Prompt">
        <p className="text-muted">{detail.error?.message ?? "Loading…"}</p>
      </Sheet>
    );
  const { prompt, responses, tasks } = detail.data;
  const here = chosen.filter((id) => responses.some((response) => response.id === id));
  const lettersOf = (ids: readonly string[]) =>
    ids.map((id) => letterOf(responses.findIndex((response) => response.id === id))).join(" · ");
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title="Prompt"
      description={
        <>
          Added <When at={prompt.createdAt} />
          {prompt.source && ` from ${prompt.source}`}
          {prompt.externalId && ` as ${prompt.externalId}`}. j and k turn to the next and the previous.
        </>
      }
      footer={
        <>
          <Alike projectId={projectId} promptId={promptId} />
          {mayManage && responses.length > 0 && (
            <>
              <Button asChild>
                <Link
                  href={`/projects/${projectId}/settings/known-answer?prompt=${promptId}${here.length > 0 ? `&responses=${here.join()}` : ""}`}
                >
                  State the known answer…
                </Link>
              </Button>
              <Button variant="primary" onClick={() => setMaking(true)}>
                {here.length > 0 ? `Make a task of ${lettersOf(here)}…` : "Make tasks…"}
              </Button>
            </>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-6" aria-busy={detail.isPlaceholderData}>
        <div className="overflow-hidden rounded-lg border bg-surface">
          <PromptView prompt={prompt} raw={false} />
        </div>
        <Metadata value={prompt.metadata} />
        <Section title={counted(responses.length, "response")}>
          {responses.length === 0 && (
            <p className="text-sm text-muted">
              None yet. Without responses raters can only write a demonstration.
            </p>
          )}
          {responses.map((response, index) => (
            <article key={response.id} className="rounded-lg border bg-surface">
              <header className="flex items-center gap-2 border-b px-3 py-1.5 text-xs text-muted">
                {mayManage && (
                  <Checkbox
                    aria-label={`Choose response ${letterOf(index)}`}
                    checked={here.includes(response.id)}
                    onCheckedChange={(on) =>
                      setChosen((all) =>
                        on ? [...all, response.id] : all.filter((id) => id !== response.id),
                      )
                    }
                  />
                )}
                <span className="font-semibold text-ink">{letterOf(index)}</span>
                {response.source && <Badge>{response.source}</Badge>}
                <span className="tabular">{response.content.length.toLocaleString("en")} characters</span>
                <span className="ms-auto">
                  <When at={response.createdAt} />
                </span>
              </header>
              <div className="px-3 py-2">
                <Markdown text={response.content} lang={prompt.language} />
                <Metadata value={response.metadata} />
              </div>
            </article>
          ))}
        </Section>
        <Section title={counted(tasks.length, "task")}>
          {tasks.length === 0 ? (
            <p className="text-sm text-muted">Nobody is asked to judge these responses yet.</p>
          ) : (
            <ul className="flex flex-col divide-y rounded-md border">
              {tasks.map((task) => (
                <li key={task.id} className="flex flex-wrap items-center gap-3 px-3 py-2 text-sm">
                  <Link
                    href={`/projects/${projectId}/preferences?task=${task.id}`}
                    className="font-medium hover:underline"
                  >
                    {task.responseIds.length > 0 ? lettersOf(task.responseIds) : "Prompt only"}
                  </Link>
                  <span className="text-muted tabular">
                    {task.submitted} of {task.overlap} judgements
                  </span>
                  {task.priority !== 0 && <Badge>priority {task.priority}</Badge>}
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
      {making && (
        <MakeTasks
          projectId={projectId}
          from={here.length > 0 ? { promptIds: [promptId], responseIds: here } : { promptIds: [promptId] }}
          onClose={() => setMaking(false)}
          onMade={() => {
            setChosen([]);
            onChanged();
          }}
        />
      )}
    </Sheet>
  );
}
