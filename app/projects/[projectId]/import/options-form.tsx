"use client";
import { useQuery } from "@tanstack/react-query";
import { Checkbox, Field, Input, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { type ColumnMapping, encodings, type ImportOptions } from "@/server/import/schema";

const MAPPED = "(columns)";

/** How to read the files. Whatever is left alone is found out. */
export function OptionsForm({
  projectId,
  guess,
  options,
  onOptions,
  seats,
  onSeats,
}: {
  projectId: string;
  /** A mapping to begin with. */
  guess: ColumnMapping | null;
  options: Partial<ImportOptions>;
  onOptions: (options: Partial<ImportOptions>) => void;
  seats: string;
  onSeats: (seats: string) => void;
}) {
  const trpc = useTRPC();
  const shapes = useQuery(trpc.import.shapes.queryOptions({ projectId }));
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const set = (change: Partial<ImportOptions>) => onOptions({ ...options, ...change });
  return (
    <Section title="How to read and store it">
      <div className="grid gap-x-6 gap-y-4 rounded-lg border bg-surface p-4 sm:grid-cols-2 lg:grid-cols-4">
        <Field label="Shape" className="sm:col-span-2">
          {(control) => (
            <Select
              {...control}
              value={options.mapping ? MAPPED : (options.shape ?? "")}
              onChange={({ target: { value } }) =>
                set({
                  mapping: value === MAPPED ? (guess ?? undefined) : undefined,
                  shape: value === MAPPED || value === "" ? undefined : value,
                })
              }
            >
              <option value="">As recognised</option>
              {guess && <option value={MAPPED}>Choose the columns myself</option>}
              {shapes.data
                ?.filter((shape) => !shape.companion)
                .map((shape) => (
                  <option key={shape.id} value={shape.id}>
                    {shape.title}
                  </option>
                ))}
            </Select>
          )}
        </Field>
        <Field label="Encoding">
          {(control) => (
            <Select
              {...control}
              value={options.encoding ?? ""}
              onChange={({ target: { value } }) =>
                set({ encoding: encodings.find((name) => name === value) })
              }
            >
              <option value="">As recognised</option>
              {encodings.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Raters per task"
          help={`Empty: ${project.data?.overlap ?? "…"}; the check asks about tasks that come with judgements.`}
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={100}
              value={seats}
              onChange={(event) => onSeats(event.target.value)}
            />
          )}
        </Field>
        <Field label="Language" help="For rows that do not say it, such as en or pt-BR." optional>
          {(control) => (
            <Input
              {...control}
              value={options.language ?? ""}
              onChange={(event) => set({ language: event.target.value.trim() || undefined })}
            />
          )}
        </Field>
        <Field label="Domain" help="For rows that do not say it." optional>
          {(control) => (
            <Input
              {...control}
              value={options.domain ?? ""}
              onChange={(event) => set({ domain: event.target.value || undefined })}
            />
          )}
        </Field>
        <Field label="Source" help="Where these prompts come from." optional>
          {(control) => (
            <Input
              {...control}
              value={options.source ?? ""}
              onChange={(event) => set({ source: event.target.value || undefined })}
            />
          )}
        </Field>
        <Field label="Single replies" help="What rows with one reply become.">
          {(control) => (
            <Select
              {...control}
              value={options.replies ?? "demonstration"}
              onChange={({ target: { value } }) =>
                set({ replies: value === "response" ? "response" : "demonstration" })
              }
            >
              <option value="demonstration">Demonstrations</option>
              <option value="response">Responses to judge</option>
            </Select>
          )}
        </Field>
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
        <label className="flex items-center gap-2 text-sm sm:col-span-2">
          <Checkbox
            checked={options.corrections === "all"}
            onCheckedChange={(on) => set({ corrections: on === true ? "all" : "named" })}
          />
          Let labels without a rater’s name replace those of an earlier import
        </label>
      </div>
    </Section>
  );
}
