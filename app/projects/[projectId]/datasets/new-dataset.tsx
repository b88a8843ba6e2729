"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Field, Input, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import { type DatasetKind, datasetKinds } from "@/db/shape/dataset-kinds";
import { kindNames, kindNotes } from "./kinds";

export function NewDataset({
  projectId,
  open,
  onOpenChange,
}: {
  projectId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<DatasetKind>("preference");
  const create = useMutation(
    trpc.dataset.create.mutationOptions({
      onSuccess: async ({ id }) => {
        await client.invalidateQueries({ queryKey: trpc.dataset.list.queryKey({ projectId }) });
        router.push(`/projects/${projectId}/datasets/${id}`);
      },
    }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="New dataset"
      description="A name and what its rows are. How they are made is decided when you freeze a version."
      submit="Make dataset"
      busy={create.isPending}
      hint="⏎"
      onSubmit={() => {
        create.mutate({ projectId, name, kind });
      }}
    >
      <Field label="Name" error={create.error?.message}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={120}
            autoFocus
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <Field label="Kind" help={kindNotes[kind]}>
        {(control) => (
          <Select
            {...control}
            value={kind}
            onChange={(event) => setKind(datasetKinds.find((k) => k === event.target.value) ?? kind)}
          >
            {datasetKinds.map((option) => (
              <option key={option} value={option}>
                {kindNames[option]}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}
