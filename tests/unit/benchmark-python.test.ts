import { describe, expect, it } from "vitest";
import { pythonLiteral } from "@/server/benchmark/python/literal";
import { PythonRandom } from "@/server/benchmark/python/random";
import { findAll, pythonRegex } from "@/server/benchmark/python/regex";
import { splitAtSpace, strip } from "@/server/benchmark/python/space";

/** What CPython 3.11 answers. */
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("Python's own, as task files and lm-eval's draws need it", () => {
  it("draws samples as random.Random(1234) does, from small and large populations", () => {
    const random = new PythonRandom(1234);
    expect([
      random.sample(range(500), 2),
      random.sample(range(500), 2),
      random.sample(range(500), 2),
      random.sample(range(10), 5),
      random.sample(range(100), 7),
    ]).toEqual([
      [494, 398],
      [225, 59],
      [3, 46],
      [9, 0, 1, 8, 2],
      [30, 2, 3, 44, 82, 79, 61],
    ]);
    expect(range(9).map(() => random.index(9))).toEqual([5, 1, 1, 1, 0, 4, 8, 0, 4]);
    expect(() => random.sample([1], 2)).toThrow(RangeError);
  });

  it.each([
    ["#### (\\-?[0-9\\.\\,]+)", "#### 18\n#### $5", ["18"]],
    [
      "(-?[$0-9.,]{2,})|(-?[0-9]+)",
      "so 1,234 $5. −5",
      [
        ["1,234", ""],
        ["$5.", ""],
        ["", "5"],
      ],
    ],
    ["(?<=the answer is )(.*)(?=.)", "the answer is (A)\nmore.", ["(A"]],
    ["(?s)a.*b$", "a\nb\n", ["a\nb"]],
    ["^x|y$", "x\ny\n", ["x", "y"]],
    ["\\d+\\b", "abc ５ 12", ["５", "12"]],
    ["[\\w']+", "don't é１", ["don't", "é１"]],
    ["(?P<x>a)(?P=x)|b{2,}|c{", "aa bb c{", ["a", "", ""]],
    ["[]a]+", "[a]", ["a]"]],
  ])("finds what re.findall(%j) finds in %j", (pattern, text, found) => {
    expect(findAll(pythonRegex(pattern, "a test"), text)).toEqual(found);
  });

  it("refuses a pattern that JavaScript cannot run, naming where it stands", () => {
    expect(() => pythonRegex("(?>a)b", "filter_list.0")).toThrow(
      'filter_list.0: the pattern "(?>a)b" has a group that is not supported.',
    );
    expect(() => pythonRegex("a++b", "filter_list.0")).toThrow("possessive");
    expect(() => pythonRegex("(a", "filter_list.0")).toThrow("filter_list.0");
  });

  it("reads literals, also such as JSON does not have", () => {
    expect(pythonLiteral(`['a', "b'c", 'x\\n\\xe9', 1, -2.5, True, None, (1,), {'k': [1]}]`)).toEqual([
      "a",
      "b'c",
      "x\né",
      1,
      -2.5,
      true,
      null,
      [1],
      { k: [1] },
    ]);
    expect(() => pythonLiteral("[1, x]")).toThrow(SyntaxError);
    expect(() => pythonLiteral("'a' b")).toThrow(SyntaxError);
  });

  it("takes the white space that Python takes", () => {
    expect(strip("\u001c a\ufeff\u0085")).toBe("a\ufeff");
    expect(splitAtSpace(" a\u001fb ")).toEqual(["", "a", "b", ""]);
  });
});
