"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { Select } from "@/app/components/ui/field";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { TextKind } from "@/db/shape/meaning";
import { type Colouring, colourings, legendOf } from "./colours";
import { TextMapPlot } from "./text-map";

interface NamedText {
  promptId: string;
  responseId: string | null;
}

const names: Record<Colouring, string> = {
  source: "Source",
  language: "Language",
  domain: "Domain",
  agreement: "Agreement",
  score: "Score",
};

/** The map of what a model has read, what its colours say, and how many texts are chosen. */
export function MapPart({
  projectId,
  modelId,
  of,
  found,
  chosen,
  onChoose,
}: {
  projectId: string;
  modelId: string;
  of: TextKind;
  /** What a search found stands out. */
  found: readonly NamedText[] | null;
  chosen: readonly NamedText[] | null;
  onChoose: (texts: readonly NamedText[] | null) => void;
}) {
  const trpc = useTRPC();
  const [by, setBy] = useState<Colouring>("source");
  const { data: map, error } = useQuery(trpc.meaning.map.queryOptions({ projectId, modelId, of }));
  const legend = useMemo(() => map && legendOf(map, by), [map, by]);
  const shown = chosen ?? found;
  const points = useMemo(() => {
    if (!map || !shown) return null;
    const wanted = new Set(shown.map(({ promptId, responseId }) => responseId ?? promptId));
    return (map.responseIds ?? map.promptIds).flatMap((id, at) => (wanted.has(id) ? [at] : []));
  }, [map, shown]);
  if (error)
    return (
      <p role="alert" className="px-4 py-2 text-bad md:px-6">
        {error.message}
      </p>
    );
  if (!map || !legend || map.x.length === 0) return null;
  const offered = colourings.filter((one) => one !== "score" || map.scoredBy !== null);
  return (
    <section aria-label="Map" className="flex flex-col gap-2 px-4 pb-3 md:flex-row md:px-6">
      <div className="h-72 min-w-0 flex-1 panes:h-[42vh]">
        <TextMapPlot
          map={map}
          legend={legend}
          chosen={points}
          onChoose={(at) =>
            onChoose(
              at?.map((one) => ({
                promptId: map.promptIds[one],
                responseId: map.responseIds?.[one] ?? null,
              })) ?? null,
            )
          }
        />
      </div>
      <div className="flex w-full flex-col gap-2 text-sm md:w-56">
        <Select
          aria-label="Colours show"
          value={by}
          onChange={({ target }) => {
            const next = offered.find((one) => one === target.value);
            if (next) setBy(next);
          }}
        >
          {offered.map((one) => (
            <option key={one} value={one}>
              {names[one]}
            </option>
          ))}
        </Select>
        {by === "agreement" && (
          <p className="text-xs text-muted">
            <FigureName id="leastAgreement" />
          </p>
        )}
        {by === "score" && <p className="text-xs text-muted">By {map.scoredBy}</p>}
        <ul className="scroll-thin flex max-h-48 flex-col gap-1 overflow-y-auto">
          {legend.entries
            .filter((entry) => entry.points > 0)
            .map(({ label, colour, points }) => (
              <li key={label} className="flex items-center gap-2">
                <span
                  aria-hidden="true"
                  className="size-2.5 shrink-0 rounded-sm bg-muted"
                  style={colour ? { backgroundColor: colour } : undefined}
                />
                <span dir="auto" className="min-w-0 flex-1 truncate">
                  {label}
                </span>
                <span className="text-muted tabular">{amount(points)}</span>
              </li>
            ))}
        </ul>
        <p id="text-map-keys" className="text-xs text-muted">
          Texts that mean the same lie together. Drag a frame around some, or move one with the arrow keys,
          make it larger or smaller with + and −, and choose with Enter.
          {map.x.length < map.read && ` ${amount(map.x.length)} of ${amount(map.read)} texts are drawn.`}
        </p>
        {chosen && (
          <div className="flex flex-wrap items-center gap-2">
            <span aria-live="polite" className="tabular">
              {counted(chosen.length, "text")} chosen
            </span>
            <Button size="sm" variant="ghost" onClick={() => onChoose(null)}>
              Let go
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
