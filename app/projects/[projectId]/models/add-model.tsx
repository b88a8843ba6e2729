"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Field, Input, NumberInput } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC } from "@/app/trpc/client";
import { newModelSchema } from "@/server/model/schema";

const sizes = [
  "hidden_size",
  "num_hidden_layers",
  "num_attention_heads",
  "intermediate_size",
  "vocab_size",
  "seed",
  "pretrain_steps",
] as const;

/** A base model to start from: a folder, a Hub repository, or a small one from nothing. */
export function AddModel({
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
  const openLaunched = useOpenLaunched(projectId);
  const [kind, setKind] = useState<"folder" | "hub" | "new">("folder");
  const [name, setName] = useState("");
  const [place, setPlace] = useState("");
  const [revision, setRevision] = useState("main");
  const [shape, setShape] = useState(() => newModelSchema.parse({ name: "-", pretrain_steps: 160 }));
  const add = useMutation(
    trpc.model.add.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.model.list.queryKey({ projectId }) });
        onOpenChange(false);
      },
    }),
  );
  const make = useMutation(
    trpc.model.make.mutationOptions({
      onSuccess: openLaunched,
    }),
  );
  const error = add.error ?? make.error;
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add a base model"
      description="Training starts from it."
      submit={kind === "new" ? "Make it" : "Add"}
      busy={add.isPending || make.isPending}
      hint="⏎"
      error={error}
      onSubmit={() => {
        if (kind === "new") make.mutate({ projectId, ...shape, name });
        else
          add.mutate({
            projectId,
            name,
            source: kind === "folder" ? { kind, path: place } : { kind, repository: place, revision },
          });
      }}
    >
      <Segmented
        label="Where it is"
        value={kind}
        onChange={setKind}
        options={[
          { value: "folder", label: "Folder" },
          { value: "hub", label: "Hugging Face Hub" },
          { value: "new", label: "From nothing" },
        ]}
        className="self-start"
      />
      <Field label="Name">
        {(control) => (
          <Input
            {...control}
            required
            maxLength={120}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      {kind === "folder" && (
        <Field
          label="Folder"
          help="A Hugging Face directory below one that an admin has listed in CONCORD_MODELS."
        >
          {(control) => (
            <Input
              {...control}
              required
              placeholder="/models/SmolLM2-135M"
              value={place}
              onChange={({ target }) => setPlace(target.value)}
            />
          )}
        </Field>
      )}
      {kind === "hub" && (
        <div className="grid gap-4 sm:grid-cols-[2fr_1fr]">
          <Field label="Repository" help="owner/name. A gated one needs your token, stored under Account.">
            {(control) => (
              <Input
                {...control}
                required
                pattern="[\w.\-]+/[\w.\-]+"
                value={place}
                onChange={({ target }) => setPlace(target.value)}
              />
            )}
          </Field>
          <Field label="Revision">
            {(control) => (
              <Input
                {...control}
                required
                value={revision}
                onChange={({ target }) => setRevision(target.value)}
              />
            )}
          </Field>
        </div>
      )}
      {kind === "new" && (
        <>
          <p className="text-sm text-muted">
            Random weights, a tokenizer learnt from this project's texts, and <code>pretrain_steps</code> of
            training on them, so that it writes at all. Small, but everything is real: good for trying the
            loop without any download.
          </p>
          <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
            {sizes.map((size) => (
              <Field key={size} label={<code className="text-xs">{size}</code>}>
                {(control) => (
                  <NumberInput
                    {...control}
                    required
                    step={1}
                    value={shape[size]}
                    onNumber={(value) => setShape((all) => ({ ...all, [size]: value }))}
                  />
                )}
              </Field>
            ))}
          </div>
        </>
      )}
    </FormDialog>
  );
}
