import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { answerCases } from "@/workers/statistics/answer-cases";
import { answered } from "./statistics/answered";

const folder = mkdtempSync(join(tmpdir(), "concord-cases-"));
const command = (text: string) => {
  const path = join(folder, "cases.json");
  writeFileSync(path, text);
  return ["--import", "tsx", "workers/statistics/main.ts", path];
};

it("prints the values of a file of cases as JSON and nothing else", () => {
  const cases = [
    {
      id: "one",
      fn: "agreement.raw",
      input: { ratings: [[1, 1, 2]] },
      expected: 1,
      tol: 0,
      by: "hand",
      note: "",
    },
    { id: "two", fn: "design.fragility", input: { counts: ["60-40"] } },
  ];
  const printed = execFileSync(process.execPath, command(JSON.stringify({ note: "ours", cases })), {
    encoding: "utf8",
  });
  expect(JSON.parse(printed)).toEqual([
    { id: "one", value: { pair: 1 / 3, item: 1 / 3, value: 1 / 3 } },
    { id: "two", value: { "60-40": 21 } },
  ]);
  const bad = spawnSync(process.execPath, command('[{"id": "x", "fn": "agreement.kappa", "input": {}}]'), {
    encoding: "utf8",
  });
  expect(bad.status).toBe(1);
  expect(JSON.parse(bad.stdout)).toEqual([
    { id: "x", error: expect.stringMatching(/^x: no function agreement.kappa/) },
  ]);
  expect(bad.stderr).toMatch(/^x: no function/);
  rmSync(folder, { recursive: true });
});

it("says of each case that is wrong where, and answers the others", () => {
  const text = `[
    {"id": "a", "fn": "agreement.raw", "input": {"ratings": [[1, NaN]]}},
    {"id": "b", "fn": "agreement.krippendorff", "input": {"ratings": [[1, 2]]}, "levle": "ordinal"},
    {"id": "c", "fn": "agreement.krippendorff", "input": {"ratings": [[1, 2]]}, "level": "ordnial"},
    {"id": "d", "fn": "agreement.gwet", "input": {"ratings": [[1, 9]], "categories": [1, 2]}},
    {"id": "e", "fn": "ranking.bradleyTerry", "input": {"a": [0], "b": [0], "y": [1]}},
    {"id": "f", "fn": "ranking.bradleyTerry", "input": {"a": [0, 1], "b": [1], "y": [1, 1]}},
    {"id": "g", "fn": "raters.dawidSkene", "input": {"items": 1, "raters": 1, "classes": 2, "labels": [[0, 0, 2]]}},
    {"id": "h", "fn": "joint.active", "input": {"items": [{"f": 0.5, "p": 0}]}},
    {"id": "i", "fn": "toString", "input": {}},
    {"fn": "agreement.raw", "input": {}},
    {"id": "z", "fn": "agreement.raw", "input": {"ratings": [[1, null]]}}
  ]`;
  const errors = answerCases(text).map((each) => ("error" in each ? each.error : each.value));
  const said = [
    /^a: input\.ratings\[0\]\[1\]: "NaN"/,
    /^b: option.*levle/,
    /^c: option\.level/,
    /^d: .*9 is not on the scale/,
  ];
  const more = [
    /^e: .*meets itself/,
    /^f: input\.b/,
    /^g: labels\[0\]: there is no class 2/,
    /^h: .*p: 0/,
    /^i: no function/,
    /case 9/,
  ];
  for (const [i, words] of [...said, ...more].entries()) expect(errors[i]).toMatch(words);
  expect(errors[10]).toEqual({ pair: null, item: null, value: null });
  expect(() => answerCases("{")).toThrow(/no JSON/);
  expect(() => answerCases('{"id": 1}')).toThrow(/no list of cases/);
});

it("resolves repeated votes by the last, and counts them", () => {
  const labels = [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 1],
    [1, 1, 1],
  ];
  expect(answered("raters.dawidSkene", { labels })).toMatchObject({ dropped: 1 });
  expect(answered("raters.wawa", { labels: labels.slice(2) })).toEqual({ skill: [1, 1] });
});

it("gives an interval nowhere out of nothing: no votes, one vote, one prompt, all tied", () => {
  const nothing = { a: [], b: [], y: [] };
  const tied = { a: [0, 0, 1], b: [1, 1, 0], y: [0.5, 0.5, 0.5], cluster: ["p", "q", "r"] };
  const one = { a: [0, 0], b: [1, 1], y: [1, 0], cluster: ["p", "p"] };
  expect(answered("ranking.bradleyTerry", nothing)).toMatchObject({
    theta: null,
    reason: expect.any(String),
  });
  for (const input of [tied, one])
    expect(answered("ranking.bradleyTerry", input)).toMatchObject({
      theta: [0, 0],
      se: null,
      reason: expect.any(String),
    });
  expect(answered("ranking.davidson", tied)).toMatchObject({ theta: null, reason: expect.any(String) });
  expect(answered("ranking.plackettLuceTies", tied)).toMatchObject({
    theta: null,
    reason: expect.any(String),
  });
  expect(answered("raters.mace", { items: 2, raters: 1, classes: 2, labels: [[0, 0, 1]] })).toMatchObject({
    posterior: [expect.anything(), [0.5, 0.5]],
  });
  expect(answered("joint.ppiMean", { y: [1], f: [1], fUnlabelled: [1] })).toMatchObject({
    low: null,
    reason: expect.any(String),
  });
  expect(
    answered("joint.ppiMean", { y: Array(30).fill(1), f: Array(30).fill(1), fUnlabelled: [1] }),
  ).toMatchObject({ low: null });
  for (const ratings of [
    [],
    [[1]],
    [
      [1, null],
      [null, 2],
    ],
    [
      [2, 2],
      [2, 2],
    ],
  ])
    expect(answered("agreement.jackknife", { ratings })).toMatchObject({
      estimate: null,
      low: null,
      reason: expect.any(String),
    });
  const perfect = {
    ratings: [
      [1, 1],
      [2, 2],
      [1, 1],
      [2, 2],
    ],
  };
  expect(answered("agreement.jackknife", perfect)).toMatchObject({
    estimate: 1,
    low: null,
    reason: expect.stringMatching(/3\/n/),
  });
});
