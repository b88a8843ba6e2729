import { Plus, X } from "lucide-react";
import { Button, IconButton } from "@/app/components/ui/button";
import { Field, Input, Select } from "@/app/components/ui/field";
import type { ColumnMapping, MappablePlace } from "@/server/import/schema";
import { PlaceInput } from "./place-input";
import { whenIn, writtenWhen } from "./when";

interface FieldsProps {
  mapping: ColumnMapping;
  places: readonly MappablePlace[];
  /** The suggestions' id. */
  list: string;
  onChange: (mapping: ColumnMapping) => void;
}

/** What the file says about the responses: a verdict or a ranking, and ratings. */
export function JudgementFields(props: FieldsProps) {
  return (
    <>
      <VerdictFields {...props} />
      <RankingFields {...props} />
      <RatingFields {...props} />
    </>
  );
}

const outcomes = [
  { name: "first", label: "First is better" },
  { name: "second", label: "Second is better" },
  { name: "tie", label: "Neither" },
  { name: "bothBad", label: "Both are bad" },
  { name: "none", label: "No verdict" },
] as const;

const strengths = [
  { name: "slightly", label: "Slightly" },
  { name: "clearly", label: "Clearly" },
  { name: "much", label: "Much" },
] as const;

function VerdictFields({ mapping, places, list, onChange }: FieldsProps) {
  const { preference } = mapping;
  const set = (change: Partial<NonNullable<typeof preference>>) =>
    preference && onChange({ ...mapping, preference: { ...preference, ...change } });
  const strength = preference?.strength;
  const values = places.find(({ path }) => path === preference?.column)?.values ?? [];
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 md:col-span-2">
      <legend className="mb-1 text-sm font-medium">Existing verdict</legend>
      <div className="flex flex-wrap items-end gap-2">
        <PlaceInput
          aria-label="Column of the verdict"
          list={list}
          placeholder="No verdict in the file"
          value={preference?.column ?? ""}
          onChange={(column) => {
            const [first = "a", second = "b"] = places.find(({ path }) => path === column)?.values ?? [];
            onChange({
              ...mapping,
              ranking: column ? undefined : mapping.ranking,
              preference: column ? { first, second, ...preference, column } : undefined,
            });
          }}
          className="w-56"
        />
        {preference &&
          outcomes.map(({ name, label }) => (
            <Field key={name} label={label} optional={name !== "first" && name !== "second"}>
              {(control) => (
                <Input
                  {...control}
                  value={writtenWhen(preference[name])}
                  onChange={(event) =>
                    set({
                      [name]:
                        whenIn(event.target.value) ??
                        (name === "first" || name === "second" ? "" : undefined),
                    })
                  }
                  className="w-36 font-mono text-sm"
                />
              )}
            </Field>
          ))}
      </div>
      {preference && (
        <>
          <p className="text-xs text-muted">
            Several values with | between them (a value’s own as <code>\|</code>), numbers as{" "}
            <code>&gt; 3</code>, another column as <code>{"{{model_a}}"}</code>.{" "}
            {values.length > 0 && (
              <>
                The first rows say{" "}
                {values.map((value) => (
                  <code key={value} className="me-1 rounded-sm bg-sunken px-1">
                    {value}
                  </code>
                ))}
              </>
            )}
          </p>
          <div className="flex flex-wrap items-end gap-2">
            <Field label="Column of the strength" optional>
              {(control) => (
                <PlaceInput
                  {...control}
                  list={list}
                  placeholder="Not in the file"
                  value={strength?.column ?? ""}
                  onChange={(column) =>
                    set({
                      strength: column
                        ? { slightly: "1", clearly: "2", much: "3", ...strength, column }
                        : undefined,
                    })
                  }
                  className="w-56"
                />
              )}
            </Field>
            {strength &&
              strengths.map(({ name, label }) => (
                <Field key={name} label={label} optional>
                  {(control) => (
                    <Input
                      {...control}
                      value={writtenWhen(strength[name])}
                      onChange={(event) =>
                        set({ strength: { ...strength, [name]: whenIn(event.target.value) } })
                      }
                      className="w-36 font-mono text-sm"
                    />
                  )}
                </Field>
              ))}
          </div>
        </>
      )}
    </fieldset>
  );
}

const columnsIn = (text: string): string[] =>
  text
    .split(",")
    .map((column) => column.trim())
    .filter((column) => column !== "");

const kinds = {
  ranks: "Ranks, 1 the best",
  scores: "Scores, the highest the best",
  order: "The order, the best first",
};

function RankingFields({ mapping, list, onChange }: FieldsProps) {
  const { ranking } = mapping;
  if (mapping.preference) return null;
  return (
    <div className="flex min-w-0 flex-wrap items-end gap-2 md:col-span-2">
      <Field
        label="Ranking"
        help="One column for each response, with commas, or one that holds a list."
        optional
      >
        {(control) => (
          <PlaceInput
            {...control}
            list={list}
            placeholder="No ranking in the file"
            defaultValue={ranking?.columns.join(", ") ?? ""}
            onChange={(text) => {
              const columns = columnsIn(text);
              onChange({
                ...mapping,
                ranking: columns.length > 0 ? { as: "ranks", ...ranking, columns } : undefined,
              });
            }}
            className="w-72"
          />
        )}
      </Field>
      {ranking && (
        <Select
          aria-label="What the ranking says"
          value={ranking.as}
          onChange={({ target: { value } }) =>
            (value === "ranks" || value === "scores" || value === "order") &&
            onChange({ ...mapping, ranking: { ...ranking, as: value } })
          }
          className="mb-5 w-64"
        >
          {Object.entries(kinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      )}
    </div>
  );
}

/** The ratings of one scale; further scales and choices are written as JSON. */
function RatingFields({ mapping, list, onChange }: FieldsProps) {
  const [rating, ...others] = mapping.ratings;
  const set = (changed: typeof rating | undefined) =>
    onChange({ ...mapping, ratings: changed ? [changed, ...others] : others });
  const addAttribute = () => {
    const { attributes, ...scale } = rating ?? {
      id: "ratings",
      per: "response" as const,
      min: 1,
      max: 5,
      attributes: [],
    };
    let number = attributes.length + 1;
    while (attributes.some(({ id }) => id === `attribute_${number}`)) number++;
    set({ ...scale, attributes: [...attributes, { id: `attribute_${number}`, columns: [""] }] });
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 md:col-span-2">
      <legend className="mb-1 text-sm font-medium">Ratings of each response</legend>
      {rating?.attributes.map((attribute, index) => {
        const change = (changed: Partial<typeof attribute>) =>
          set({
            ...rating,
            attributes: rating.attributes.map((one, at) => (at === index ? { ...one, ...changed } : one)),
          });
        return (
          <div key={attribute.id} className="flex flex-wrap items-center gap-2">
            <Input
              aria-label={`Attribute ${index + 1}`}
              value={attribute.label ?? attribute.id}
              onChange={(event) => change({ label: event.target.value || undefined })}
              className="w-44"
            />
            <PlaceInput
              aria-label={`Columns of attribute ${index + 1}`}
              list={list}
              placeholder="help_a, help_b or replies[*].help"
              defaultValue={attribute.columns.join(", ")}
              onChange={(text) => {
                const columns = columnsIn(text);
                change({ columns: columns.length > 0 ? columns : [""] });
              }}
              className="w-72"
            />
            <IconButton
              label={`Remove attribute ${index + 1}`}
              onClick={() => {
                const attributes = rating.attributes.filter((_, at) => at !== index);
                set(attributes.length > 0 ? { ...rating, attributes } : undefined);
              }}
            >
              <X />
            </IconButton>
          </div>
        );
      })}
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <Button size="sm" onClick={addAttribute} disabled={(rating?.attributes.length ?? 0) >= 12}>
          <Plus aria-hidden="true" />
          Add an attribute
        </Button>
        {rating &&
          (["min", "max"] as const).map((end) => (
            <Input
              key={end}
              type="number"
              aria-label={end === "min" ? "Lowest rating" : "Highest rating"}
              value={rating[end]}
              onChange={(event) => set({ ...rating, [end]: Number(event.target.value) })}
              className="w-20"
            />
          ))}
      </div>
    </fieldset>
  );
}
