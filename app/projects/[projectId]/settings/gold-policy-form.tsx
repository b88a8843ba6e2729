"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Checkbox, Field, Input } from "@/app/components/ui/field";
import { useToast } from "@/app/components/ui/toast";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { GoldPolicy } from "@/db/shape/gold";
import type { GoldSettings } from "@/server/gold/schema";
import { Save } from "./save";

const usualQualification = { items: 10, pass: 8, retries: 1 };
const usualBlocking = { good: 0.85, bad: 0.6, alpha: 0.01, beta: 0.05 };

/** How many tasks have a known answer, who is told, who has to qualify, and who is paused. */
export function GoldPolicyForm({
  projectId,
  settings: { policy: before, items },
}: {
  projectId: string;
  settings: GoldSettings;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [policy, setPolicy] = useState<GoldPolicy>(before);
  const { qualification, blocking } = policy;
  const save = useMutation(
    trpc.gold.setPolicy.mutationOptions({
      onSuccess: async () => {
        toast({ title: "The settings are saved." });
        await client.invalidateQueries({ queryKey: trpc.gold.pathKey() });
      },
    }),
  );
  const asked = qualification ? qualification.items * (1 + qualification.retries) : 0;
  return (
    <form
      className="flex max-w-2xl flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ projectId, policy });
      }}
    >
      <p className="text-sm text-muted">
        An item is a task whose answer is known. Raters get it among other tasks and cannot tell it from them;
        what they answer says how often they are right, and counts nowhere else: in no agreement, no ranking,
        no dataset.
      </p>
      <NumberField
        label="Share of tasks with a known answer, in percent"
        help={`0 gives out none, 50 is the most. There are ${counted(items.mixed + items.attention, "item")} to mix in; each rater gets each once.`}
        value={Math.round(1000 * policy.rate) / 10}
        max={50}
        step="any"
        onValue={(value) => setPolicy({ ...policy, rate: value / 100 })}
      />
      <Tick
        label="Tell raters afterwards"
        help="After their answer they read whether it was the known one, and why. Then they cannot take it back."
        checked={policy.feedback}
        onChecked={(feedback) => setPolicy({ ...policy, feedback })}
      />
      <Tick
        label="A qualification before the first task"
        help="Raters see that it is one. Whoever passes, or has passed before, works on."
        checked={qualification !== null}
        onChecked={(on) => setPolicy({ ...policy, qualification: on ? usualQualification : null })}
      />
      {qualification && (
        <div className="flex flex-wrap gap-4 ps-6">
          <NumberField
            label="Tasks"
            value={qualification.items}
            min={1}
            max={100}
            onValue={(value) => setPolicy({ ...policy, qualification: { ...qualification, items: value } })}
          />
          <NumberField
            label="Right to pass"
            value={qualification.pass}
            min={1}
            max={qualification.items}
            onValue={(pass) => setPolicy({ ...policy, qualification: { ...qualification, pass } })}
          />
          <NumberField
            label="Further attempts"
            value={qualification.retries}
            max={5}
            onValue={(retries) => setPolicy({ ...policy, qualification: { ...qualification, retries } })}
          />
          <p className={`w-full text-xs ${items.qualification < asked ? "text-warn" : "text-muted"}`}>
            Each attempt is on other tasks, so {asked} are needed; there{" "}
            {items.qualification === 1 ? "is 1" : `are ${items.qualification}`}.
            {items.qualification < asked && " Raters who run out of them wait until there are more."}
          </p>
        </div>
      )}
      <Tick
        label="Pause raters who are wrong too often"
        help="Wald's sequential test of the answers to items, attention checks aside. A paused rater's open tasks go to others at once; a manager can let them go on."
        checked={blocking !== null}
        onChecked={(on) => setPolicy({ ...policy, blocking: on ? usualBlocking : null })}
      />
      {blocking && (
        <div className="flex flex-wrap gap-4 ps-6">
          {(
            [
              ["good", "A good rater is right in … of 100", 99],
              ["bad", "A bad one in … of 100", 98],
              ["alpha", "Good raters paused, of 100 at most", 50],
              ["beta", "Bad raters not paused, of 100 at most", 50],
            ] as const
          ).map(([name, label, max]) => (
            <NumberField
              key={name}
              label={label}
              value={Math.round(1e4 * blocking[name]) / 100}
              min={0.01}
              max={max}
              step="any"
              onValue={(value) => setPolicy({ ...policy, blocking: { ...blocking, [name]: value / 100 } })}
            />
          ))}
          <p className="w-full text-xs text-muted">
            Each rater is tested once: when the test has said that they are good, it ends. Somebody between
            the two may stay undecided for long, and is a matter for you. With the usual settings, simulated:
            0.6 of 100 good raters paused, 4.1 of 100 bad ones not, after 21 to 25 items.
          </p>
        </div>
      )}
      <Save update={save} />
    </form>
  );
}

function NumberField({
  label,
  help,
  value,
  min = 0,
  max,
  step = 1,
  onValue,
}: {
  label: string;
  help?: ReactNode;
  value: number;
  min?: number;
  max: number;
  step?: number | "any";
  onValue: (value: number) => void;
}) {
  return (
    <Field label={label} help={help}>
      {(control) => (
        <Input
          {...control}
          type="number"
          required
          min={min}
          max={max}
          step={step}
          className="max-w-32"
          defaultValue={value}
          onChange={(event) => event.target.value !== "" && onValue(event.target.valueAsNumber)}
        />
      )}
    </Field>
  );
}

function Tick({
  label,
  help,
  checked,
  onChecked,
}: {
  label: string;
  help: string;
  checked: boolean;
  onChecked: (on: boolean) => void;
}) {
  return (
    <div className="flex flex-col gap-1">
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
      <label className="flex items-center gap-2 text-sm font-medium">
        <Checkbox checked={checked} onCheckedChange={(on) => onChecked(on === true)} />
        {label}
      </label>
      <p className="ps-6 text-xs text-muted">{help}</p>
    </div>
  );
}
