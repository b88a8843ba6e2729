"use client";
import { useId } from "react";
import { Button } from "../ui/button";
import { Checkbox } from "../ui/field";
import { Segmented } from "../ui/segmented";
import { type ChartSettings, USUAL_SMOOTHING } from "./settings";

const along = [
  { value: "step", label: "Steps" },
  { value: "tokens", label: "Tokens" },
  { value: "time", label: "Time" },
] as const;

/** How the plots of a page are drawn. */
export function ChartControls({
  settings,
  onChange,
}: {
  settings: ChartSettings;
  onChange: (settings: ChartSettings) => void;
}) {
  const id = useId();
  const change = (part: Partial<ChartSettings>) => onChange({ ...settings, ...part });
  const smoothing = settings.smoothing ?? USUAL_SMOOTHING;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <Segmented label="Along" value={settings.x} options={along} onChange={(x) => change({ x })} />
      {(["logX", "logY"] as const).map((name) => (
        <span key={name} className="flex items-center gap-1.5">
          <Checkbox
            id={`${id}-${name}`}
            checked={settings[name]}
            onCheckedChange={(on) => change({ [name]: on === true })}
          />
          <label htmlFor={`${id}-${name}`}>log {name === "logX" ? "x" : "y"}</label>
        </span>
      ))}
      <label className="flex items-center gap-1.5">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          onChange={({ target }) => change({ smoothing: target.valueAsNumber })}
          className="w-28 accent-accent"
        />
        <output className="w-10 text-xs text-muted tabular">
          {settings.smoothing === null ? "usual" : smoothing}
        </output>
      </label>
      {settings.smoothing !== null && (
        <Button size="sm" variant="ghost" onClick={() => change({ smoothing: null })}>
          Usual
        </Button>
      )}
    </div>
  );
}
