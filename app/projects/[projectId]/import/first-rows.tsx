"use client";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { Badge } from "@/app/components/ui/badge";
import { IconButton } from "@/app/components/ui/button";
import { Segmented } from "@/app/components/ui/segmented";
import type { Question } from "@/server/form/schema";
import type { FilePreview } from "@/server/import/schema";
import type { Project } from "@/server/project/schema";
import { AnswersView } from "../preferences/answers-view";
import { ProblemList } from "./problem-list";
import { RawRows } from "./raw-rows";

export type Form = Pick<Project, "skipInstructions" | "flagInstructions"> & {
  form: { questions: readonly Question[] };
};
type Shown = FilePreview["shown"][number];

/** The first rows of a file, one at a time, as raters will see them under this reading; j and k turn them. */
export function FirstRows({ preview, project }: { preview: FilePreview; project: Form | undefined }) {
  const [view, setView] = useState<"desk" | "file">("desk");
  const [at, setAt] = useState(0);
  const items = itemsOf(preview.shown);
  const item = items[Math.min(at, items.length - 1)];
  const turn = (by: -1 | 1) =>
    setAt(Math.max(0, Math.min(items.length - 1, Math.min(at, items.length - 1) + by)));
  const isDesk = view === "desk" && item !== undefined;
  useTurnKeys(isDesk, turn);
  if (preview.rows.length === 0) return null;
  return (
    <section
      aria-label={`First rows of ${preview.name}`}
      className="flex min-w-0 flex-col overflow-hidden rounded-lg border bg-surface"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-sunken px-3 py-1.5 text-sm">
        <Segmented
          label="How the rows are shown"
          value={item ? view : "file"}
          onChange={setView}
          options={[
            ...(item ? [{ value: "desk" as const, label: "As the desk shows it" }] : []),
            { value: "file", label: "As it stands in the file" },
          ]}
        />
        {isDesk && (
          <div className="ms-auto flex items-center gap-1">
            <span className="text-muted tabular" aria-live="polite">
              Row {item.row} of the first {preview.shown.length}
            </span>
            <IconButton label="The row before (k)" disabled={at <= 0} onClick={() => turn(-1)}>
              <ChevronLeft className="rtl:-scale-x-100" />
            </IconButton>
            <IconButton label="The next row (j)" disabled={at >= items.length - 1} onClick={() => turn(1)}>
              <ChevronRight className="rtl:-scale-x-100" />
            </IconButton>
          </div>
        )}
      </header>
      {isDesk ? (
        <DeskRow
          key={JSON.stringify([item.row, item.record])}
          item={item}
          project={project}
          onDone={() => turn(1)}
        />
      ) : (
        <RawRows preview={preview} />
      )}
    </section>
  );
}

interface Item {
  row: number;
  record: Shown["records"][number] | null;
  problems: Shown["problems"];
}

/** A row that becomes several tasks is turned through one by one; one that becomes none says why. */
const itemsOf = (shown: readonly Shown[]): Item[] =>
  shown.flatMap(({ row, records, problems }): Item[] =>
    records.length > 0
      ? records.map((record) => ({ row, record, problems }))
      : [{ row, record: null, problems }],
  );

function DeskRow({ item, project, onDone }: { item: Item; project: Form | undefined; onDone: () => void }) {
  const { record, problems } = item;
  return (
    <>
      {record && project && (
        <div className="flex h-[34rem] min-h-0 flex-col">
          <OwnKeyboard>
            <Desk
              task={{ ...record, questions: project.form.questions, returnComment: null }}
              guidelines={null}
              skipInstructions={project.skipInstructions}
              flagInstructions={project.flagInstructions}
              keys="inside"
              title={<Badge tone="accent">nothing is sent</Badge>}
              onSubmit={onDone}
              onSkip={onDone}
            />
          </OwnKeyboard>
        </div>
      )}
      {record && <WhatTheFileSays record={record} />}
      {!record && problems.length === 0 && (
        <p className="px-4 py-3 text-sm text-muted">
          This row is no task of its own: it completes others, or says again what an earlier one said.
        </p>
      )}
      {problems.length > 0 && (
        <div className="border-t px-4 py-2">
          <ProblemList problems={problems} />
        </div>
      )}
    </>
  );
}

/** What raters do not see: who wrote the responses, and the judgements that come with the row. */
function WhatTheFileSays({ record }: { record: Shown["records"][number] }) {
  const { responses, judgements, prompt } = record;
  const sources = responses.map(({ source }) => source);
  if (judgements.length === 0 && sources.every((source) => source === null)) return null;
  return (
    <div className="flex flex-wrap gap-x-8 gap-y-3 border-t bg-sunken px-4 py-3 text-sm">
      {sources.some((source) => source !== null) && (
        <div>
          <h3 className="text-xs font-semibold">Written by</h3>
          {sources.map((source, index) => (
            <p key={index} className="text-muted">
              {String.fromCharCode(65 + index)}: {source ?? "not said"}
            </p>
          ))}
        </div>
      )}
      {judgements.map(({ rater, questions, answers, at }, index) => (
        <div key={index} className="min-w-0">
          <h3 className="text-xs font-semibold">
            {rater.kind === "label" ? "The file’s verdict" : `Judged by ${rater.id}`}
            {at && <span className="font-normal text-muted"> on {at.slice(0, 10)}</span>}
          </h3>
          <AnswersView questions={questions} answers={answers} responses={responses} lang={prompt.language} />
        </div>
      ))}
    </div>
  );
}

/** j and k from anywhere on the page, but not from where text is typed. */
function useTurnKeys(isOn: boolean, turn: (by: -1 | 1) => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const by = event.key === "j" ? 1 : event.key === "k" ? -1 : null;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (!isOn || by === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target?.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]"))
      return;
    event.preventDefault();
    turn(by);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen, true);
    return () => document.removeEventListener("keydown", listen, true);
  }, []);
}
