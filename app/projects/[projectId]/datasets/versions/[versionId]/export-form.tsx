"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC } from "@/app/trpc/client";
import { type DatasetKind, exportLayouts } from "@/server/dataset/schema";

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
  const form = useId();
  const [target, setTarget] = useState<"files" | "hub">("files");
  const [format, setFormat] = useState<"parquet" | "jsonl">("parquet");
  const [layout, setLayout] = useState<(typeof exportLayouts)[number]>("trl");
  const [licence, setLicence] = useState("other");
  const [description, setDescription] = useState("");
  const [repository, setRepository] = useState("");
  const secrets = useQuery(trpc.secret.list.queryOptions(undefined, { enabled: open && target === "hub" }));
  const hasToken = secrets.data?.some(({ name }) => name === "huggingface");
  const toRun = { onSuccess: ({ id }: { id: string }) => router.push(`/projects/${projectId}/runs/${id}`) };
  const exportFiles = useMutation(trpc.dataset.export.mutationOptions(toRun));
  const push = useMutation(trpc.dataset.push.mutationOptions(toRun));
  const error = exportFiles.error ?? push.error;
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title="Export"
      description="Files are laid out as on the Hugging Face Hub, with a dataset card that states annotators, agreement, recipe and hash."
      footer={
        <Button
          type="submit"
          form={form}
          variant="primary"
          busy={exportFiles.isPending || push.isPending}
          disabled={target === "hub" && hasToken === false}
        >
          {target === "files" ? "Write files" : "Push to the Hub"}
        </Button>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const spec = { projectId, versionId, format, layout, card: { licence, description } };
          if (target === "files") exportFiles.mutate(spec);
          else push.mutate({ ...spec, repository });
        }}
      >
        <Segmented
          label="Where to"
          value={target}
          onChange={setTarget}
          options={[
            { value: "files", label: "Files to download" },
            { value: "hub", label: "Hugging Face Hub" },
          ]}
          className="self-start"
        />
        {target === "hub" && (
          <Field
            label="Repository"
            help={
              hasToken === false ? (
                <>
                  Store a token with write access under{" "}
                  <Link href="/account" className="text-accent underline">
                    Account
                  </Link>{" "}
                  first.
                </>
              ) : (
                "owner/name; made as a private repository if it does not exist."
              )
            }
          >
            {(control) => (
              <Input
                {...control}
                required
                pattern="[\w.\-]+/[\w.\-]+"
                value={repository}
                onChange={(event) => setRepository(event.target.value)}
              />
            )}
          </Field>
        )}
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
        <Field label="Licence" help="An SPDX or Hub licence id, such as cc-by-4.0.">
          {(control) => (
            <Input
              {...control}
              required
              value={licence}
              onChange={(event) => setLicence(event.target.value)}
            />
          )}
        </Field>
        <Field label="Description" optional help="Goes to the top of the card.">
          {(control) => (
            <Textarea
              {...control}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        {error && (
          <p role="alert" className="text-sm text-bad">
            {error.message}
          </p>
        )}
      </form>
    </Sheet>
  );
}
