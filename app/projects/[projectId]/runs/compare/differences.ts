import type { Option } from "@/app/components/training/options";
import { runKinds } from "@/db/shape/run-kinds";
import { asText, numberIn } from "../options";
import type { Row } from "../rows";

/** What a run has for an option: what it was told, or what the engine does by itself. */
interface Told {
  text: string;
  /** It was told nothing. */
  isDefault: boolean;
}

/**
 * What runs were told that is not the same for all of them, by name; or all that any was told.
 * @param standards the engines' defaults by run kind, as far as a connected worker says them
 */
export function differences(
  runs: readonly Row[],
  standards: Readonly<Record<string, readonly Option[]>>,
  { all }: { all: boolean },
): { options: string[]; rows: (Told | undefined)[][] } {
  const specs = runs.map((run) => {
    const told = new Map<string, Told>();
    for (const { name, standard } of standards[run.kind] ?? [])
      if (standard !== undefined && standard !== null)
        told.set(name, { text: asText(standard), isDefault: true });
    const own = { method: runKinds[run.kind].title, model: run.model ?? "—", dataset: run.dataset ?? "—" };
    for (const [name, text] of [...Object.entries(own), ...run.options])
      told.set(name, { text, isDefault: false });
    return told;
  });
  const named = new Set(
    specs.flatMap((spec) => [...spec].flatMap(([name, { isDefault }]) => (isDefault ? [] : [name]))),
  );
  const options = [...named]
    .sort()
    .filter((name) => all || new Set(specs.map((spec) => comparable(spec.get(name)))).size > 1);
  return { options, rows: specs.map((spec) => options.map((name) => spec.get(name))) };
}

const comparable = (told: Told | undefined) => told && numberIn(told.text);
