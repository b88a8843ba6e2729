"use client";
import { Plus, X } from "lucide-react";
import { Button, IconButton } from "@/app/components/ui/button";
import { Field, Input, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import type { ColumnMappingInput, When } from "@/server/import/schema";

type ColumnField = "system" | "demonstration" | "rater" | "language" | "domain" | "source" | "externalId";

const columnFields: readonly { name: ColumnField; label: string; help?: string }[] = [
  { name: "system", label: "System message" },
  {
    name: "demonstration",
    label: "Demonstration",
    help: "A reply that is right or was written by a person.",
  },
  { name: "rater", label: "Rater", help: "Whose judgement it is." },
  { name: "language", label: "Language" },
  { name: "domain", label: "Domain" },
  { name: "source", label: "Source of the prompt" },
  { name: "externalId", label: "Id of the prompt" },
];

const promptNames = /^(prompt|question|instruction|query|input|text|context)/i;
const replyNames = /(response|answer|output|completion|chosen|rejected|reply|candidate)/i;

/** A first guess from the names of the columns, to be corrected by a person. */
export function guessMapping(columns: readonly string[]): ColumnMappingInput {
  const prompt = columns.find((column) => promptNames.test(column)) ?? columns[0] ?? "prompt";
  const replies = columns.filter((column) => column !== prompt && replyNames.test(column));
  return { prompt: `{{${prompt}}}`, responses: replies.slice(0, 26).map((column) => ({ column })) };
}

/** Which column holds what, for files of no known shape. */
export function MappingForm({
  mapping,
  columns,
  rows,
  onChange,
}: {
  mapping: ColumnMappingInput;
  columns: readonly string[];
  rows: readonly Record<string, unknown>[];
  onChange: (mapping: ColumnMappingInput) => void;
}) {
  const responses = mapping.responses ?? [];
  const setResponses = (changed: typeof responses) => onChange({ ...mapping, responses: changed });
  const { preference } = mapping;
  const valuesOf = (column: string) =>
    [...new Set(rows.map((row) => row[column]).filter((value) => value !== null && value !== undefined))]
      .map(String)
      .slice(0, 20);
  return (
    <Section title="Which column holds what">
      <div className="grid gap-x-6 gap-y-4 rounded-lg border bg-surface p-4 md:grid-cols-2">
        <div className="flex flex-col gap-1 md:col-span-2">
          <Field
            label="Prompt"
            help="A column as it is, or a text around columns: Summarise: {{title}} {{body}}"
            error={/\{\{[^{}]+\}\}/.test(mapping.prompt) ? null : "Name at least one column, as {{column}}."}
          >
            {(control) => (
              <Input
                {...control}
                value={mapping.prompt}
                onChange={(event) => onChange({ ...mapping, prompt: event.target.value })}
                className="font-mono text-sm"
              />
            )}
          </Field>
          <div className="flex flex-wrap gap-1">
            {columns.slice(0, 24).map((column) => (
              <Button
                key={column}
                size="sm"
                variant="ghost"
                aria-label={`Add the column ${column} to the prompt`}
                onClick={() => onChange({ ...mapping, prompt: `${mapping.prompt}{{${column}}}` })}
                className="h-6 font-mono text-xs"
              >
                +{column}
              </Button>
            ))}
          </div>
        </div>

        <fieldset className="flex flex-col gap-2 md:col-span-2">
          <legend className="mb-1 text-sm font-medium">Responses</legend>
          {responses.map((response, index) => (
            <div key={index} className="flex flex-wrap items-center gap-2">
              <ColumnSelect
                label={`Column of response ${index + 1}`}
                columns={columns}
                value={response.column}
                onChange={(column) =>
                  setResponses(
                    responses.map((one, at) => (at === index ? { ...one, column: column ?? "" } : one)),
                  )
                }
              />
              <Input
                aria-label={`Who wrote response ${index + 1}`}
                placeholder="Written by (optional)"
                value={response.source ?? ""}
                onChange={(event) =>
                  setResponses(
                    responses.map((one, at) =>
                      at === index ? { ...one, source: event.target.value || undefined } : one,
                    ),
                  )
                }
                className="w-52"
              />
              <IconButton
                label={`Remove response ${index + 1}`}
                onClick={() => setResponses(responses.filter((_, at) => at !== index))}
              >
                <X />
              </IconButton>
            </div>
          ))}
          <Button
            size="sm"
            className="self-start"
            disabled={responses.length >= 26}
            onClick={() => setResponses([...responses, { column: columns[0] ?? "" }])}
          >
            <Plus aria-hidden="true" />
            Add a response
          </Button>
        </fieldset>

        <fieldset className="flex flex-col gap-2 md:col-span-2">
          <legend className="mb-1 text-sm font-medium">Existing verdict</legend>
          <div className="flex flex-wrap items-end gap-2">
            <ColumnSelect
              label="Column of the verdict"
              columns={columns}
              optional="No verdict in the file"
              value={preference?.column}
              onChange={(column) => {
                const [first = "a", second = "b"] = column ? valuesOf(column) : [];
                onChange({ ...mapping, preference: column ? { column, first, second } : undefined });
              }}
            />
            {preference &&
              (["first", "second", "tie"] as const).map((side) => (
                <Field key={side} label={verdictNames[side]} optional={side === "tie"}>
                  {(control) => (
                    <Input
                      {...control}
                      value={writtenWhen(preference[side])}
                      onChange={(event) =>
                        onChange({
                          ...mapping,
                          preference: {
                            ...preference,
                            [side]: whenIn(event.target.value) ?? (side === "tie" ? undefined : ""),
                          },
                        })
                      }
                      className="w-36 font-mono text-sm"
                    />
                  )}
                </Field>
              ))}
          </div>
        </fieldset>

        {columnFields.map(({ name, label, help }) => (
          <Field key={name} label={label} help={help} optional>
            {(control) => (
              <Select
                {...control}
                value={mapping[name] ?? ""}
                onChange={(event) => onChange({ ...mapping, [name]: event.target.value || undefined })}
              >
                <option value="">Not in the file</option>
                {columns.map((column) => (
                  <option key={column}>{column}</option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
    </Section>
  );
}

/** Several values as one text: `A | model_a | > 3`. */
const writtenWhen = (when: When | undefined): string => [when ?? []].flat().join(" | ");

function whenIn(text: string): When | undefined {
  const values = text.split("|").map((value) => value.trim());
  return text === "" ? undefined : values.length === 1 ? text : values;
}

const verdictNames = { first: "First is better", second: "Second is better", tie: "Neither" };

function ColumnSelect({
  label,
  columns,
  optional,
  value,
  onChange,
}: {
  label: string;
  columns: readonly string[];
  /** What choosing no column is called, where that may be. */
  optional?: string;
  value: string | undefined;
  onChange: (column: string | undefined) => void;
}) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
      className="w-52"
    >
      {optional && <option value="">{optional}</option>}
      {columns.map((column) => (
        <option key={column}>{column}</option>
      ))}
    </Select>
  );
}
