import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ablations, type Mix, mix, type Source } from "@/server/construction/mixing";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const source = (name: string, count: number, more: Partial<Source> = {}): Source => ({
  name,
  rows: Array.from({ length: count }, (_, i) => ({ hash: hash(`${name} ${i}`), rank: (i * 7) % 13 })),
  weight: 1,
  cap: null,
  stage: 1,
  ...more,
});
const plain: Mix = { seed: 1, total: null, temperature: 1, countAtMost: null, order: "shuffled" };
const counts = (sources: readonly Source[], settings: Partial<Mix>) =>
  mix(sources, { ...plain, ...settings }).sources.map(({ taken }) => taken);

describe("a mixture", () => {
  const sources = [source("large", 900), source("small", 100)];

  it("takes sources by weight, size and temperature, largest remainders first", () => {
    expect(counts(sources, {})).toEqual([900, 100]);
    expect(counts(sources, { total: 15 })).toEqual([14, 1]);
    // √900 : √100 = 3 : 1.
    expect(counts(sources, { total: 40, temperature: 2 })).toEqual([30, 10]);
    expect(counts([sources[0], source("small", 100, { weight: 9 })], { total: 100 })).toEqual([50, 50]);
    // FLAN's limit: both count as 100.
    expect(counts(sources, { total: 100, countAtMost: 100 })).toEqual([50, 50]);
    // Whatever the shares allow without a row taken twice.
    expect(counts(sources, { temperature: 1e9 })).toEqual([100, 100]);
  });

  it("fills up from the others where a source has too few or a cap, and takes no row twice", () => {
    expect(
      counts([source("a", 900, { cap: 30 }), source("b", 100), source("c", 100)], { total: 130 }),
    ).toEqual([30, 50, 50]);
    const { rows } = mix(sources, { ...plain, total: 1000, temperature: 3 });
    expect(new Set(rows.map(({ source: from, row }) => `${from} ${row}`)).size).toBe(1000);
    expect(() => mix(sources, { ...plain, total: 1001 })).toThrow("1001 rows are wanted and 1000 are there");
    expect(() => mix([source("a", 5, { weight: 0 })], plain)).toThrow(
      "no source has rows and a weight above 0",
    );
  });

  it("is the same whatever the order of rows and sources, and another with another seed", () => {
    const named = (all: readonly Source[], seed: number) =>
      mix(all, { ...plain, seed, total: 50, temperature: 2 }).rows.map(
        (one) => all[one.source].rows[one.row].hash,
      );
    const turned = sources.toReversed().map((one) => ({ ...one, rows: one.rows.toReversed() }));
    expect(named(turned, 1)).toEqual(named(sources, 1));
    expect(named(sources, 2)).not.toEqual(named(sources, 1));
    // Which rows of a source come first does not depend on the other sources.
    const own = (all: readonly Source[]) =>
      new Set(
        mix(all, { ...plain, total: 20 }).rows.flatMap((one) =>
          all[one.source].name === "small" ? [all[one.source].rows[one.row].hash] : [],
        ),
      );
    const alone = own([sources[1]]);
    for (const row of own(sources)) expect(alone).toContain(row);
  });

  it("comes in the order that is asked for", () => {
    const staged = [source("late", 20, { stage: 2 }), source("early", 20)];
    const ranks = (order: Mix["order"]) =>
      mix(staged, { ...plain, order }).rows.map((one) => staged[one.source].rows[one.row].rank);
    expect(ranks("ascending")).toEqual(ranks("shuffled").toSorted((a, b) => a - b));
    expect(ranks("descending")).toEqual(ranks("shuffled").toSorted((a, b) => b - a));
    expect(mix(staged, { ...plain, order: "staged" }).rows.map((one) => one.source)).toEqual([
      ...Array(20).fill(1),
      ...Array(20).fill(0),
    ]);
  });

  it("is ablated by leaving each source out, at equal size and with three seeds at least", () => {
    const three = [source("a", 50), source("b", 80), source("c", 200)];
    const grid = ablations(three, { ...plain, total: 160 }, [1, 2, 3]);
    expect(grid.map(({ without, seed }) => `${seed} ${without}`)).toHaveLength(12);
    for (const { without, mix: settings } of grid) {
      const { rows, sources: taken } = mix(
        three.filter(({ name }) => name !== without),
        settings,
      );
      expect(rows.length).toBe(130);
      expect(taken.some(({ name }) => name === without)).toBe(false);
    }
    expect(() => ablations(three, plain, [1, 1, 2])).toThrow("three different seeds");
    expect(() => ablations([three[0]], plain, [1, 2, 3])).toThrow("two sources at least");
  });
});
