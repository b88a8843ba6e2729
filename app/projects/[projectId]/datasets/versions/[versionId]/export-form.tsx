"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { DestinationFields, LicenceField, useDestination } from "@/app/components/export/destination";
import { Sheet } from "@/app/components/ui/dialog";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC } from "@/app/trpc/client";
import type { DatasetKind } from "@/db/shape/dataset";
import { exportLayouts } from "@/server/dataset/schema";

const layoutNames = {
  trl: "TRL (also OpenRLHF and Axolotl DPO)",
  "llama-factory": "LLaMA-Factory",
  axolotl: "Axolotl",
  "nemo-rl": "NeMo-RL",
} as const;

/** Which layouts exist for a kind; the server refuses the others. */
const layoutsOf: Record<DatasetKind, readonly (typeof exportLayouts)[number][]> = {
  preference: exportLayouts,
  reward: exportLayouts,
  ranked: ["trl", "nemo-rl"],
  sft: ["trl", "llama-factory"],
  unpaired: ["trl", "llama-factory"],
};

/** Writes a version's files to download, or pushes them to the Hugging Face Hub. */
export function ExportForm({
  projectId,
  versionId,
  kind,
  open,
  onOpenChange,
}: {
  projectId: string;
  versionId: string;
  kind: DatasetKind;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const destination = useDestination();
  const [format, setFormat] = useState<"parquet" | "jsonl">("parquet");
  const [layout, setLayout] = useState<(typeof exportLayouts)[number]>("trl");
  const [licence, setLicence] = useState("other");
  const [description, setDescription] = useState("");
  const toRun = { onSuccess: ({ id }: { id: string }) => router.push(`/projects/${projectId}/runs/${id}`) };
  const exportFiles = useMutation(trpc.dataset.export.mutationOptions(toRun));
  const push = useMutation(trpc.dataset.push.mutationOptions(toRun));
  const error = exportFiles.error ?? push.error;
  return (
    <FormDialog
      as={Sheet}
      open={open}
      onOpenChange={onOpenChange}
      title="Export"
      description="Files are laid out as on the Hugging Face Hub, with a dataset card that states annotators, agreement, recipe and hash."
      submit={destination.submit}
      busy={exportFiles.isPending || push.isPending}
      disabled={destination.isRefused}
      error={error}
      onSubmit={() => {
        const spec = { projectId, versionId, format, layout, card: { licence, description } };
        if (destination.target === "files") exportFiles.mutate(spec);
        else push.mutate({ ...spec, repository: destination.repository });
      }}
    >
      <DestinationFields destination={destination} />
      <Segmented
        label="Format"
        value={format}
        onChange={setFormat}
        options={[
          { value: "parquet", label: "Parquet" },
          { value: "jsonl", label: "JSONL" },
        ]}
        className="self-start"
      />
      <Field label="Layout" help="Which trainer reads the files without conversion.">
        {(control) => (
          <Select
            {...control}
            value={layout}
            onChange={(event) => setLayout(exportLayouts.find((l) => l === event.target.value) ?? layout)}
          >
            {layoutsOf[kind].map((option) => (
              <option key={option} value={option}>
                {layoutNames[option]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <LicenceField value={licence} onChange={setLicence} />
      <Field label="Description" optional help="Goes to the top of the card.">
        {(control) => (
          <Textarea
            {...control}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
