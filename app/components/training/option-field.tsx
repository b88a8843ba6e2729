import { Field, Input, Select } from "@/app/components/ui/field";
import type { Option } from "./options";

/** One option of run.yaml under its own name. Left empty, the engine's default holds, which it shows. */
export function OptionField({
  option,
  value,
  onChange,
}: {
  option: Option;
  value: unknown;
  /** `undefined` leaves the option to the engine. */
  onChange: (value: unknown) => void;
}) {
  const { name, kind, description, standard, choices, minimum, maximum, range } = option;
  const placeholder =
    standard === undefined || standard === null
      ? ""
      : kind === "choices" && Array.isArray(standard)
        ? standard.join(", ")
        : textOf(standard);
  return (
    <Field
      label={<code className="text-xs">{name}</code>}
      help={[description, range].filter(Boolean).join(" ")}
    >
      {(control) => {
        switch (kind) {
          case "number":
          case "whole":
            return (
              <Input
                {...control}
                type="number"
                step={kind === "whole" ? 1 : "any"}
                min={minimum}
                max={maximum}
                placeholder={placeholder}
                value={typeof value === "number" ? value : ""}
                onChange={({ target }) => onChange(target.value === "" ? undefined : target.valueAsNumber)}
              />
            );
          case "yes_no":
          case "choice":
          case "choices": {
            const options = kind === "yes_no" ? ["true", "false"] : choices;
            const shown = Array.isArray(value)
              ? String(value[0] ?? "")
              : value === undefined
                ? ""
                : String(value);
            return (
              <Select
                {...control}
                value={shown}
                onChange={({ target }) =>
                  onChange(
                    target.value === ""
                      ? undefined
                      : kind === "yes_no"
                        ? target.value === "true"
                        : kind === "choices"
                          ? [target.value]
                          : target.value,
                  )
                }
              >
                <option value="">{placeholder ? `${placeholder} (default)` : "default"}</option>
                {options.map((choice) => (
                  <option key={choice} value={choice}>
                    {choice}
                  </option>
                ))}
              </Select>
            );
          }
          case "text":
            return (
              <Input
                {...control}
                placeholder={placeholder}
                value={value === undefined ? "" : textOf(value)}
                onChange={({ target }) => onChange(target.value === "" ? undefined : parsed(target.value))}
              />
            );
        }
      }}
    </Field>
  );
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Lists and numbers as JSON, everything else as text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
