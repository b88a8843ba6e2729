"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FigureName } from "@/app/components/figure";
import { Field, Select } from "@/app/components/ui/field";
import { Section } from "@/app/components/ui/section";
import { counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { fragilityWords } from "@/server/conclusion/words";
import type { LookAddress } from "./address";

/** How few judgements, and which raters, carry the order of two sources. */
export function Fragility({
  projectId,
  look,
  sources,
}: {
  projectId: string;
  look: LookAddress;
  sources: readonly string[];
}) {
  const trpc = useTRPC();
  const [source, setSource] = useState("");
  const [opponent, setOpponent] = useState("");
  const pair = source && opponent && source !== opponent ? { source, opponent } : {};
  const unclear = !pair.source && (source || opponent);
  const { data, failureReason } = useQuery({
    ...trpc.conclusion.fragility.queryOptions({ projectId, ...look, ...pair }),
    placeholderData: keepPreviousData,
  });
  const sides = [
    { label: "Source", value: source, choose: setSource },
    { label: "Opponent", value: opponent, choose: setOpponent },
  ];
  return (
    <Section title={<FigureName id="fragility" />}>
      {sources.length > 2 && (
        <div className="flex flex-wrap gap-3">
          {sides.map(({ label, value, choose }) => (
            <Field key={label} label={label} className="min-w-40">
              {(control) => (
                <Select {...control} value={value} onChange={(event) => choose(event.target.value)}>
                  <option value="">the first two</option>
                  {sources.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </Select>
              )}
            </Field>
          ))}
        </div>
      )}
      <p className="text-sm" aria-live="polite">
        {unclear
          ? "Choose two different sources."
          : data
            ? fragilityWords(data)
            : (failureReason?.message ?? "Looking…")}
      </p>
      {!unclear && data && data.whose.length > 0 && (
        <p className="text-sm text-muted">
          They are votes of{" "}
          {data.whose.map(({ name, votes }) => `${name} (${counted(votes, "vote")})`).join(", ")}.
        </p>
      )}
    </Section>
  );
}
