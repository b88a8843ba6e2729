"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox, Field, Input, NumberInput, Select, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { amount, counted, dollars } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { DataRecipe, SlotModel } from "@/db/shape/construction";
import type { DataEstimate, DataRun, MethodEntry } from "@/server/construction/schema";
import { OptionFields } from "./option-fields";

/** Rows of a try. */
const TEN = 10;

const keyOf = (model: SlotModel) =>
  "endpointId" in model ? `endpoint ${model.endpointId}` : `model ${model.modelId}`;
function modelOf(key: string): SlotModel {
  const [kind, id = ""] = key.split(" ");
  return kind === "endpoint" ? { endpointId: id } : { modelId: id };
}

/** A recipe: who answers, what it builds on, how much, when it stops, and what people look at. */
export function DataForm({
  projectId,
  method,
  from,
  onClose,
}: {
  projectId: string;
  method: MethodEntry;
  /** A run whose recipe this one begins with, and whose yield says what it will take. */
  from?: DataRun;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const endpoints = useQuery(trpc.endpoint.list.queryOptions({ projectId }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const before = from?.recipe;
  const [chosen, setChosen] = useState<Record<string, string[]>>(() =>
    Object.fromEntries(Object.entries(before?.slots ?? {}).map(([slot, all]) => [slot, all.map(keyOf)])),
  );
  const [options, setOptions] = useState<Record<string, unknown>>(before?.options ?? {});
  const [language, setLanguage] = useState(before?.inputs.language ?? "");
  const [domain, setDomain] = useState(before?.inputs.domain ?? "");
  const [limit, setLimit] = useState(before?.inputs.limit ?? 175);
  const [documents, setDocuments] = useState<DataRecipe["inputs"]["documents"]>(
    before?.inputs.documents ?? [],
  );
  const [target, setTarget] = useState(from ? 100 : (before?.target ?? 100));
  const [budget, setBudget] = useState(before?.stops.budget ?? Number.NaN);
  const [isAudited, setAudited] = useState(before?.audit !== null && before?.audit !== undefined);
  const [share, setShare] = useState(100 * (before?.audit ?? 0.1));
  const [seed, setSeed] = useState(before?.seed ?? 1);

  const candidates = (slot: MethodEntry["slots"][number]) => [
    ...(slot.can === "chat" || slot.can === "logprobs"
      ? (endpoints.data ?? [])
          .filter(({ capabilities }) => capabilities && (slot.can === "chat" || capabilities.logprobs > 0))
          .map((one) => ({ key: keyOf({ endpointId: one.id }), label: `${one.name} (${one.model})` }))
      : []),
    ...(models.data ?? [])
      .filter((one) => (one.method === "reward") === (slot.can === "reward"))
      .map((one) => ({ key: keyOf({ modelId: one.id }), label: `${one.name}, here, at no cost` })),
  ];
  const pickedOf = (slot: MethodEntry["slots"][number]): string[] => {
    const known = candidates(slot);
    const picked = (chosen[slot.name] ?? []).filter((key) => known.some((one) => one.key === key));
    // A slot for one model has one as soon as there is one.
    return picked.length > 0 || slot.isMany ? picked : known.slice(0, 1).map(({ key }) => key);
  };
  const slots = Object.fromEntries(
    method.slots.flatMap((slot) => {
      const picked = pickedOf(slot);
      return picked.length > 0 ? [[slot.name, picked.map(modelOf)]] : [];
    }),
  );
  const whole = (value: number, least: number) => (Number.isFinite(value) ? Math.max(least, value) : least);
  const recipe = {
    method: method.id,
    options,
    slots,
    inputs: {
      language: language || null,
      domain: domain || null,
      source: before?.inputs.source ?? null,
      limit: whole(limit, 1),
      documents,
    },
    target: whole(target, 1),
    stops: { ...before?.stops, budget: Number.isFinite(budget) ? budget : null },
    seed: whole(seed, 0),
    audit: isAudited ? Math.min(100, whole(share, 1)) / 100 : null,
  };
  const estimate = useQuery(
    trpc.construction.estimate.queryOptions(
      { projectId, recipe },
      { retry: false, placeholderData: keepPreviousData },
    ),
  );
  const start = useMutation(
    trpc.construction.start.mutationOptions({
      onSuccess: ({ id }) => {
        onClose();
        router.push(`/projects/${projectId}/data/${id}`);
      },
    }),
  );
  const takesPrompts = method.needs.some((need) => need !== "documents");
  const known = estimate.data;
  const isReady =
    known !== undefined && known.problem === null && !estimate.isError && !estimate.isPlaceholderData;
  return (
    <FormDialog
      as={Sheet}
      onOpenChange={onClose}
      title={method.title}
      description={method.says}
      submit={`Make ${amount(recipe.target)}`}
      busy={start.isPending}
      disabled={!isReady}
      error={start.error ?? estimate.error ?? endpoints.error ?? models.error}
      onSubmit={() => start.mutate({ projectId, recipe })}
    >
      {method.slots
        .filter(({ name }) => !known || known.uses.includes(name))
        .map((slot) => (
          <SlotField
            key={slot.name}
            slot={slot}
            models={candidates(slot)}
            isKnown={endpoints.isSuccess && models.isSuccess}
            picked={pickedOf(slot)}
            onPick={(keys) => setChosen({ ...chosen, [slot.name]: keys })}
          />
        ))}
      {takesPrompts && (
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Language of prompts">
            {(control) => (
              <Select {...control} value={language} onChange={({ target }) => setLanguage(target.value)}>
                <option value="">all</option>
                {facets.data?.languages.map(({ value }) => (
                  <option key={value}>{value}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Domain of prompts">
            {(control) => (
              <Select {...control} value={domain} onChange={({ target }) => setDomain(target.value)}>
                <option value="">all</option>
                {facets.data?.domains.map(({ value }) => (
                  <option key={value}>{value}</option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Prompts, at most" help="Drawn by the seed.">
            {(control) => (
              <NumberInput
                {...control}
                required
                min={1}
                max={10_000}
                step={1}
                value={limit}
                onNumber={setLimit}
              />
            )}
          </Field>
        </div>
      )}
      {method.needs.includes("documents") && <Documents documents={documents} onChange={setDocuments} />}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Rows to keep" help="After filters. It ends with the batch that reaches them.">
          {(control) => (
            <NumberInput
              {...control}
              required
              min={1}
              max={100_000}
              step={1}
              value={target}
              onNumber={setTarget}
            />
          )}
        </Field>
        <Field label="May cost, US dollars" optional help="It stops before it would cost more.">
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              max={1_000_000}
              step="any"
              value={budget}
              onNumber={setBudget}
            />
          )}
        </Field>
      </div>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
      <label className="flex items-center gap-2 text-sm font-medium">
        <Checkbox checked={isAudited} onCheckedChange={(on) => setAudited(on === true)} />
        People look at a share only
      </label>
      {isAudited ? (
        <Field
          label="Share that people look at, percent"
          help="Drawn by the seed. The others may be used when these are judged, as judgements of a model; what share passed is told on each version."
        >
          {(control) => (
            <NumberInput {...control} required min={1} max={100} step={1} value={share} onNumber={setShare} />
          )}
        </Field>
      ) : (
        <p className="text-xs text-muted">People look at each row, and nothing else is used.</p>
      )}
      <details>
        <summary className="cursor-pointer text-sm font-semibold">How the method works</summary>
        <div className="grid gap-4 pt-3 sm:grid-cols-2">
          <OptionFields schema={method.options} values={options} onChange={setOptions} />
          <Field label="Seed" help="The same recipe with the same seed asks the same.">
            {(control) => (
              <NumberInput
                {...control}
                required
                min={0}
                max={2_147_483_647}
                step={1}
                value={seed}
                onNumber={setSeed}
              />
            )}
          </Field>
        </div>
      </details>
      <div role="status" className="flex flex-col gap-2 rounded-md bg-sunken p-3 text-sm tabular">
        {known?.problem ? (
          <p className="text-bad">{known.problem}</p>
        ) : (
          <p>{known ? takes(known) : "It is being reckoned what this takes."}</p>
        )}
        {from && from.kept > 0 && <p>{atYield(from, recipe.target)}</p>}
        {!from && (
          <p>
            <Button
              disabled={!isReady}
              busy={start.isPending}
              onClick={() =>
                start.mutate({
                  projectId,
                  recipe: { ...recipe, target: TEN },
                  title: `${method.title}: a try`,
                })
              }
            >
              Try ten rows first
            </Button>{" "}
            <span className="text-muted">
              What they cost counts: the whole run asks none of it again while what it draws from is the same.
            </span>
          </p>
        )}
      </div>
    </FormDialog>
  );
}

function takes({ prompts, documents, calls, output, cost }: DataEstimate): string {
  const on = [
    ...(prompts > 0 ? [counted(prompts, "prompt")] : []),
    ...(documents > 0 ? [counted(documents, "document")] : []),
  ].join(" and ");
  const price =
    cost === null
      ? "What it costs is not known: an endpoint has no prices."
      : cost === 0
        ? "It costs nothing."
        : `At most ${dollars(cost)} for these replies; prompts come on top.`;
  return `${on ? `On ${on}: ` : ""}${counted(calls, "request")} and at most ${amount(output)} tokens of replies if filters drop nothing. ${price}`;
}

/** What as many rows take at the yield of a run that was made. */
function atYield({ kept, asks, cost }: DataRun, target: number): string {
  const times = target / kept;
  const price = cost === null ? "" : `, ${dollars(cost * times)}`;
  return `At the yield of the run before, about ${counted(Math.round(asks * times), "request")}${price}.`;
}

function SlotField({
  slot,
  models,
  isKnown,
  picked,
  onPick,
}: {
  slot: MethodEntry["slots"][number];
  models: readonly { key: string; label: string }[];
  isKnown: boolean;
  picked: readonly string[];
  onPick: (keys: string[]) => void;
}) {
  const help =
    isKnown && models.length === 0
      ? slot.can === "reward"
        ? "There is no reward model in the registry."
        : slot.can === "completion"
          ? "It needs a model of the registry: chat endpoints continue no raw text."
          : "There is no model: add an endpoint in the settings, or a base model."
      : `It ${slot.says}.`;
  if (slot.isMany)
    return (
      <fieldset className="flex flex-col gap-1.5">
        <legend className="text-sm font-medium">Models as {slot.name}</legend>
        <p className="text-xs text-muted">{help} One or more.</p>
        {models.map(({ key, label }) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside
          <label key={key} className="flex items-center gap-2 text-sm">
            <Checkbox
              checked={picked.includes(key)}
              onCheckedChange={(on) =>
                onPick(on === true ? [...picked, key] : picked.filter((one) => one !== key))
              }
            />
            {label}
          </label>
        ))}
      </fieldset>
    );
  return (
    <Field label={`Model as ${slot.name}`} help={help}>
      {(control) => (
        <Select
          {...control}
          required
          value={picked[0] ?? ""}
          onChange={({ target }) => onPick([target.value])}
        >
          {models.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function Documents({
  documents,
  onChange,
}: {
  documents: DataRecipe["inputs"]["documents"];
  onChange: (documents: DataRecipe["inputs"]["documents"]) => void;
}) {
  const [licence, setLicence] = useState(documents[0]?.licence ?? "");
  const [pasted, setPasted] = useState("");
  const add = (more: { name: string; text: string }[]) =>
    onChange([
      ...documents,
      ...more
        .filter(({ text }) => text.trim() !== "")
        .map((one) => ({ ...one, licence: licence.trim() || null })),
    ]);
  return (
    <div className="flex flex-col gap-3">
      <Field label="Licence of the documents" optional help="It stays with each row that is made of them.">
        {(control) => (
          <Input
            {...control}
            maxLength={200}
            value={licence}
            onChange={({ target }) => setLicence(target.value)}
          />
        )}
      </Field>
      <Field label="Text files">
        {(control) => (
          <Input
            {...control}
            type="file"
            multiple
            accept=".txt,.md,text/*"
            onChange={async ({ target }) => {
              const files = [...(target.files ?? [])];
              add(
                await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() }))),
              );
            }}
          />
        )}
      </Field>
      <Field label="Or a text" optional>
        {(control) => (
          <Textarea {...control} value={pasted} onChange={({ target }) => setPasted(target.value)} />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <Button
          disabled={pasted.trim() === ""}
          onClick={() => {
            add([{ name: `Text ${documents.length + 1}`, text: pasted }]);
            setPasted("");
          }}
        >
          Add the text
        </Button>
        <span className="text-muted">{counted(documents.length, "document")}</span>
        {documents.length > 0 && (
          <Button variant="ghost" onClick={() => onChange([])}>
            Remove all
          </Button>
        )}
      </div>
    </div>
  );
}
