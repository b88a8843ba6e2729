"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { taskSelections } from "@/db/shape/task";
import type { Project } from "@/server/project/schema";
import { Save } from "./save";

const selectionNames = {
  in_order: "In the order in which they were made",
  random: "In random order",
  uncertainty: "Where a reward model is least certain first",
  disagreement: "Where raters disagree first",
} as const;

/** Name, languages, overlap, lease, and what raters read when they skip or flag. */
export function GeneralForm({ project }: { project: Project }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const [languages, setLanguages] = useState(project.languages.join(", "));
  const [overlap, setOverlap] = useState(String(project.overlap));
  const [leaseMinutes, setLeaseMinutes] = useState(String(project.leaseSeconds / 60));
  const [selection, setSelection] = useState(project.selection);
  const [skipInstructions, setSkipInstructions] = useState(project.skipInstructions);
  const [flagInstructions, setFlagInstructions] = useState(project.flagInstructions);
  const update = useMutation(
    trpc.project.update.mutationOptions({
      onSuccess: async () => {
        toast({ title: "The settings are saved." });
        await client.invalidateQueries({ queryKey: trpc.project.pathKey() });
      },
    }),
  );
  return (
    <form
      className="flex max-w-2xl flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({
          projectId: project.id,
          name,
          description,
          languages: languages
            .split(",")
            .map((tag) => tag.trim())
            .filter(Boolean),
          overlap: Number(overlap),
          leaseSeconds: Math.round(Number(leaseMinutes) * 60),
          selection,
          skipInstructions,
          flagInstructions,
        });
      }}
    >
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            required
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Description" optional>
        {(control) => (
          <Textarea
            {...control}
            maxLength={2000}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        )}
      </Field>
      <Field label="Languages" help="Language tags with commas between, such as en, ar, pt-BR." optional>
        {(control) => (
          <Input {...control} value={languages} onChange={(event) => setLanguages(event.target.value)} />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Raters per task"
          help="A change opens or closes seats of tasks that are not done; judgements stay."
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              required
              min={1}
              max={100}
              value={overlap}
              onChange={(event) => setOverlap(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Minutes until a silent rater’s seat is free again"
          help="The desk renews the seat while it is open."
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              required
              min={1}
              max={10_080}
              step="any"
              value={leaseMinutes}
              onChange={(event) => setLeaseMinutes(event.target.value)}
            />
          )}
        </Field>
      </div>
      <Field label="Which tasks come first" help="Within the same priority.">
        {(control) => (
          <Select
            {...control}
            value={selection}
            onChange={(event) =>
              setSelection(taskSelections.find((one) => one === event.target.value) ?? "in_order")
            }
          >
            {taskSelections.map((one) => (
              <option key={one} value={one}>
                {selectionNames[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="When to skip" help="Raters read it where they choose a reason to skip." optional>
        {(control) => (
          <Textarea
            {...control}
            maxLength={2000}
            value={skipInstructions}
            onChange={(event) => setSkipInstructions(event.target.value)}
          />
        )}
      </Field>
      <Field label="When to flag" help="Raters read it where they flag a task for a reviewer." optional>
        {(control) => (
          <Textarea
            {...control}
            maxLength={2000}
            value={flagInstructions}
            onChange={(event) => setFlagInstructions(event.target.value)}
          />
        )}
      </Field>
      <Save update={update} />
    </form>
  );
}
