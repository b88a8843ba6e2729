import { expect, it } from "vitest";
import { wilsonInterval } from "@/server/statistics/wilson";

it("gives the Wilson intervals of Newcombe (Statistics in Medicine 17, 1998, table I, method 3)", () => {
  const rounded = (count: number, of: number) => {
    const { low, high } = wilsonInterval(count, of);
    return [low.toFixed(4), high.toFixed(4)];
  };
  expect(rounded(81, 263)).toEqual(["0.2553", "0.3662"]);
  expect(rounded(15, 148)).toEqual(["0.0624", "0.1605"]);
  expect(rounded(0, 20)).toEqual(["0.0000", "0.1611"]);
  // By rounding alone it would begin below 0, and be shown as −0.0.
  expect(wilsonInterval(0, 18).low).toBe(0);
  expect(rounded(1, 29)).toEqual(["0.0061", "0.1718"]);
});
