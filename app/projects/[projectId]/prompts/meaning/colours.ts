import { amount } from "@/app/components/units";
import type { Categories, TextMap } from "@/server/meaning/schema";

/** What points are coloured by. */
export const colourings = ["source", "language", "domain", "agreement", "score"] as const;
export type Colouring = (typeof colourings)[number];

export interface Legend {
  /** Of each point the place of its colour. */
  of: Uint8Array;
  /** Null: no value, drawn in the colour of text. */
  entries: { label: string; colour: string | null; points: number }[];
}

/** Told apart in light and dark. */
const hues = [264, 25, 165, 75, 320, 200, 120].map((hue) => `oklch(0.62 0.17 ${hue})`);
/** From little to much: darker and bluer to lighter and yellower, so that it is also read without colours. */
const ramp = [
  ...["oklch(0.46 0.14 300)", "oklch(0.54 0.13 264)", "oklch(0.62 0.11 220)", "oklch(0.69 0.12 150)"],
  "oklch(0.77 0.15 95)",
];

export function legendOf(map: TextMap, by: Colouring): Legend {
  switch (by) {
    case "source":
    case "language":
    case "domain":
      return ofCategories(map[by]);
    case "agreement":
      return ofShares(map.agreement);
    case "score":
      return ofScores(map.score, map.x.length);
  }
}

/** The most frequent ones by themselves, the others together. */
function ofCategories({ values, of }: Categories): Legend {
  const own = values.length > hues.length ? hues.length - 1 : values.length;
  const labels = values.slice(0, own).map((label, at) => ({ label, colour: hues[at] }));
  const others =
    values.length > own ? [{ label: `${amount(values.length - own)} others`, colour: hues[own] }] : [];
  const entries = [...labels, ...others, { label: "none", colour: null }];
  const none = entries.length - 1;
  return counted(
    of.map((value) => (value < 0 ? none : Math.min(value, own))),
    entries,
  );
}

const steps = [
  { from: 1, label: "all agree" },
  { from: 0.75, label: "three quarters or more" },
  { from: 0.5, label: "half or more" },
  { from: 0, label: "less than half" },
];

function ofShares(shares: readonly (number | null)[]): Legend {
  const entries = [
    ...steps.map(({ label }, at) => ({ label, colour: ramp[4 - at] })),
    { label: "fewer than two votes", colour: null },
  ];
  return counted(
    shares.map((share) => (share === null ? steps.length : steps.findIndex(({ from }) => share >= from))),
    entries,
  );
}

const fifths = ["lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth"];

/** By rank: scores have no unit that two models share. */
function ofScores(scores: readonly (number | null)[], points: number): Legend {
  const sorted = scores.flatMap((score) => score ?? []).sort((a, b) => a - b);
  const bounds = ramp.map((_, at) => sorted[Math.floor((at * sorted.length) / ramp.length)] ?? 0);
  const entries = [
    ...fifths.map((label, at) => ({ label, colour: ramp[at] })),
    { label: "no score", colour: null },
  ];
  const placeOf = (score: number) => bounds.findLastIndex((bound) => score >= bound);
  return counted(
    Array.from({ length: points }, (_, at) => {
      const score = scores[at] ?? null;
      return score === null ? ramp.length : placeOf(score);
    }),
    entries,
  );
}

function counted(
  of: readonly number[],
  entries: readonly { label: string; colour: string | null }[],
): Legend {
  const points = entries.map(() => 0);
  for (const place of of) points[place]++;
  return { of: Uint8Array.from(of), entries: entries.map((entry, at) => ({ ...entry, points: points[at] })) };
}
