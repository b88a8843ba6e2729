import { X } from "lucide-react";
import { Button } from "./button";
import { Field, Select } from "./field";

/** Some of the values that occur; none chosen means all. One that no longer occurs stays until it is taken away. */
export function PickSeveral({
  label,
  help,
  all,
  value,
  choices,
  onChange,
}: {
  label: string;
  help?: string;
  /** What choosing none is called, such as "All languages". */
  all: string;
  value: readonly string[];
  choices: readonly { value: string; label: string; count: number }[];
  onChange: (value: string[]) => void;
}) {
  const labelOf = (one: string) =>
    choices.find((choice) => choice.value === one)?.label ?? `${one} (none now)`;
  const left = choices.filter((choice) => !value.includes(choice.value));
  return (
    <Field label={label} help={help} optional>
      {(control) => (
        <div className="flex flex-col gap-1.5">
          {value.length > 0 && (
            <div className="flex flex-wrap gap-1.5">
              {value.map((one) => (
                <Button
                  key={one}
                  size="sm"
                  title={labelOf(one)}
                  aria-label={`Without ${labelOf(one)}`}
                  onClick={() => onChange(value.filter((other) => other !== one))}
                >
                  <span className="max-w-60 truncate">{labelOf(one)}</span>
                  <X aria-hidden="true" />
                </Button>
              ))}
            </div>
          )}
          <Select
            {...control}
            value=""
            disabled={left.length === 0}
            onChange={({ target }) => target.value && onChange([...value, target.value])}
          >
            <option value="">
              {value.length === 0 ? all : left.length > 0 ? "Add another…" : "All are chosen"}
            </option>
            {left.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label} ({choice.count.toLocaleString("en")})
              </option>
            ))}
          </Select>
        </div>
      )}
    </Field>
  );
}
