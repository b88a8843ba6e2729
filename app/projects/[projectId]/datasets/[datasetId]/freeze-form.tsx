"use client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useEffect, useId, useState } from "react";
import { FigureName } from "@/app/components/figure";
import { useOpenLaunched } from "@/app/components/run/launched";
import { Button } from "@/app/components/ui/button";
import { Sheet } from "@/app/components/ui/dialog";
import { Checkbox, Field, NumberInput, Select, Textarea } from "@/app/components/ui/field";
import { languageName } from "@/app/components/ui/language";
import { PickSeveral } from "@/app/components/ui/pick-several";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import {
  modelledAggregations,
  type Recipe,
  type RowTrait,
  recipeSchema,
  rowTraits,
  type StoredRecipe,
} from "@/db/shape/dataset";
import { type DatasetKind, splits } from "@/db/shape/dataset-kinds";
import type { LabellingJudge } from "@/db/shape/judge";
import { ordersReplies, readsComparisons, traitWords } from "@/server/dataset/schema";

const aggregations = {
  majority: "Majority: one row a pair, most votes win",
  weighted: "Weighted: votes count by rater weight",
  all: "All: one row a vote",
  adjudicated: "Adjudicated pairs only",
  dawid_skene: "Dawid–Skene: most probable, raters by what they confuse",
  mace: "MACE: most probable, raters know or guess",
  crowd_bt: "Crowd-BT: most probable, raters right or wrong, replies strong or weak",
} as const;
const confidences = {
  none: "Not at all",
  weight: "As the row's weight",
  soft: "As two rows, one in each direction",
} as const;
const tieRules = { drop: "Drop tied pairs", both: "One row in each direction, margin 0" } as const;
const labelRules = {
  majority: "Good if it won more than it lost",
  unanimous: "Only replies whose comparisons all agree",
} as const;
const orderRules = {
  determined: "Where comparisons leave no order open",
  complete: "Only where every two replies were compared",
} as const;
const judges = { people: "People", models: "Models", all: "People and models" } as const;
const margins = {
  none: "None",
  strength: "Mean strength of the votes",
  vote_share: "Lead in votes",
} as const;

/** The recipe of the next version, starting from the one before. */
export function FreezeForm({
  projectId,
  dataset,
  previous,
  open,
  onOpenChange,
}: {
  projectId: string;
  dataset: { id: string; kind: DatasetKind; name: string };
  previous: StoredRecipe | null | undefined;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const trpc = useTRPC();
  const openLaunched = useOpenLaunched(projectId);
  const form = useId();
  const [changes, setChanges] = useState<Partial<Recipe>>({});
  const asBefore: Recipe = { ...recipeSchema.parse({}), ...previous, ...changes };
  // The form has no weights to change: they stay where they count.
  const recipe = asBefore.aggregation === "weighted" ? asBefore : { ...asBefore, raterWeights: {} };
  const change = (part: Partial<Recipe>) => setChanges((all) => ({ ...all, ...part }));
  const checked = recipeSchema.safeParse(recipe);
  const whose = { judges: recipe.filters.judges, raters: recipe.filters.raters };
  const questions = useQuery({
    ...trpc.dataset.questions.queryOptions({ projectId, ...whose }),
    placeholderData: keepPreviousData,
  });
  const compares = readsComparisons(dataset.kind, recipe);
  const asked = (compares && questions.data) || [];
  const named = [recipe.filters.questionId ?? []].flat();
  const mayCountJudges = whose.judges !== "people" || whose.raters.length > 0;
  const counting = useQuery({
    ...trpc.judge.counted.queryOptions({ projectId, ...whose }),
    enabled: mayCountJudges,
    placeholderData: keepPreviousData,
  });
  // What is kept of a recipe before is not shown of one that counts people alone.
  const countedJudges = (mayCountJudges && counting.data) || [];
  const unfit = countedJudges.filter(({ role }) => role !== "label");
  const [despite, setDespite] = useState("");
  const issue = checked.success ? null : checked.error.issues[0]?.message;
  const unnamed = asked.length > 1 && named.length === 0;
  const problem = issue ?? (unnamed ? "Choose the question whose votes count." : null);
  const freeze = useMutation(
    trpc.dataset.freeze.mutationOptions({
      onSuccess: openLaunched,
    }),
  );
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  const known = (
    of: "languages" | "domains" | "sources",
    nameOf: (value: string) => string = (value) => value,
  ) => (facets.data?.[of] ?? []).map(({ value, count }) => ({ value, label: nameOf(value), count }));
  const pairs = dataset.kind === "preference" || dataset.kind === "reward";
  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={`Freeze ${dataset.name}`}
      description="The version never changes afterwards. The same recipe on the same judgements gives the same hash."
      footer={
        <>
          {open && (
            <RowCount
              projectId={projectId}
              datasetId={dataset.id}
              recipe={checked.success && problem === null ? checked.data : null}
            />
          )}
          <Button
            type="submit"
            form={form}
            variant="primary"
            busy={freeze.isPending}
            disabled={problem !== null}
          >
            Freeze version
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault();
          if (checked.success)
            freeze.mutate({
              ...{ projectId, datasetId: dataset.id, recipe: checked.data },
              ...(unfit.length > 0 && { despite }),
            });
        }}
      >
        <Group title="Votes">
          {asked.length > 1 && (
            <fieldset className="flex flex-col gap-2">
              <legend className="mb-1 text-sm font-medium">Question</legend>
              {asked.map(({ id, label, votes }) => (
                <Check
                  key={id}
                  label={`${label} (${counted(votes, "vote")})`}
                  checked={named.includes(id)}
                  onChange={(on) => {
                    const ids = on ? [...named, id] : named.filter((other) => other !== id);
                    change({ filters: { ...recipe.filters, questionId: ids.length > 0 ? ids : undefined } });
                  }}
                />
              ))}
              <p className="text-xs text-muted">
                Several only if they ask the same thing: then a rater has one vote on a pair, the last.
              </p>
            </fieldset>
          )}
          <Choice
            label="Aggregation"
            help="An adjudication overrides the votes, except when all votes are wanted."
            value={recipe.aggregation}
            options={aggregations}
            onChange={(aggregation) => change({ aggregation, confidence: "none" })}
          />
          <div className="grid gap-4 sm:grid-cols-3">
            <NumberField
              label="Minimum votes"
              min={1}
              step={1}
              value={recipe.minVotes}
              onChange={(minVotes) => change({ minVotes })}
            />
            <NumberField
              label="Minimum agreement"
              min={0}
              max={1}
              step={0.05}
              value={recipe.minAgreement}
              onChange={(minAgreement) => change({ minAgreement })}
              help="The winner's share of the votes."
            />
            <NumberField
              label="Minimum strength"
              min={0}
              max={1}
              step={0.05}
              value={recipe.minStrength}
              onChange={(minStrength) => change({ minStrength })}
              help="1 is the end of the scale; ties have none."
            />
          </div>
          {pairs && modelledAggregations.some((name) => name === recipe.aggregation) && (
            <Choice
              label="How sure the model is goes into training"
              help="A weight multiplies the row's loss. In each direction: weighted by the probabilities of both, without a margin."
              value={recipe.confidence}
              options={confidences}
              onChange={(confidence) =>
                change({ confidence, ...(confidence === "soft" && { margin: "none" as const }) })
              }
            />
          )}
          {dataset.kind === "unpaired" && (
            <Choice
              label="Label of a reply"
              help="A reply that won once and lost once has one label or none, never both."
              value={recipe.label}
              options={labelRules}
              onChange={(label) => change({ label })}
            />
          )}
          {ordersReplies(dataset.kind, recipe) && (
            <Choice
              label="Order of replies"
              help="By a Bradley–Terry model of the comparisons within a prompt; what they leave open is left out."
              value={recipe.order}
              options={orderRules}
              onChange={(order) => change({ order })}
            />
          )}
          {pairs && (
            <div className="grid gap-4 sm:grid-cols-2">
              <Choice
                label="Ties"
                value={recipe.ties}
                options={tieRules}
                onChange={(ties) => change({ ties })}
              />
              <Choice
                label="Margin"
                value={recipe.margin}
                options={margins}
                onChange={(margin) => change({ margin })}
              />
            </div>
          )}
        </Group>

        <Group title="Filters">
          <Choice
            label="Judges"
            value={recipe.filters.judges}
            options={judges}
            onChange={(judges) => change({ filters: { ...recipe.filters, judges } })}
          />
          {countedJudges.length > 0 && <CountedJudges projectId={projectId} judges={countedJudges} />}
          {unfit.length > 0 && (
            <Field
              label="Why they count all the same"
              help="The version keeps the reason, and its card states it. Without one, let the judges’ cards show more first, or count people alone."
            >
              {(control) => (
                <Textarea
                  {...control}
                  required
                  minLength={10}
                  maxLength={1000}
                  value={despite}
                  onChange={({ target }) => setDespite(target.value)}
                />
              )}
            </Field>
          )}
          <PickSeveral
            label="Languages"
            all="All languages"
            value={recipe.filters.languages}
            choices={known("languages", languageName)}
            onChange={(languages) => change({ filters: { ...recipe.filters, languages } })}
          />
          <PickSeveral
            label="Domains"
            all="All domains"
            value={recipe.filters.domains}
            choices={known("domains")}
            onChange={(domains) => change({ filters: { ...recipe.filters, domains } })}
          />
          <PickSeveral
            label="Response sources"
            help="Models or people whose responses may appear."
            all="All sources"
            value={recipe.filters.sources}
            choices={known("sources")}
            onChange={(sources) => change({ filters: { ...recipe.filters, sources } })}
          />
          <Check
            label="Leave out judgements with a flag"
            checked={recipe.filters.excludeFlagged}
            onChange={(excludeFlagged) => change({ filters: { ...recipe.filters, excludeFlagged } })}
          />
          <Check
            label="Count replies of the same text as one, whatever their source"
            checked={recipe.dedupe === "exact"}
            onChange={(exact) => change({ dedupe: exact ? "exact" : "none" })}
          />
          {dataset.kind !== "sft" && (
            <Check
              label="Take what models wrote under attack as what is rejected; it is never chosen"
              checked={recipe.redTeam === "rejected"}
              onChange={(on) => change({ redTeam: on ? "rejected" : "none" })}
            />
          )}
        </Group>

        <details>
          <summary className="cursor-pointer text-sm font-semibold">
            Rows to leave out
            {recipe.filters.without.length > 0 && ` (${recipe.filters.without.length} rules)`}
          </summary>
          <p className="my-2 text-xs text-muted">
            What a trainer&rsquo;s format may not hold. An export says how many rows each would leave out.
          </p>
          <div className="flex flex-col gap-2">
            {rowTraits.filter(isOf(dataset.kind)).map((trait) => (
              <Check
                key={trait}
                label={traitWords[trait]}
                checked={recipe.filters.without.includes(trait)}
                onChange={(on) => {
                  const others = recipe.filters.without.filter((other) => other !== trait);
                  change({ filters: { ...recipe.filters, without: on ? [...others, trait] : others } });
                }}
              />
            ))}
          </div>
        </details>

        {dataset.kind === "sft" && (
          <Group title="Replies">
            {(["demonstration", "edit", "best"] as const).map((source) => (
              <Check
                key={source}
                label={
                  {
                    demonstration: "Demonstrations",
                    edit: "Edited responses",
                    best: "Best-ranked responses",
                  }[source]
                }
                checked={recipe.sftSources.includes(source)}
                onChange={(on) =>
                  change({
                    sftSources: on
                      ? [...recipe.sftSources, source]
                      : recipe.sftSources.filter((s) => s !== source),
                  })
                }
              />
            ))}
          </Group>
        )}

        <Group title="Split by prompt">
          <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
            {(["train", "validation", "test"] as const).map((part) => (
              <NumberField
                key={part}
                label={part}
                min={0}
                max={1}
                step={0.01}
                value={recipe.split[part]}
                onChange={(value) => change({ split: { ...recipe.split, [part]: value } })}
              />
            ))}
            <NumberField
              label="seed"
              step={1}
              value={recipe.split.seed}
              onChange={(seed) => change({ split: { ...recipe.split, seed } })}
            />
          </div>
        </Group>
        {(problem ?? freeze.error) && (
          <p role="alert" className="text-sm text-bad">
            {problem ?? freeze.error?.message}
          </p>
        )}
      </form>
    </Sheet>
  );
}

/** The judges that the recipe counts, and what those lack that may not label. */
function CountedJudges({ projectId, judges }: { projectId: string; judges: readonly LabellingJudge[] }) {
  return (
    <ul className="flex flex-col gap-1 text-sm">
      {judges.map(({ judgeVersionId, judgeId, name, role, lacks }) => (
        <li key={judgeVersionId}>
          <Link
            href={`/projects/${projectId}/judges/${judgeId}?version=${judgeVersionId}`}
            className="text-accent hover:underline"
          >
            {name}
          </Link>{" "}
          {role === "label" ? "may label." : <span className="text-warn">may not label: {lacks}.</span>}
        </li>
      ))}
    </ul>
  );
}

const PAUSE_MS = 600;

/** How many rows the recipe makes now, and into which splits they fall; asked for when the recipe rests. */
function RowCount({
  projectId,
  datasetId,
  recipe,
}: {
  projectId: string;
  datasetId: string;
  /** Null while it cannot be frozen. */
  recipe: Recipe | null;
}) {
  const trpc = useTRPC();
  const wanted = JSON.stringify(recipe);
  const [rested, setRested] = useState(wanted);
  useEffect(() => {
    const pause = setTimeout(() => setRested(wanted), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [wanted]);
  const asked = rested === wanted ? recipe : null;
  const count = useQuery(
    trpc.dataset.count.queryOptions(
      { projectId, datasetId, recipe: asked ?? {} },
      { enabled: asked !== null, staleTime: 0, retry: false },
    ),
  );
  const rows = count.data?.rows;
  const total = rows ? rows.train + rows.validation + rows.test : 0;
  const empty =
    rows && total > 0 && recipe
      ? splits.filter((part) => rows[part] === 0 && (part === "train" || recipe.split[part] > 0))
      : [];
  return (
    <p role="status" className="me-auto min-w-0 self-center text-sm text-muted tabular">
      {recipe === null ? null : count.error ? (
        <span className="text-bad">{count.error.message}</span>
      ) : rows === null ? (
        "Too many prompts to count beforehand."
      ) : rows === undefined || asked === null ? (
        "Counting rows…"
      ) : total === 0 ? (
        <span className="text-warn">No row fits: loosen the filters, or collect more votes.</span>
      ) : (
        <>
          <FigureName id="versionRows">{counted(total, "row")}</FigureName>:{" "}
          {splits.map((part) => `${part} ${amount(rows[part])}`).join(" · ")}
          {empty.length > 0 && (
            <span className="block text-warn">
              None in {empty.join(" and ")}: prompts are drawn by the seed. Give it a larger share, or another
              seed.
            </span>
          )}
        </>
      )}
    </p>
  );
}

/** Whether rows of a kind can have a trait at all. */
const isOf = (kind: DatasetKind) => (trait: RowTrait) =>
  kind === "ranked" || (trait !== "over_two_replies" && trait !== "tied_replies");

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="mb-2 text-sm font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}

function Choice<T extends string>({
  label,
  help,
  value,
  options,
  onChange,
}: {
  label: string;
  help?: string;
  value: T;
  options: Record<T, string>;
  onChange: (value: T) => void;
}) {
  return (
    <Field label={label} help={help}>
      {(control) => (
        <Select
          {...control}
          value={value}
          onChange={(event) => {
            for (const option in options) if (option === event.target.value) onChange(option);
          }}
        >
          {Object.entries<string>(options).map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function NumberField({
  label,
  help,
  value,
  onChange,
  ...limits
}: {
  label: string;
  help?: string;
  value: number;
  onChange: (value: number) => void;
  min?: number;
  max?: number;
  step?: number;
}) {
  return (
    <Field label={label} help={help}>
      {(control) => <NumberInput {...control} {...limits} required value={value} onNumber={onChange} />}
    </Field>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <Checkbox id={id} checked={checked} onCheckedChange={(state) => onChange(state === true)} />
      <label htmlFor={id} className="text-sm">
        {label}
      </label>
    </div>
  );
}
