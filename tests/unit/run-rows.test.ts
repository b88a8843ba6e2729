import { describe, expect, it } from "vitest";
import { differences } from "@/app/projects/[projectId]/runs/compare/differences";
import { distinctNames } from "@/app/projects/[projectId]/runs/distinct-names";
import { matches, type Row, rowsOf, sorted } from "@/app/projects/[projectId]/runs/rows";
import type { RunRow } from "@/server/run/schema";

const run = (
  id: string,
  title: string,
  options: Record<string, unknown> = {},
  more: Partial<RunRow> = {},
) => ({
  ...{ id, kind: "sft" as const, title, note: "", tags: [], status: "succeeded" as const, error: null },
  ...{
    progress: null,
    result: null,
    groupId: null,
    createdAt: new Date(0),
    startedAt: null,
    finishedAt: null,
  },
  ...{ options, dataset: null, model: null, metrics: {} },
  ...more,
});
const namesOf = (...runs: RunRow[]) => rowsOf(runs).map(({ name }) => name);

describe("names of runs", () => {
  it("say what differs where titles do not, and stay as they are where those do", () => {
    expect(
      namesOf(
        run("00000001", "Base", { learning_rate: 1e-4, seed: 1 }),
        run("00000002", "Base", { learning_rate: 2e-4, seed: 1 }),
        run("00000003", "Base", { seed: 1, peft: { r: 8 } }),
        run("00000004", "Other", { seed: 9 }),
      ),
    ).toEqual([
      "Base · learning_rate 0.0001, peft.r default",
      "Base · learning_rate 0.0002, peft.r default",
      "Base · learning_rate default, peft.r 8",
      "Other",
    ]);
  });

  it("of a sweep launched twice are told apart by the end of the id, which no page changes", () => {
    const point = { beta: 0.1 };
    const twice = namesOf(
      run("aaaa0000-1111", "Sweep · beta 0.1", point),
      run("bbbb0000-2222", "Sweep · beta 0.1", point),
    );
    expect(twice).toEqual(["Sweep · beta 0.1 · 000-1111", "Sweep · beta 0.1 · 000-2222"]);
  });

  it("are never borne by two, whatever is told", () => {
    const told = Array.from({ length: 200 }, (_, i) => ({
      id: String(i).padStart(8, "0"),
      title: i % 3 ? "a" : `a · b ${i % 2}`,
      options: new Map(i % 5 ? [["b", String(i % 2)]] : []),
    }));
    expect(new Set(distinctNames(told).values()).size).toBe(200);
  });
});

describe("the table's rows", () => {
  const rows = rowsOf([
    run("1", "one", { learning_rate: 1e-4 }, { metrics: { loss: 2, eval_loss: null } }),
    run("2", "two", { learning_rate: 5e-5, warmup_steps: 0 }, { metrics: { loss: 10 }, tags: ["Paper"] }),
    run("3", "three"),
  ]);
  const titles = (of: readonly Row[]) => of.map(({ title }) => title);

  it("sort as numbers, and a run without a value is last in either direction", () => {
    expect(titles(sorted(rows, "metric.loss", "asc"))).toEqual(["one", "two", "three"]);
    expect(titles(sorted(rows, "metric.loss", "desc"))).toEqual(["two", "one", "three"]);
    expect(titles(sorted(rows, "option.learning_rate", "asc"))).toEqual(["two", "one", "three"]);
  });

  it.each([
    ["paper", ["two"]],
    ["learning_rate=1e-4", ["one"]],
    ["loss<3", ["one"]],
    ["warmup_steps=0", ["two"]],
    ["loss>=2 learning_rate<0.0001", ["two"]],
    // A value that is no finite number compares with nothing.
    ["eval_loss<3", []],
  ])("match %s", (search, found) => {
    expect(titles(rows.filter((row) => matches(row, search)))).toEqual(found);
  });
});

it("runs that were told the same number in two ways do not differ in it", () => {
  const told = rowsOf([
    run("1", "one", { learning_rate: "1e-4", beta: 0.1 }),
    run("2", "two", { learning_rate: 0.0001, beta: 0.2 }),
  ]);
  expect(differences(told, {}, { all: false }).options).toEqual(["beta"]);
  expect(differences(told, {}, { all: true }).options).toContain("learning_rate");
});
