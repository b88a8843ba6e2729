"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { DestinationFields, LicenceField, useDestination } from "@/app/components/export/destination";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Field, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import { type Model, type ModelForm, modelForms } from "@/server/model/schema";

const formNames: Record<ModelForm, string> = {
  peft: "PEFT adapter",
  full: "Hugging Face directory",
  onnx: "ONNX",
};

/** Writes a model's files to download, or pushes them to the Hugging Face Hub. */
export function ExportModel({
  projectId,
  model,
  open,
  onOpenChange,
}: {
  projectId: string;
  model: Model;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const isAdapter = model.format === "adapter";
  const destination = useDestination();
  const [form, setForm] = useState<ModelForm>(isAdapter ? "peft" : "full");
  const [licence, setLicence] = useState("other");
  const toRun = { onSuccess: useOpenLaunched(projectId) };
  const write = useMutation(trpc.model.export.mutationOptions(toRun));
  const push = useMutation(trpc.model.push.mutationOptions(toRun));
  const error = write.error ?? push.error;
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Export"
      description="The files come with a model card that states data, agreement, hyper-parameters and held-out metrics."
      submit={destination.submit}
      busy={write.isPending || push.isPending}
      disabled={destination.isRefused}
      error={error}
      onSubmit={() => {
        const spec = { projectId, modelId: model.id, form, licence };
        if (destination.target === "files") write.mutate(spec);
        else push.mutate({ ...spec, repository: destination.repository });
      }}
    >
      <DestinationFields destination={destination} />
      <Field
        label="Form"
        help={isAdapter ? "As a directory or ONNX, the adapter is merged into its base." : undefined}
      >
        {(control) => (
          <Select
            {...control}
            value={form}
            onChange={({ target }) => setForm(modelForms.find((one) => one === target.value) ?? form)}
          >
            {modelForms
              .filter((one) => one !== "peft" || isAdapter)
              .map((one) => (
                <option key={one} value={one}>
                  {formNames[one]}
                </option>
              ))}
          </Select>
        )}
      </Field>
      <LicenceField value={licence} onChange={setLicence} />
    </FormDialog>
  );
}
