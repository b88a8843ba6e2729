"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Field, NumberInput, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import { sampledAt } from "@/server/evaluation/schema";
import { comparing } from "@/server/form/answers";
import type { Model } from "@/server/model/schema";

/** Starts a blind comparison; usually against the model this one was trained from. */
export function EvaluateForm({
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
  const models = useQuery(trpc.model.list.queryOptions({ projectId }, { enabled: open, staleTime: 0 }));
  const others = models.data?.filter(({ id, method }) => id !== model.id && method !== "reward") ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const opponentId = chosen ?? others.find(({ id }) => id === model.parentId)?.id ?? others[0]?.id ?? "";
  const [prompts, setPrompts] = useState(50);
  const [overlap, setOverlap] = useState(1);
  const [tokens, setTokens] = useState(256);
  const [temperature, setTemperature] = useState(0.7);
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }, { enabled: open }));
  const questions = comparing(forms.data?.[0]?.questions ?? [], 2);
  const [asked, setAsked] = useState<string | null>(null);
  const questionId = asked ?? questions[0]?.id;
  const start = useMutation(
    trpc.evaluation.start.mutationOptions({
      onSuccess: openLaunched,
    }),
  );
  const whole = { required: true, min: 1, step: 1 };
  return (
    <FormDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Evaluate blind with experts"
      description="Both models answer the same prompts, those held out of training first. The pairs go to the experts' desks first in line, in random order and without names."
      submit="Start"
      busy={start.isPending}
      disabled={!opponentId || !questionId}
      hint="⏎"
      error={start.error}
      onSubmit={() => {
        start.mutate({
          projectId,
          modelId: model.id,
          opponentId,
          prompts,
          overlap,
          questionId,
          sampling: { max_new_tokens: tokens, ...sampledAt(temperature) },
        });
      }}
    >
      <Field
        label="Against"
        help={models.isSuccess && others.length === 0 ? "There is no other model that writes." : undefined}
      >
        {(control) => (
          <Select {...control} value={opponentId} onChange={({ target }) => setChosen(target.value)}>
            {others.map((other) => (
              <option key={other.id} value={other.id}>
                {other.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {forms.isSuccess && questions.length === 0 && (
        <p className="text-sm text-bad">
          No question of this project compares two responses. Add a preference question to its form first.
        </p>
      )}
      {questions.length > 1 && (
        <Field label="Votes under" help="Those under other questions are not counted with them.">
          {(control) => (
            <Select {...control} value={questionId} onChange={({ target }) => setAsked(target.value)}>
              {questions.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Field label="Prompts">
          {(control) => (
            <NumberInput {...control} {...whole} max={1000} value={prompts} onNumber={setPrompts} />
          )}
        </Field>
        <Field label="Raters each">
          {(control) => (
            <NumberInput {...control} {...whole} max={20} value={overlap} onNumber={setOverlap} />
          )}
        </Field>
        <Field label="Longest reply" help="tokens">
          {(control) => (
            <NumberInput {...control} {...whole} max={4096} value={tokens} onNumber={setTokens} />
          )}
        </Field>
        <Field label="Temperature" help="0: the likeliest reply">
          {(control) => (
            <NumberInput
              {...control}
              required
              min={0}
              max={5}
              step={0.1}
              value={temperature}
              onNumber={setTemperature}
            />
          )}
        </Field>
      </div>
    </FormDialog>
  );
}
