"use client";
import { Plus, X } from "lucide-react";
import { useId, useState } from "react";
import { Button, IconButton } from "@/app/components/ui/button";
import { Field, Input, Select, Textarea } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { type ColumnMapping, columnMappingSchema, type MappablePlace } from "@/server/import/schema";
import { JudgementFields } from "./judgement-fields";
import { PlaceInput, Places } from "./place-input";

type PlaceField =
  | "system"
  | "tools"
  | "demonstration"
  | "rationale"
  | "rater"
  | "time"
  | "language"
  | "domain"
  | "source"
  | "externalId";

const placeFields: readonly { name: PlaceField; label: string; help?: string }[] = [
  { name: "system", label: "System message" },
  { name: "tools", label: "Tools" },
  {
    name: "demonstration",
    label: "Demonstration",
    help: "A reply that is right or was written by a person.",
  },
  { name: "rationale", label: "Rationale", help: "Why it was judged so." },
  { name: "rater", label: "Rater", help: "Whose judgement it is." },
  { name: "time", label: "Judged at", help: "ISO 8601, or seconds since 1970." },
  { name: "language", label: "Language" },
  { name: "domain", label: "Domain" },
  { name: "source", label: "Source of the prompt" },
  { name: "externalId", label: "Id of the prompt" },
];

/** Which column holds what, for files of no known shape. */
export function MappingForm({
  mapping,
  places,
  onChange,
}: {
  mapping: ColumnMapping;
  places: readonly MappablePlace[];
  onChange: (mapping: ColumnMapping) => void;
}) {
  const list = useId();
  const [asJson, setAsJson] = useState(false);
  return (
    <Section title="Which column holds what">
      <Places id={list} places={places} />
      <div className="flex flex-col gap-4 rounded-lg border bg-surface p-4">
        {asJson ? (
          <AsJson mapping={mapping} onChange={onChange} />
        ) : (
          <div className="grid gap-x-6 gap-y-4 md:grid-cols-2">
            <PromptField mapping={mapping} places={places} onChange={onChange} />
            <ResponseFields mapping={mapping} list={list} onChange={onChange} />
            <JudgementFields mapping={mapping} places={places} list={list} onChange={onChange} />
            {placeFields.map(({ name, label, help }) => (
              <Field key={name} label={label} help={help} optional>
                {(control) => (
                  <PlaceInput
                    {...control}
                    list={list}
                    placeholder="Not in the file"
                    value={mapping[name] ?? ""}
                    onChange={(path) => onChange({ ...mapping, [name]: path || undefined })}
                  />
                )}
              </Field>
            ))}
            {mapping.rater && (
              <Field label="The rater is">
                {(control) => (
                  <Select
                    {...control}
                    value={mapping.raterKind}
                    onChange={({ target: { value } }) =>
                      onChange({ ...mapping, raterKind: value === "model" ? "model" : "person" })
                    }
                  >
                    <option value="person">A person</option>
                    <option value="model">A model</option>
                  </Select>
                )}
              </Field>
            )}
          </div>
        )}
        <p className="text-xs text-muted">
          A place within a column is written as a path: <code>labels.better</code>,{" "}
          <code>turns[-1].text</code>, <code>turns[:-1]</code>, <code>replies[*].text</code> for each of a
          list, <code>annotations[*].winner</code> for the judgements of several raters; also in JSON that a
          column holds as text.{" "}
          <button type="button" className="underline" onClick={() => setAsJson(!asJson)}>
            {asJson ? "Show it as a form" : "Show it as JSON, as the API and the command line take it"}
          </button>
        </p>
      </div>
    </Section>
  );
}

function PromptField({
  mapping,
  places,
  onChange,
}: {
  mapping: ColumnMapping;
  places: readonly MappablePlace[];
  onChange: (mapping: ColumnMapping) => void;
}) {
  return (
    <div className="flex min-w-0 flex-col gap-1 md:col-span-2">
      <Field
        label="Prompt"
        help="A column as it is, or a text around columns: Summarise: {{title}} {{body}}"
        error={/\{\{[^{}]+\}\}/.test(mapping.prompt) ? null : "Name at least one column, as {{column}}."}
      >
        {(control) => (
          <Textarea
            {...control}
            rows={Math.min(6, mapping.prompt.split("\n").length)}
            value={mapping.prompt}
            onChange={(event) => onChange({ ...mapping, prompt: event.target.value })}
            className="min-h-8 font-mono text-sm"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-1">
        {places
          .filter(({ path, kind }) => kind !== "object" && !path.includes("[*]"))
          .slice(0, 24)
          .map(({ path }) => (
            <Button
              key={path}
              size="sm"
              variant="ghost"
              aria-label={`Add the column ${path} to the prompt`}
              onClick={() => onChange({ ...mapping, prompt: `${mapping.prompt}{{${path}}}` })}
              className="h-6 font-mono text-xs"
            >
              +{path}
            </Button>
          ))}
      </div>
    </div>
  );
}

function ResponseFields({
  mapping,
  list,
  onChange,
}: {
  mapping: ColumnMapping;
  list: string;
  onChange: (mapping: ColumnMapping) => void;
}) {
  const { responses } = mapping;
  const set = (index: number, change: Partial<ColumnMapping["responses"][number]>) =>
    onChange({
      ...mapping,
      responses: responses.map((one, at) => (at === index ? { ...one, ...change } : one)),
    });
  return (
    <fieldset className="flex min-w-0 flex-col gap-2 md:col-span-2">
      <legend className="mb-1 text-sm font-medium">Responses</legend>
      {responses.map((response, index) => (
        <div key={index} className="flex flex-wrap items-center gap-2">
          <PlaceInput
            aria-label={`Column of response ${index + 1}`}
            list={list}
            placeholder="Column"
            value={response.column}
            onChange={(column) => set(index, { column })}
            className="w-56"
          />
          <PlaceInput
            aria-label={`Column that says who wrote response ${index + 1}`}
            list={list}
            placeholder="Column of its writer"
            value={response.sourceColumn ?? ""}
            onChange={(path) => set(index, { sourceColumn: path || undefined })}
            className="w-52"
          />
          <Input
            aria-label={`Who wrote response ${index + 1}`}
            placeholder="or the writer’s name"
            value={response.source ?? ""}
            onChange={(event) => set(index, { source: event.target.value || undefined })}
            className="w-44"
          />
          <IconButton
            label={`Remove response ${index + 1}`}
            onClick={() => onChange({ ...mapping, responses: responses.filter((_, at) => at !== index) })}
          >
            <X />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        disabled={responses.length >= 26}
        onClick={() => onChange({ ...mapping, responses: [...responses, { column: "" }] })}
      >
        <Plus aria-hidden="true" />
        Add a response
      </Button>
    </fieldset>
  );
}

/** The whole mapping as text: for what the form has no field for, and to be taken elsewhere. */
function AsJson({
  mapping,
  onChange,
}: {
  mapping: ColumnMapping;
  onChange: (mapping: ColumnMapping) => void;
}) {
  const [text, setText] = useState(() => JSON.stringify(mapping, null, 2));
  const [problem, setProblem] = useState<string | null>(null);
  const read = (written: string) => {
    setText(written);
    try {
      const { data, error } = columnMappingSchema.safeParse(JSON.parse(written));
      const [issue] = error?.issues ?? [];
      setProblem(issue ? `${issue.path.join(".") || "The mapping"}: ${issue.message}` : null);
      if (data) onChange(data);
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Field label="The mapping as JSON" error={problem}>
      {(control) => (
        <Textarea
          {...control}
          spellCheck={false}
          value={text}
          onChange={(event) => read(event.target.value)}
          className="min-h-96 font-mono text-xs"
        />
      )}
    </Field>
  );
}
