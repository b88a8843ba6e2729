import { z } from "zod";
import { Field, Input, Select } from "@/app/components/ui/field";

const methods = {
  lora: "LoRA: low-rank updates of linear layers",
  none: "Full: every weight",
  prefix: "Prefix tuning",
} as const;
type PeftMethod = keyof typeof methods;

const peftSchema = z.looseObject({
  method: z.enum(["lora", "none", "prefix"]),
  r: z.number().optional(),
  lora_alpha: z.number().optional(),
  lora_dropout: z.number().optional(),
  target_modules: z.union([z.string(), z.array(z.string())]).optional(),
  num_virtual_tokens: z.number().optional(),
});
export type Peft = z.infer<typeof peftSchema>;

export const peftOf = (value: unknown): Peft | undefined => peftSchema.safeParse(value).data;

/** What is trained. An adapter that training goes on from decides for itself. */
export function PeftFields({ value, onChange }: { value: Peft; onChange: (value: Peft) => void }) {
  const number = (
    name: "r" | "lora_alpha" | "lora_dropout" | "num_virtual_tokens",
    standard: string,
    help: string,
  ) => (
    <Field label={<code className="text-xs">peft.{name}</code>} help={help}>
      {(control) => (
        <Input
          {...control}
          type="number"
          step="any"
          min={0}
          placeholder={standard}
          value={value[name] ?? ""}
          onChange={({ target }) =>
            onChange({ ...value, [name]: target.value === "" ? undefined : target.valueAsNumber })
          }
        />
      )}
    </Field>
  );
  return (
    <>
      <Field
        label={<code className="text-xs">peft.method</code>}
        help="What is trained: an adapter beside the model, or the model itself."
      >
        {(control) => (
          <Select
            {...control}
            value={value.method}
            onChange={({ target }) => {
              for (const method in methods)
                if (method === target.value && isMethod(method)) onChange({ method });
            }}
          >
            {Object.entries(methods).map(([method, text]) => (
              <option key={method} value={method}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {value.method === "lora" && (
        <>
          {number("r", "8", "Rank of the update.")}
          {number("lora_alpha", "8", "The update is scaled by lora_alpha / r.")}
          {number("lora_dropout", "0", "Dropout on the input of the update.")}
          <Field
            label={<code className="text-xs">peft.target_modules</code>}
            help="Which linear layers are adapted."
          >
            {(control) => (
              <Select
                {...control}
                value={value.target_modules === "all-linear" ? "all-linear" : ""}
                onChange={({ target }) => onChange({ ...value, target_modules: target.value || undefined })}
              >
                <option value="">query and value projections (default)</option>
                <option value="all-linear">all-linear</option>
              </Select>
            )}
          </Field>
        </>
      )}
      {value.method === "prefix" &&
        number("num_virtual_tokens", "20", "Trained positions in front of every sequence.")}
    </>
  );
}

const isMethod = (text: string): text is PeftMethod => text in methods;
