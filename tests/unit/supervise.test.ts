import { expect, test } from "vitest";
import { restartPauses } from "@/workers/supervise";

test("a program that was healthy is restarted at once, however often it ended before", () => {
  const pauseAfter = restartPauses();
  expect(Array.from({ length: 7 }, () => pauseAfter(15_000))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test("a program that keeps failing waits longer each time, three seconds at most, until it was healthy again", () => {
  const pauseAfter = restartPauses();
  expect(Array.from({ length: 6 }, () => pauseAfter(200))).toEqual([0, 1000, 2000, 3000, 3000, 3000]);
  expect([pauseAfter(11_000), pauseAfter(200), pauseAfter(200)]).toEqual([0, 0, 1000]);
});
