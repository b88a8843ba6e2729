"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useOpenLaunched } from "@/app/components/run/launched";
import { isOver } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import {
  type Cloned,
  clonedPeft,
  clonedSpec,
  launchOptions,
  promptsIn,
} from "@/app/components/training/launch";
import { OptionField } from "@/app/components/training/option-field";
import { common, evaluating, optionsOf, type Values } from "@/app/components/training/options";
import { type Peft, PeftFields } from "@/app/components/training/peft-fields";
import {
  originNotes,
  originOf,
  type Preset,
  presetNames,
  presetOptions,
  presetPeft,
} from "@/app/components/training/presets";
import { PreviewPanel } from "@/app/components/training/preview-panel";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { Segmented } from "@/app/components/ui/segmented";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { Split } from "@/db/shape/dataset-kinds";
import { type TrainingMethod, trainingMethods } from "@/db/shape/training";
import type { Model } from "@/server/model/schema";
import { managedKeys, methodNotes, previewSchema, trainableKinds } from "@/server/training/schema";

/** Loaded when the first one is added. */
const AddModel = dynamic(() => import("../../../../models/add-model").then((form) => form.AddModel));

const methodNames: Record<TrainingMethod, string> = {
  sft: "SFT",
  reward: "Reward model",
  preference: "Preference tuning (DPO)",
  kto: "KTO",
};
const DEFAULT_PROMPTS = "What is the capital of France?\nExplain in one sentence why the sky is blue.";

/**
 * Chooses method, model and options for a run on this version; `from` is a run to start over with changes, `start` the
 * model to start from.
 */
export function TrainForm({
  projectId,
  versionId,
  from,
  start,
}: {
  projectId: string;
  versionId: string;
  from?: string;
  start?: string;
}) {
  const trpc = useTRPC();
  const version = useQuery(trpc.dataset.version.queryOptions({ projectId, versionId }));
  const dataset = useQuery(
    trpc.dataset.get.queryOptions(
      { projectId, datasetId: version.data?.datasetId ?? "" },
      { enabled: version.data !== undefined },
    ),
  );
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const source = useQuery(
    trpc.run.get.queryOptions({ projectId, runId: from ?? "" }, { enabled: from !== undefined }),
  );
  if (!version.data || !models.data || (from && !source.data))
    return <PageHeader title="Train">{(version.error ?? models.error ?? source.error)?.message}</PageHeader>;
  if (models.data.length === 0) return <NoModel projectId={projectId} />;
  const kind = version.data.manifest.kind;
  const methods = trainingMethods.filter((method) => trainableKinds[method].some((fits) => fits === kind));
  return (
    <Form
      projectId={projectId}
      versionId={versionId}
      methods={methods}
      models={models.data}
      rows={version.data.manifest.rows}
      on={`${dataset.data?.name ?? "version"} v${version.data.version}`}
      startId={start}
      cloned={source.data ? { kind: source.data.kind, spec: source.data.spec } : undefined}
    />
  );
}

/** Where there is nothing to start from: a base is added here, and the form is there when it is. */
function NoModel({ projectId }: { projectId: string }) {
  // Null until it is first opened; from then on it keeps what is filled in.
  const [adding, setAdding] = useState<boolean | null>(null);
  return (
    <>
      <PageHeader title="Train" />
      <Empty
        title="No model to start from"
        action={
          <Button variant="primary" onClick={() => setAdding(true)}>
            Add a base model
          </Button>
        }
      >
        Add a Hugging Face directory or a Hub model, or make a small one from nothing.
      </Empty>
      {adding !== null && <AddModel projectId={projectId} open={adding} onOpenChange={setAdding} />}
    </>
  );
}

interface FormProps {
  projectId: string;
  versionId: string;
  methods: readonly TrainingMethod[];
  models: readonly Model[];
  /** Rows of each split. */
  rows: Partial<Record<Split, number>>;
  /** The name of the dataset, with its version. */
  on: string;
  startId: string | undefined;
  cloned: Cloned | undefined;
}

function Form({ projectId, versionId, methods, models, rows, on, startId, cloned }: FormProps) {
  const trpc = useTRPC();
  const router = useRouter();
  // One key for this visit: pressing Start twice starts once.
  const key = useRef(crypto.randomUUID());
  const before = clonedSpec(cloned);
  const heldOut = rows.validation || rows.test || 0;
  const hasHeldOut = heldOut > 0;
  const [method, setMethod] = useState<TrainingMethod>(() => {
    const from = models.find(({ id }) => id === startId)?.method;
    // From a base SFT comes first, from what SFT made the preferences.
    const next = from === "reward" ? "reward" : from && from !== "base" ? "preference" : methods[0];
    return methods.find((m) => m === (cloned?.kind ?? next)) ?? methods[0];
  });
  const starts = models.filter((model) => model.method !== "reward" || method === "reward");
  const [modelId, setModelId] = useState(before?.modelId ?? startId);
  // Newest first: SFT starts from a base model, everything else from an SFT model.
  const usual = starts.find((model) => model.method === (method === "sft" ? "base" : "sft"));
  // A model that was archived since is not replaced by another without a word.
  const isGone =
    modelId !== undefined && modelId === before?.modelId && !models.some(({ id }) => id === modelId);
  const start = starts.find(({ id }) => id === modelId) ?? (isGone ? undefined : (usual ?? starts[0]));
  const [name, setName] = useState(before?.name ?? "");
  // A preset follows method and model; what a person changes stays. A cloned run begins with what it was told.
  const [preset, setPreset] = useState<Preset | null>(before ? null : "quick");
  const [changes, setChanges] = useState<Values>(before?.options ?? {});
  const [chosenPeft, setPeft] = useState<Peft | null | undefined>(before ? clonedPeft(before) : undefined);
  const origin = start ? originOf(start, models) : "pretrained";
  const values: Values = { ...(preset && presetOptions(preset, method, origin)), ...changes };
  const peft = chosenPeft === undefined ? presetPeft(origin) : chosenPeft;
  const isChanged = Object.keys(changes).length > 0 || chosenPeft !== undefined;
  const setValue = (option: string, value: unknown) => setChanges((all) => ({ ...all, [option]: value }));
  // Null: as they were, also those of several lines.
  const [prompts, setPrompts] = useState(before ? null : DEFAULT_PROMPTS);
  const [template, setTemplate] = useState(before?.chatTemplate ?? "");
  const [everything, setEverything] = useState(false);
  const [grid, setGrid] = useState<Record<string, string>>({});

  const described = useQuery(trpc.training.options.queryOptions({ projectId }));
  const options = optionsOf(
    described.data?.[method],
    hasHeldOut ? managedKeys : [...managedKeys, ...evaluating],
  );
  const shown = options.filter((option) => everything || common.includes(option.name));
  const known = new Set(options.map((option) => option.name));
  const kept: Values = before && method === cloned?.kind ? before.options : {};
  const hidden = Object.keys(values).filter(
    (option) => option in kept && option !== "peft" && !known.has(option) && values[option] !== undefined,
  );
  const launch = {
    projectId,
    versionId,
    method,
    modelId: start?.id ?? "",
    name: name.trim() || freeName(`${start?.name ?? "model"}-${method}`, models),
    // An adapter that training goes on from has its own settings.
    options: launchOptions({ values, peft: start?.format === "adapter" ? null : peft, known, kept }),
    chatTemplate: template.trim() ? template : undefined,
    samplePrompts:
      method === "reward" ? [] : prompts === null ? (before?.samplePrompts ?? []) : promptsIn(prompts),
  };
  const toRun = useOpenLaunched(projectId);
  const train = useMutation(trpc.training.launch.mutationOptions({ onSuccess: toRun }));
  const sweep = useMutation(
    trpc.training.sweep.mutationOptions({
      onSuccess: ([first]) => router.push(`/projects/${projectId}/runs/sweeps/${first?.groupId}`),
    }),
  );
  const points = gridOf(grid);
  const isSweep = Object.keys(points).length > 0;
  const error = train.error ?? sweep.error;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader title={cloned ? "Train again, with changes" : "Train"}>
        <p className="text-sm text-muted">
          On{" "}
          <Link href={`/projects/${projectId}/datasets/versions/${versionId}`} className="text-ink underline">
            {on}
          </Link>
          : {counted(rows.train ?? 0, "row")} to learn from, {amount(heldOut)} held out.
        </p>
      </PageHeader>
      <form
        className="grid gap-8 px-4 md:px-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
        onSubmit={(event) => {
          event.preventDefault();
          if (isSweep) sweep.mutate({ ...launch, grid: points, idempotencyKey: key.current });
          else train.mutate({ ...launch, idempotencyKey: key.current });
        }}
      >
        <div className="flex max-w-3xl flex-col gap-6">
          <div className="flex flex-col gap-2">
            <Segmented
              label="Method"
              value={method}
              onChange={setMethod}
              options={methods.map((value) => ({ value, label: methodNames[value] }))}
              className="self-start max-sm:flex-col"
            />
            <p className="text-sm text-muted">{methodNotes[method]}</p>
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Start from">
              {(control) => (
                <Select
                  {...control}
                  required
                  value={start?.id ?? ""}
                  onChange={({ target }) => setModelId(target.value)}
                >
                  {isGone && <option value="">The model of that run is archived: choose another</option>}
                  {starts.map((model) => (
                    <option key={model.id} value={model.id}>
                      {model.name} ({model.method})
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label="Name of the new model" optional>
              {(control) => (
                <Input
                  {...control}
                  maxLength={120}
                  placeholder={launch.name}
                  value={name}
                  onChange={({ target }) => setName(target.value)}
                />
              )}
            </Field>
          </div>
          <Section title="Preset">
            <div className="flex flex-wrap items-center gap-3">
              <Segmented
                label="Preset"
                value={preset ?? ""}
                onChange={(name) => {
                  setPreset(presetNames.find((one) => one === name) ?? null);
                  setChanges({});
                  setPeft(undefined);
                }}
                options={presetNames.map((value) => ({ value, label: value }))}
              />
              {preset && isChanged && <p className="text-sm text-muted">with changes</p>}
              {preset === null && <p className="text-sm text-muted">as the run it is cloned from</p>}
            </div>
            <p className="mt-2 text-sm text-muted">{originNotes[origin]}</p>
          </Section>
          {start?.format !== "adapter" && (
            <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
              <PeftFields value={peft ?? { method: "none" }} onChange={setPeft} />
            </div>
          )}
          <Section title="Options">
            {options.length === 0 && described.isSuccess && (
              <p className="text-sm text-muted">
                No worker is connected, so the options are not known. Start one and reload.
              </p>
            )}
            {!hasHeldOut && (
              <p className="text-sm text-muted">
                This version holds no rows out, so nothing is evaluated while it trains.
              </p>
            )}
            <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
              {shown.map((option) => (
                <OptionField
                  key={option.name}
                  option={option}
                  value={values[option.name]}
                  onChange={(value) => setValue(option.name, value)}
                />
              ))}
            </div>
            {described.isSuccess && hidden.length > 0 && (
              <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
                Also kept from that run:
                {hidden.map((option) => (
                  <Button key={option} title="Leave it out" onClick={() => setValue(option, undefined)}>
                    {option}: {JSON.stringify(values[option])} ×
                  </Button>
                ))}
              </p>
            )}
            <Button
              className="self-start"
              aria-expanded={everything}
              onClick={() => setEverything((on) => !on)}
            >
              {everything ? "Common options only" : `All ${options.length} options`}
            </Button>
          </Section>
          {method !== "reward" && (
            <Field
              label="Prompts to watch"
              optional
              help="One a line, eight at most. The model answers them at every checkpoint."
            >
              {(control) => (
                <Textarea
                  {...control}
                  value={prompts ?? before?.samplePrompts.join("\n") ?? ""}
                  onChange={({ target }) => setPrompts(target.value)}
                />
              )}
            </Field>
          )}
          <details className="text-sm">
            <summary className="font-semibold">Chat template: another one than the model's</summary>
            <div className="mt-3">
              <Field label="Template" optional help="Jinja, as in chat_template of tokenizer_config.json.">
                {(control) => (
                  <Textarea
                    {...control}
                    rows={8}
                    spellCheck={false}
                    className="font-mono text-xs"
                    value={template}
                    onChange={({ target }) => setTemplate(target.value)}
                  />
                )}
              </Field>
            </div>
          </details>
          <details className="text-sm">
            <summary className="font-semibold">Sweep: several values, a run for each combination</summary>
            <div className="mt-3 grid gap-4 sm:grid-cols-2">
              {["learning_rate", ...(known.has("beta") ? ["beta"] : []), "peft.r", "seed"].map((option) => (
                <Field
                  key={option}
                  label={<code className="text-xs">{option}</code>}
                  optional
                  help="Values separated by commas."
                >
                  {(control) => (
                    <Input
                      {...control}
                      value={grid[option] ?? ""}
                      onChange={({ target }) => setGrid((all) => ({ ...all, [option]: target.value }))}
                    />
                  )}
                </Field>
              ))}
            </div>
          </details>
          {error && (
            <p role="alert" className="text-sm text-bad">
              {error.message}
            </p>
          )}
          <div className="flex gap-2">
            <Button type="submit" variant="primary" busy={train.isPending || sweep.isPending}>
              {isSweep
                ? `Start ${Object.values(points).reduce((n, list) => n * list.length, 1)} runs`
                : "Start training"}
            </Button>
          </div>
        </div>
        <Look projectId={projectId} launch={launch} />
      </form>
    </div>
  );
}

/** A name that no model of the project has: `base-sft`, then `base-sft 2`. */
function freeName(wanted: string, models: readonly { name: string }[]): string {
  const taken = new Set(models.map(({ name }) => name));
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted} ${i}`;
  return name;
}

/** Asks the engine what it would see, and shows it. */
function Look({
  projectId,
  launch,
}: {
  projectId: string;
  launch: Parameters<ReturnType<typeof useLook>["mutate"]>[0];
}) {
  const trpc = useTRPC();
  const look = useLook();
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId: look.data?.id ?? "" },
      {
        enabled: look.data !== undefined,
        refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 500),
      },
    ),
  );
  const preview = previewSchema.safeParse(run.data?.result);
  const waiting = look.isPending || (look.data !== undefined && !(run.data && isOver(run.data)));
  const heading = useRef<HTMLHeadingElement>(null);
  const ready = preview.success;
  useEffect(() => {
    if (ready) heading.current?.scrollIntoView({ block: "nearest" });
  }, [ready]);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex items-center gap-3">
        <h2 ref={heading} className="flex-1 text-sm font-semibold">
          Before the start
        </h2>
        <Button busy={waiting} onClick={() => look.mutate(launch)}>
          Look at the first batch
        </Button>
      </div>
      {!look.data && !look.error && (
        <p className="text-sm text-muted">
          See the tokens that the engine will train on, what is dropped and why, memory, and the run.yaml.
        </p>
      )}
      {(look.error || run.data?.error) && (
        <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
          {look.error?.message ?? run.data?.error}
        </p>
      )}
      {preview.success && <PreviewPanel preview={preview.data} command="npm run train -- path/to/run.yaml" />}
    </div>
  );
}

function useLook() {
  const trpc = useTRPC();
  return useMutation(trpc.training.preview.mutationOptions());
}

/** `"1e-4, 3e-4"` by option, as numbers; options without values are left out. */
function gridOf(grid: Record<string, string>): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(grid)
      .map(([option, text]): [string, number[]] => [
        option,
        text
          .split(",")
          .map((part) => part.trim())
          .filter(Boolean)
          .map(Number)
          .filter(Number.isFinite),
      ])
      .filter(([, values]) => values.length > 0),
  );
}
