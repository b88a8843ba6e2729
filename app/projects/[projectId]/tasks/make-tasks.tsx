"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useToast } from "@/app/components/ui/toast";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { groupings } from "@/db/shape/task";
import type { PromptFilter } from "@/server/content/schema";
import { RaterChoice } from "./rater-choice";

/** Which prompts become tasks: those named (perhaps with some responses of the one), or all that match a filter. */
export type TaskSource =
  | { promptIds: string[]; responseIds?: string[] }
  | { filter: PromptFilter; total: number };

const groupingNames = {
  together: "One task with all responses of a prompt",
  pairs: "One task for each pair of responses",
} as const;

export function MakeTasks({
  projectId,
  from,
  onClose,
  onMade,
}: {
  projectId: string;
  from: TaskSource;
  onClose: () => void;
  onMade: () => void;
}) {
  const trpc = useTRPC();
  const toast = useToast();
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const [grouping, setGrouping] = useState<(typeof groupings)[number]>("together");
  const [overlap, setOverlap] = useState("");
  const [priority, setPriority] = useState("0");
  const [raterIds, setRaterIds] = useState<readonly string[]>([]);
  const create = useMutation(
    trpc.task.create.mutationOptions({
      onSuccess: ({ created, existing }) => {
        toast({
          title: created === 1 ? "1 task was made." : `${amount(created)} tasks were made.`,
          detail: existing > 0 ? `${amount(existing)} were there already.` : undefined,
        });
        onMade();
        onClose();
      },
    }),
  );
  const isOneTask = "promptIds" in from && from.responseIds !== undefined;
  const what =
    "filter" in from
      ? `${amount(from.total)} prompts`
      : isOneTask
        ? `${from.responseIds?.length} responses of one prompt`
        : from.promptIds.length === 1
          ? "one prompt"
          : `${amount(from.promptIds.length)} prompts`;
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title={`Make tasks of ${what}`}
      description="Tasks that exist already with the same responses are left as they are."
      submit="Make tasks"
      busy={create.isPending}
      hint="⏎"
      error={create.error}
      onSubmit={() =>
        create.mutate({
          projectId,
          ...("filter" in from ? { filter: from.filter } : from),
          grouping,
          priority: Number(priority) || 0,
          ...(raterIds.length > 0
            ? { raterIds: [...raterIds] }
            : overlap
              ? { overlap: Number(overlap) }
              : {}),
        })
      }
    >
      {!isOneTask && (
        <Field label="Responses">
          {(control) => (
            <Select
              {...control}
              value={grouping}
              onChange={(event) =>
                setGrouping(groupings.find((value) => value === event.target.value) ?? "together")
              }
            >
              {groupings.map((value) => (
                <option key={value} value={value}>
                  {groupingNames[value]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <div className="flex flex-wrap gap-4">
        <Field
          label="Raters per task"
          help={
            raterIds.length > 0
              ? "One seat for each named rater."
              : `Empty: ${project.data?.overlap ?? "…"}, as the project says.`
          }
          className="flex-1"
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={100}
              disabled={raterIds.length > 0}
              value={raterIds.length > 0 ? raterIds.length : overlap}
              onChange={(event) => setOverlap(event.target.value)}
            />
          )}
        </Field>
        <Field label="Priority" help="Higher ones are given out first." className="flex-1">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={-1000}
              max={1000}
              value={priority}
              onChange={(event) => setPriority(event.target.value)}
            />
          )}
        </Field>
      </div>
      <RaterChoice
        projectId={projectId}
        label="Only these raters"
        help="Reserves a seat for each. Choose nobody to let anyone with the right skills take the seats."
        chosen={raterIds}
        onChange={setRaterIds}
      />
    </FormDialog>
  );
}
