import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Batch } from "@/workers/text/batch";

test("what comes while one lot is on its way makes the next, and each hears of its own", async () => {
  const lots: number[][] = [];
  const batch = new Batch(async (items: readonly number[]) => {
    lots.push([...items]);
    await sleep(5);
    if (items.includes(7)) throw new Error("seven");
    return items.map((item) => item * 10);
  });
  const first = [1, 2].map((item) => batch.add(item));
  await sleep(1);
  const second = [3, 7].map((item) => batch.add(item));
  expect(await Promise.all(first)).toEqual([10, 20]);
  for (const one of second) await expect(one).rejects.toThrow("seven");
  expect(await batch.add(8)).toBe(80);
  expect(lots).toEqual([[1, 2], [3, 7], [8]]);
});
