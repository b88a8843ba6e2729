"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";
import { Field, Input, Select } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
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
  const router = useRouter();
  const id = useId();
  const isAdapter = model.format === "adapter";
  const [target, setTarget] = useState<"files" | "hub">("files");
  const [form, setForm] = useState<ModelForm>(isAdapter ? "peft" : "full");
  const [licence, setLicence] = useState("other");
  const [repository, setRepository] = useState("");
  const secrets = useQuery(trpc.secret.list.queryOptions(undefined, { enabled: open && target === "hub" }));
  const hasToken = secrets.data?.some(({ name }) => name === "huggingface");
  const toRun = { onSuccess: (run: { id: string }) => router.push(`/projects/${projectId}/runs/${run.id}`) };
  const write = useMutation(trpc.model.export.mutationOptions(toRun));
  const push = useMutation(trpc.model.push.mutationOptions(toRun));
  const error = write.error ?? push.error;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Export"
      description="The files come with a model card that states data, agreement, hyper-parameters and held-out metrics."
      footer={
        <Button
          type="submit"
          form={id}
          variant="primary"
          busy={write.isPending || push.isPending}
          disabled={target === "hub" && hasToken === false}
        >
          {target === "files" ? "Write files" : "Push to the Hub"}
        </Button>
      }
    >
      <form
        id={id}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const spec = { projectId, modelId: model.id, form, licence };
          if (target === "files") write.mutate(spec);
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
                onChange={({ target }) => setRepository(target.value)}
              />
            )}
          </Field>
        )}
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
        <Field label="Licence" help="An SPDX or Hub licence id, such as cc-by-4.0.">
          {(control) => (
            <Input
              {...control}
              required
              value={licence}
              onChange={({ target }) => setLicence(target.value)}
            />
          )}
        </Field>
        {error && (
          <p role="alert" className="text-sm text-bad">
            {error.message}
          </p>
        )}
      </form>
    </Dialog>
  );
}
