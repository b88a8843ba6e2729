import { expect, it } from "vitest";
import { sameScore, scoresIn } from "@/app/projects/[projectId]/models/benchmark-text";
import { figuresOf } from "@/server/benchmark/figures";
import { xstest } from "@/server/benchmark/suites/xstest";
import { readTask } from "@/server/benchmark/task";

it("puts each figure of every kind of items under its own name, where kinds have different ones", () => {
  const task = readTask({ ...xstest.task, data: "xstest.csv" }, "a test", "xstest");
  const kind = (metric: string) =>
    figuresOf(
      task,
      [0, 1].map((id) => ({
        ...{ id, filter: "none", metrics: { [metric]: id } },
        ...{ strict: {}, cluster: `${id}`, cut: false },
      })),
    ).figures;
  const [unsafe, safe] = [kind("refusal"), kind("over_refusal")];
  const columns = scoresIn([unsafe, safe, unsafe]);
  expect(columns.map(({ metric }) => metric)).toEqual(["refusal", "over_refusal"]);
  expect(columns.map((column) => safe.find(sameScore(column))?.metric)).toEqual([undefined, "over_refusal"]);
});
