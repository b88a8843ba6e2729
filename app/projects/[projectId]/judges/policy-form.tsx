"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox, Field, NumberInput, Select } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { useTRPC } from "@/app/trpc/client";
import type { JudgePolicy } from "@/db/shape/judge";
import type { JudgeVersion } from "@/server/judge/schema";

/** Where a step was open to no judge and is opened again. */
const usual = { presort: 0.2, label: 0.4 };

/** What the project asks of a judge before it may label or pre-sort, and which one orders the queue. */
export function PolicyForm({
  projectId,
  policy: before,
  versions,
  onClose,
}: {
  projectId: string;
  policy: JudgePolicy;
  /** Those that may be chosen to order the queue. */
  versions: readonly JudgeVersion[];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  // One that is out of use orders nothing, and is none that could be chosen.
  const isKnown = versions.some(({ id }) => id === before.queueBy);
  const [policy, setPolicy] = useState({ ...before, queueBy: isKnown ? before.queueBy : null });
  const change = (part: Partial<JudgePolicy>) => setPolicy((all) => ({ ...all, ...part }));
  const save = useMutation(
    trpc.judge.setPolicy.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.judge.pathKey() });
        onClose();
      },
    }),
  );
  const step = (role: "presort" | "label", words: string) => {
    const asked = policy[role];
    return (
      <div className="flex flex-col gap-2">
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
        <label className="flex items-center gap-2 text-sm font-medium">
          <Checkbox
            checked={asked !== null}
            onCheckedChange={(on) =>
              change(
                on === true
                  ? { [role]: usual[role] }
                  : // Without pre-sorting there is no labelling, which asks for more.
                    { [role]: null, ...(role === "presort" && { label: null }) },
              )
            }
          />
          {words}
        </label>
        {asked !== null && (
          <Field label="Agreement with a person, surely at least">
            {(control) => (
              <NumberInput
                {...control}
                required
                min={-1}
                max={1}
                step={0.01}
                className="max-w-32"
                value={asked}
                onNumber={(value) => change({ [role]: value })}
              />
            )}
          </Field>
        )}
      </div>
    );
  };
  return (
    <FormDialog
      as={Sheet}
      onOpenChange={onClose}
      title="What judges may"
      description="A judge advises until its card shows more. The lower end of each 95 % interval has to reach what is asked, on what people judged too and it was not trained on. Frozen versions stay what they are."
      submit="Save"
      busy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate({ projectId, policy })}
    >
      <Field label="Agreement beyond chance, by">
        {(control) => (
          <Select
            {...control}
            value={policy.measure}
            onChange={({ target }) => change({ measure: target.value === "ac" ? "ac" : "kappa" })}
          >
            <option value="kappa">Cohen’s κ</option>
            <option value="ac">Gwet’s AC, where nearly all answers are the same</option>
          </Select>
        )}
      </Field>
      {step("label", "Judges may label: recipes may count what they say")}
      {step("presort", "Judges may pre-sort: people get first what one is unsure of, and still judge all")}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Items beside people, at least">
          {(control) => (
            <NumberInput
              {...control}
              required
              min={2}
              max={100_000}
              step={1}
              value={policy.items}
              onNumber={(items) => change({ items })}
            />
          )}
        </Field>
        <Field label="Same when swapped, surely at least" help="percent">
          {(control) => (
            <NumberInput
              {...control}
              required
              min={0}
              max={100}
              step="any"
              value={Math.round(1000 * policy.consistency) / 10}
              onNumber={(value) => change({ consistency: value / 100 })}
            />
          )}
        </Field>
        <Field label="Replies without a verdict, at most" help="percent">
          {(control) => (
            <NumberInput
              {...control}
              required
              min={0}
              max={100}
              step="any"
              value={Math.round(1000 * policy.failures) / 10}
              onNumber={(value) => change({ failures: value / 100 })}
            />
          )}
        </Field>
      </div>
      <Field
        label="The queue goes by"
        help="While the project’s order of tasks is “uncertainty”: what this judge is least sure of comes first. What it has not judged counts as the average."
      >
        {(control) => (
          <Select
            {...control}
            value={policy.queueBy ?? ""}
            onChange={({ target }) => change({ queueBy: target.value || null })}
          >
            <option value="">no judge: the newest reward model</option>
            {versions.map(({ id, name, version }) => (
              <option key={id} value={id}>
                {name} v{version}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}
