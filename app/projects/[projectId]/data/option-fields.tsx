"use client";
import { z } from "zod";
import { Checkbox, Field, Input, NumberInput, Select, Textarea } from "@/app/components/ui/field";

/** What is read of an option's JSON Schema. */
const propertySchema = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
});
type Property = z.infer<typeof propertySchema>;
const optionsSchema = z.looseObject({ properties: z.record(z.string(), propertySchema).default({}) });

/** A control for each option of a method, by the type that its schema says; what is not touched keeps its default. */
export function OptionFields({
  schema,
  values,
  onChange,
}: {
  schema: Record<string, unknown>;
  values: Record<string, unknown>;
  onChange: (values: Record<string, unknown>) => void;
}) {
  const { properties } = optionsSchema.parse(schema);
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...others } = values;
    onChange(value === undefined ? others : { ...others, [name]: value });
  };
  return Object.entries(properties).map(([name, property]) => (
    <Option
      key={name}
      name={name}
      property={property}
      value={values[name] ?? property.default}
      onChange={(value) => set(name, value)}
    />
  ));
}

function Option({
  name,
  property,
  value,
  onChange,
}: {
  name: string;
  property: Property;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  const label = name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
  const { type, description, minimum, maximum } = property;
  if (type === "boolean")
    return (
      <div className="flex flex-col gap-1">
        {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox is inside */}
        <label className="flex items-center gap-2 text-sm font-medium">
          <Checkbox checked={value === true} onCheckedChange={(on) => onChange(on === true)} />
          {label}
        </label>
        {description && <p className="text-xs text-muted">{description}</p>}
      </div>
    );
  return (
    <Field label={label} help={description} optional={value === undefined}>
      {(control) => {
        if (type === "number" || type === "integer")
          return (
            <NumberInput
              {...control}
              min={minimum ?? property.exclusiveMinimum}
              max={maximum}
              step={type === "integer" ? 1 : "any"}
              value={typeof value === "number" ? value : Number.NaN}
              onNumber={(number) => onChange(Number.isNaN(number) ? undefined : number)}
            />
          );
        if (property.enum)
          return (
            <Select
              {...control}
              value={String(value ?? "")}
              onChange={({ target }) => onChange(target.value)}
            >
              {property.enum.map((one) => (
                <option key={one} value={one}>
                  {one.replaceAll("_", " ")}
                </option>
              ))}
            </Select>
          );
        if (type === "string")
          return (
            <Input
              {...control}
              value={typeof value === "string" ? value : ""}
              onChange={({ target }) => onChange(target.value || undefined)}
            />
          );
        return <JsonOption control={control} value={value} onChange={onChange} />;
      }}
    </Field>
  );
}

/** A list or an object, written as JSON: what cannot be read is handed on as text, and the method says what is wrong. */
function JsonOption({
  control,
  value,
  onChange,
}: {
  control: { id: string };
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  return (
    <Textarea
      {...control}
      spellCheck={false}
      className="font-mono text-xs"
      defaultValue={value === undefined ? "" : JSON.stringify(value, null, 1)}
      onChange={({ target }) => {
        if (target.value.trim() === "") return onChange(undefined);
        try {
          onChange(JSON.parse(target.value));
        } catch {
          onChange(target.value);
        }
      }}
    />
  );
}
