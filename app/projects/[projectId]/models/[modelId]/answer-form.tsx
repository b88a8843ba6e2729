"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Field, NumberInput } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { Model } from "@/server/model/schema";

/** Lets a model answer prompts, after saying how many and what comes of it. */
export function AnswerForm({
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
  const openLaunched = useOpenLaunched(projectId);
  const [prompts, setPrompts] = useState(100);
  const generate = useMutation(
    trpc.evaluation.generate.mutationOptions({
      onSuccess: openLaunched,
    }),
  );
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Let ${model.name} answer prompts`}
      description="The first prompts that it has not answered each get a response of it, which tasks can then show. Nobody is asked to judge anything yet."
      submit="Start"
      busy={generate.isPending}
      hint="⏎"
      error={generate.error}
      onSubmit={() => generate.mutate({ projectId, modelId: model.id, prompts })}
    >
      <Field label="Prompts">
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={10_000}
            step={1}
            value={prompts}
            onNumber={setPrompts}
          />
        )}
      </Field>
    </FormDialog>
  );
}
