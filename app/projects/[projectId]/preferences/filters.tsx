"use client";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FilterBar, FilterSelect, SearchBox } from "@/app/components/table/filters";
import type { Patch } from "@/app/components/table/use-address";
import { Input } from "@/app/components/ui/field";
import { languageName } from "@/app/components/ui/language";
import { useTRPC } from "@/app/trpc/client";
import type { PreferenceFilter } from "@/server/review/schema";
import { filterFields } from "./address";

const outcomeChoices = [
  { value: "a", label: "A better" },
  { value: "b", label: "B better" },
  { value: "tie", label: "About the same" },
  { value: "both_bad", label: "Both bad" },
];
const agreementChoices = [
  { value: "split", label: "Split votes" },
  { value: "majority", label: "Majority" },
  { value: "agreed", label: "All agree" },
  { value: "single", label: "One vote" },
];
const stateChoices = [
  { value: "counted", label: "Counted" },
  { value: "flagged", label: "Flagged" },
  { value: "excluded", label: "Excluded" },
  { value: "returned", label: "Sent back" },
  { value: "adjudicated", label: "Adjudicated" },
];
const strengthChoices = [
  { value: "0.9", label: "Much better" },
  { value: "0.5", label: "At least clearly" },
  { value: "0.01", label: "Decided" },
];

/** What narrows the table of preferences; all of it is in the address. */
export function Filters({
  projectId,
  filter,
  active,
  onChange,
  children,
}: {
  projectId: string;
  filter: PreferenceFilter;
  active: number;
  onChange: (patch: Patch) => void;
  /** What else stands in the line: how the table is shown. */
  children: ReactNode;
}) {
  const trpc = useTRPC();
  const raters = useQuery(trpc.rater.list.queryOptions({ projectId }));
  const facets = useQuery(trpc.content.facets.queryOptions({ projectId }));
  return (
    <FilterBar
      active={active}
      onClear={() => onChange(Object.fromEntries(filterFields.map((name) => [name, null])))}
    >
      <SearchBox
        label="Search prompts"
        hint="/"
        value={filter.prompt}
        onChange={(prompt) => onChange({ prompt })}
      />
      <SearchBox
        label="Search responses"
        value={filter.response}
        onChange={(response) => onChange({ response })}
      />
      <FilterSelect
        label="Rater"
        all="All raters"
        value={filter.raterId}
        choices={(raters.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(raterId) => onChange({ raterId })}
      />
      <FilterSelect
        label="Verdict"
        all="All verdicts"
        value={filter.outcome}
        choices={outcomeChoices}
        onChange={(outcome) => onChange({ outcome })}
      />
      <FilterSelect
        label="Strength"
        all="Any strength"
        value={filter.minStrength?.toString()}
        choices={strengthChoices}
        onChange={(minStrength) => onChange({ minStrength })}
      />
      <FilterSelect
        label="Agreement"
        all="Any agreement"
        value={filter.agreement}
        choices={agreementChoices}
        onChange={(agreement) => onChange({ agreement })}
      />
      <FilterSelect
        label="State"
        all="All states"
        value={filter.state}
        choices={stateChoices}
        onChange={(state) => onChange({ state })}
      />
      <FilterSelect
        label="Source of a response"
        all="All sources"
        value={filter.source}
        choices={(facets.data?.sources ?? []).map(({ value }) => ({ value, label: value }))}
        onChange={(source) => onChange({ source })}
      />
      <FilterSelect
        label="Language"
        all="All languages"
        value={filter.language}
        choices={(facets.data?.languages ?? []).map(({ value }) => ({ value, label: languageName(value) }))}
        onChange={(language) => onChange({ language })}
      />
      <FilterSelect
        label="Domain"
        all="All domains"
        value={filter.domain}
        choices={(facets.data?.domains ?? []).map(({ value }) => ({ value, label: value }))}
        onChange={(domain) => onChange({ domain })}
      />
      <DayInput label="From" value={filter.from} onChange={(from) => onChange({ from })} />
      <DayInput label="Until" endOfDay value={filter.to} onChange={(to) => onChange({ to })} />
      {children}
    </FilterBar>
  );
}

/** A day of the viewer's calendar; the address keeps the instant at which it begins or ends. */
export function DayInput({
  label,
  endOfDay = false,
  value,
  onChange,
}: {
  label: string;
  endOfDay?: boolean;
  value: string | undefined;
  onChange: (instant: string | null) => void;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the input is inside
    <label className="flex items-center gap-1.5 text-sm text-muted">
      {label}
      <Input
        type="date"
        value={value ? localDay(new Date(value)) : ""}
        onChange={({ target: { value: day } }) => {
          const time = endOfDay ? "T23:59:59.999" : "T00:00:00";
          onChange(day ? new Date(`${day}${time}`).toISOString() : null);
        }}
        className="w-36"
        suppressHydrationWarning
      />
    </label>
  );
}

function localDay(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
