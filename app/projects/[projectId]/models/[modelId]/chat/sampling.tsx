import { Field, NumberInput, Textarea } from "@/app/components/ui/field";

/** What a reply is drawn with. */
export interface Settings {
  system: string;
  /** 0: the most probable token, always. */
  temperature: number;
  /** Tokens of a reply at most. */
  length: number;
}

/** What every turn from now on is asked with. */
export function Sampling({
  settings,
  onChange,
}: {
  settings: Settings;
  onChange: (settings: Settings) => void;
}) {
  const change = (part: Partial<Settings>) => onChange({ ...settings, ...part });
  return (
    <details className="px-4 pb-3 md:px-6">
      <summary className="cursor-pointer text-sm text-muted">
        {settings.system.trim() ? "With a system prompt" : "No system prompt"}, temperature{" "}
        {Number.isNaN(settings.temperature) ? "…" : settings.temperature}
      </summary>
      <div className="mt-2 grid gap-3 sm:grid-cols-[1fr_8rem_8rem]">
        <Field label="System prompt" optional>
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              className="min-h-10"
              value={settings.system}
              onChange={({ target }) => change({ system: target.value })}
            />
          )}
        </Field>
        <Field label="Temperature" help="0: no randomness">
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              max={5}
              step={0.1}
              value={settings.temperature}
              onNumber={(temperature) => change({ temperature })}
            />
          )}
        </Field>
        <Field label="Tokens at most">
          {(control) => (
            <NumberInput
              {...control}
              min={1}
              max={4096}
              step={1}
              value={settings.length}
              onNumber={(length) => change({ length })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}
