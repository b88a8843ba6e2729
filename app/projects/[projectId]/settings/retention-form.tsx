"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Field, Input } from "@/app/components/ui/field";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import type { Project } from "@/server/project/schema";
import { Save } from "./save";

const kept = [
  {
    name: "uploads",
    label: "Uploaded files",
    help: "Days after which files that were brought to be imported go. What was imported of them stays.",
  },
  {
    name: "runs",
    label: "What ended runs leave",
    help: "Days after a run’s end when its working folder, its checkpoints and its files to download go. A model’s files stay, and so do log and curves. A failed run then begins anew when it is tried again.",
  },
  {
    name: "addresses",
    label: "Addresses in the audit log",
    help: "Days after which the log forgets where a request about this project came from. Who did what stays.",
  },
  {
    name: "attempts",
    label: "Attempts of the red team",
    help: "Days after which an attempt goes, with what was judged of it. What must not be learnt of it stays out of datasets, known by hashes alone.",
  },
] as const;

type Name = (typeof kept)[number]["name"];

/** After how many days what goes by itself. */
export function RetentionForm({ project }: { project: Project }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [days, setDays] = useState<Record<Name, string>>({
    uploads: String(project.retention.uploads ?? ""),
    runs: String(project.retention.runs ?? ""),
    addresses: String(project.retention.addresses ?? ""),
    attempts: String(project.retention.attempts ?? ""),
  });
  const update = useMutation(
    trpc.project.update.mutationOptions({
      onSuccess: async () => {
        toast({ title: "The settings are saved." });
        await client.invalidateQueries({ queryKey: trpc.project.pathKey() });
      },
    }),
  );
  const daysOf = (name: Name) => (days[name].trim() === "" ? undefined : Number(days[name]));
  return (
    <form
      className="flex max-w-2xl flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({
          projectId: project.id,
          retention: Object.fromEntries(kept.map(({ name }) => [name, daysOf(name)])),
        });
      }}
    >
      <p className="text-sm text-muted">
        Nothing goes by itself unless you say after how many days. It is looked for once a day.
      </p>
      {kept.map(({ name, label, help }) => (
        <Field key={name} label={label} help={help} optional>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={36_500}
              placeholder="for ever"
              className="max-w-40"
              value={days[name]}
              onChange={(event) => setDays({ ...days, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <Save update={update} />
    </form>
  );
}
