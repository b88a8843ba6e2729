"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DestinationFields, LicenceField, useDestination } from "@/app/components/export/destination";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Sheet } from "@/app/components/ui/dialog";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Segmented } from "@/app/components/ui/segmented";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import {
  type ExportFormat,
  type ExportLayout,
  exportLayouts,
  type LayoutOffer,
} from "@/server/dataset/schema";

const formatNames = { parquet: "Parquet", jsonl: "JSONL", csv: "CSV" } as const;

/** Writes a version's files to download, or pushes them to the Hugging Face Hub. */
export function ExportForm({
  projectId,
  versionId,
  open,
  onOpenChange,
}: {
  projectId: string;
  versionId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const destination = useDestination();
  const [wanted, setWanted] = useState<ExportFormat>("parquet");
  const [layout, setLayout] = useState<ExportLayout>("trl");
  const [licence, setLicence] = useState("other");
  const [description, setDescription] = useState("");
  const toRun = { onSuccess: useOpenLaunched(projectId) };
  const exportFiles = useMutation(trpc.dataset.export.mutationOptions(toRun));
  const push = useMutation(trpc.dataset.push.mutationOptions(toRun));
  const offers = useQuery(trpc.dataset.layouts.queryOptions({ projectId, versionId }, { enabled: open }));
  const offer = offers.data?.find((one) => one.layout === layout);
  const formats = offer?.formats ?? [];
  const format = formats.includes(wanted) ? wanted : formats[0];
  const error = exportFiles.error ?? push.error ?? offers.error;
  return (
    <FormDialog
      as={Sheet}
      open={open}
      onOpenChange={onOpenChange}
      title="Export"
      description="Files are laid out as on the Hugging Face Hub, with a dataset card that states annotators, agreement, recipe and hash."
      submit={destination.submit}
      busy={exportFiles.isPending || push.isPending}
      disabled={destination.isRefused || !offer || offer.rows === 0}
      error={error}
      onSubmit={() => {
        const spec = { projectId, versionId, format, layout, card: { licence, description } };
        if (destination.target === "files") exportFiles.mutate(spec);
        else push.mutate({ ...spec, repository: destination.repository });
      }}
    >
      <DestinationFields destination={destination} />
      <Field
        label="Layout"
        help={offer?.use.replaceAll("`", "") ?? "Which trainer reads the files without conversion."}
      >
        {(control) => (
          <Select
            {...control}
            value={layout}
            onChange={(event) => setLayout(exportLayouts.find((l) => l === event.target.value) ?? layout)}
          >
            {(offers.data ?? []).map((option) => (
              <option key={option.layout} value={option.layout}>
                {option.title}
                {option.skipped.length > 0 && ` (${amount(skippedIn(option))} left out)`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {offer && <Skipped offer={offer} />}
      {formats.length > 1 && (
        <Segmented
          label="Format"
          value={format}
          onChange={setWanted}
          options={formats.map((value) => ({ value, label: formatNames[value] }))}
          className="self-start"
        />
      )}
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

const skippedIn = ({ skipped }: LayoutOffer) => skipped.reduce((sum, { rows }) => sum + rows, 0);

/** The rows that the chosen layout cannot hold, before anything is written. */
function Skipped({ offer }: { offer: LayoutOffer }) {
  if (offer.skipped.length === 0) return <p className="text-sm text-muted">All rows will be written.</p>;
  return (
    <div className="rounded-md border border-line p-3 text-sm">
      <p>
        {counted(offer.rows, "row")} will be written, {amount(skippedIn(offer))} left out because{" "}
        {offer.title} could not read them:
      </p>
      <ul className="mt-1 list-disc pl-5 text-muted">
        {offer.skipped.map(({ trait, why, rows }) => (
          <li key={trait}>
            {why}: {amount(rows)}
          </li>
        ))}
      </ul>
    </div>
  );
}
