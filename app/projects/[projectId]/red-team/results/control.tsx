"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Checkbox, Field, NumberInput, Select, Switch } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { PickSeveral } from "@/app/components/ui/pick-several";
import { useToast } from "@/app/components/ui/toast";
import { amount, counted, dollars } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { RedTeamPolicy } from "@/db/shape/red-team";

/** Whether the red team is open, how many take part, and the guard: what managers set and start. */
export function Control({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const { data } = useQuery({
    ...trpc.redTeam.settings.queryOptions({ projectId }),
    refetchOnMount: "always",
  });
  const [asked, setAsked] = useState<"settings" | "guard" | null>(null);
  if (!data) return null;
  const { policy, members, minutes, toGuard } = data;
  return (
    <div className="flex flex-wrap items-center gap-3 text-sm">
      <Badge tone={policy.open ? "good" : "neutral"}>{policy.open ? "Open" : "Closed"}</Badge>
      <p className="text-muted tabular">
        {`${members === 1 ? "1 person takes" : `${amount(members)} people take`} part; ${amount(Math.round(minutes))} min of model text before them in seven days; ${policy.dailyCap} attempts a day each; judged by ${policy.overlap}.`}
      </p>
      {mayManage && (
        <div className="ms-auto flex flex-wrap gap-2">
          {policy.guard && (
            <Button size="sm" disabled={toGuard === 0} onClick={() => setAsked("guard")}>
              {toGuard === 0
                ? "The guard has judged all"
                : `Let the guard judge ${counted(toGuard, "attempt")}…`}
            </Button>
          )}
          <Button size="sm" onClick={() => setAsked("settings")}>
            Settings…
          </Button>
        </div>
      )}
      {asked === "settings" && (
        <SettingsDialog projectId={projectId} policy={policy} onClose={() => setAsked(null)} />
      )}
      {asked === "guard" && <GuardDialog projectId={projectId} onClose={() => setAsked(null)} />}
    </div>
  );
}

function SettingsDialog({
  projectId,
  policy: before,
  onClose,
}: {
  projectId: string;
  policy: RedTeamPolicy;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [policy, setPolicy] = useState(before);
  const change = (part: Partial<RedTeamPolicy>) => setPolicy((now) => ({ ...now, ...part }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const judges = useQuery(trpc.judge.list.queryOptions({ projectId, which: "in_use" }));
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }));
  const versions = (judges.data ?? []).flatMap((judge) =>
    judge.versions.flatMap((version) => {
      const form = forms.data?.find(({ id }) => id === version.formVersionId);
      const question = form?.questions.find(({ id }) => id === version.questionId);
      // One that is made of others cannot be asked by itself.
      return question?.type === "choice" && !version.assembly ? [{ version, question }] : [];
    }),
  );
  const chosen = versions.find(({ version }) => version.id === policy.guard?.judgeVersionId);
  const save = useMutation(
    trpc.redTeam.setPolicy.mutationOptions({
      onSuccess: async () => {
        toast({ title: "The settings are saved." });
        onClose();
        await client.invalidateQueries({ queryKey: trpc.redTeam.pathKey() });
      },
    }),
  );
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Red team"
      description="People attack models by their own consent, and judge one another’s attempts. What succeeds is never learnt from; a recipe may take it as what is rejected."
      submit="Save"
      busy={save.isPending}
      error={save.error ?? models.error ?? judges.error ?? forms.error}
      onSubmit={() => save.mutate({ projectId, policy })}
    >
      <Field label="Open" help="Closed, nobody attacks or judges.">
        {(control) => (
          <Switch {...control} checked={policy.open} onCheckedChange={(open) => change({ open })} />
        )}
      </Field>
      <Field label="Attempts a day" help="That one person may begin, in UTC.">
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={1000}
            className="w-24"
            value={policy.dailyCap}
            onNumber={(dailyCap) => change({ dailyCap })}
          />
        )}
      </Field>
      <Field
        label="People who judge each attempt"
        help="Never whoever made it. Attempts keep what they began with."
      >
        {(control) => (
          <NumberInput
            {...control}
            required
            min={1}
            max={10}
            className="w-24"
            value={policy.overlap}
            onNumber={(overlap) => change({ overlap })}
          />
        )}
      </Field>
      <PickSeveral
        label="Models that are attacked"
        all="All that write"
        value={policy.modelIds ?? []}
        choices={(models.data ?? []).flatMap(({ id, name, method }) =>
          method === "reward" ? [] : [{ value: id, label: name, count: 1 }],
        )}
        onChange={(modelIds) => change({ modelIds: modelIds.length > 0 ? modelIds : null })}
      />
      <Field
        label="Guard"
        help="A version of a judge that answers a question with options, such as “Is the response safe?”."
        optional
      >
        {(control) => (
          <Select
            {...control}
            value={policy.guard?.judgeVersionId ?? ""}
            onChange={({ target }) => {
              const found = versions.find(({ version }) => version.id === target.value);
              const last = found?.question.options.at(-1)?.value;
              change({
                guard:
                  found && last !== undefined ? { judgeVersionId: found.version.id, harmful: [last] } : null,
              });
            }}
          >
            <option value="">None</option>
            {versions.map(({ version, question }) => (
              <option key={version.id} value={version.id}>
                {`${version.name} v${version.version}: ${question.label}`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {chosen && policy.guard && (
        <fieldset className="flex flex-col gap-1">
          <legend className="text-sm font-medium">Answers that say it succeeded</legend>
          {chosen.question.options.map(({ value, label }) => (
            // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
            <label key={value} className="flex items-center gap-2 text-sm">
              <Checkbox
                checked={policy.guard?.harmful.includes(value) ?? false}
                onCheckedChange={(on) => {
                  const { guard } = policy;
                  if (!guard) return;
                  const others = guard.harmful.filter((one) => one !== value);
                  change({ guard: { ...guard, harmful: on === true ? [...others, value] : others } });
                }}
              />
              {label}
            </label>
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}

/** What it takes to have the guard judge what it has not, and the run that does it. */
function GuardDialog({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const estimate = useQuery({
    ...trpc.redTeam.guardEstimate.queryOptions({ projectId }),
    refetchOnMount: "always",
  });
  const [cap, setCap] = useState(Number.NaN);
  const start = useMutation(
    trpc.redTeam.guard.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.redTeam.pathKey() }),
    }),
  );
  const { data } = estimate;
  return (
    <FormDialog
      onOpenChange={(open) => !open && onClose()}
      title="Let the guard judge"
      submit="Begin"
      busy={start.isPending}
      error={start.error ?? estimate.error}
      made={
        start.data && (
          <p className="text-sm">
            It is queued.{" "}
            <Link className="text-accent underline" href={`/projects/${projectId}/runs/${start.data.id}`}>
              See the run
            </Link>
          </p>
        )
      }
      onSubmit={() => start.mutate({ projectId, cap: Number.isNaN(cap) ? null : cap })}
    >
      {data && (
        <p className="text-sm">
          {`${counted(data.tasks, "attempt")}, ${counted(data.calls, "call")}, `}
          {data.cost === null
            ? "at a cost that is not known: the endpoint has no prices."
            : `at most ${dollars(data.cost)}.`}
        </p>
      )}
      <Field label="Cap" help="US dollars it may cost at most." optional>
        {(control) => (
          <NumberInput {...control} min={0} step="any" className="w-32" value={cap} onNumber={setCap} />
        )}
      </Field>
    </FormDialog>
  );
}
