"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Field, Input, Select } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";
import { type DatasetKind, datasetKinds } from "@/server/dataset/schema";
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
  const form = useId();
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
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New dataset"
      description="A name and what its rows are. How they are made is decided when you freeze a version."
      footer={
        <Button type="submit" form={form} variant="primary" busy={create.isPending} hint="⏎">
          Make dataset
        </Button>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
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
      </form>
    </Dialog>
  );
}
