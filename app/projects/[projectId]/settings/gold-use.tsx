import { Field, Select } from "@/app/components/ui/field";
import { goldUses } from "@/db/shape/gold";
import type { GoldRow } from "@/server/gold/schema";

export const useNames: Record<GoldRow["use"], string> = {
  mixed: "Mixed in",
  attention: "Attention check",
  qualification: "Qualification",
};

const useHelp: Record<GoldRow["use"], string> = {
  mixed: "Given among other tasks, unannounced.",
  attention: "So plain that a wrong answer says it was not read. Counted by itself, and pauses nobody.",
  qualification: "Given before the first task, openly.",
};

/** What an item is for. */
export function UseField({ use, onUse }: { use: GoldRow["use"]; onUse: (use: GoldRow["use"]) => void }) {
  return (
    <Field label="Use" help={useHelp[use]}>
      {(control) => (
        <Select
          {...control}
          value={use}
          onChange={(event) => {
            const chosen = goldUses.find((one) => one === event.target.value);
            if (chosen) onUse(chosen);
          }}
        >
          {goldUses.map((one) => (
            <option key={one} value={one}>
              {useNames[one]}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
