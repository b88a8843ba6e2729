import { expect, test } from "vitest";
import { drawOrder } from "@/server/seat/order";
import { seeded } from "@/workers/engine/random";

const source = seeded(20_261_121);
const random = () => source.uniform();

test("an order shows every response once", () => {
  for (const k of [1, 2, 3, 4, 7])
    expect(drawOrder({ k, taskFirsts: [], dayFirsts: [] }, random).toSorted()).toEqual([...Array(k).keys()]);
  expect(drawOrder({ k: 0, taskFirsts: [], dayFirsts: [] }, random)).toEqual([]);
});

test("over a rater's day each response stands in each place equally often, far closer than by chance", () => {
  const days = 300;
  const tasks = 60;
  for (const k of [2, 4]) {
    let squares = 0;
    for (let day = 0; day < days; day += 1) {
      const places = Array.from({ length: k }, () => Array<number>(k).fill(0));
      for (let task = 0; task < tasks; task += 1)
        drawOrder({ k, taskFirsts: [], dayFirsts: places[0] }, random).forEach((response, place) => {
          places[place][response] += 1;
        });
      squares += places[0].reduce((sum, count) => sum + (count - tasks / k) ** 2, 0) / k;
    }
    // A fair die has variance tasks · (1/k) · (1 − 1/k) for each response: 15 of 60 for two, 11.25 for four.
    expect(squares / days).toBeLessThan(k === 2 ? 1.5 : 2.5);
  }
});

test("the raters of a task see different responses first", () => {
  const pairs = Array.from({ length: 4000 }, () => {
    const [first] = drawOrder({ k: 2, taskFirsts: [], dayFirsts: [] }, random);
    const [second] = drawOrder({ k: 2, taskFirsts: [first], dayFirsts: [] }, random);
    return first !== second;
  });
  expect(pairs.filter(Boolean).length / pairs.length).toBeCloseTo(0.8, 1);
});

test("nobody who knows the day's counts can tell the next order for sure", () => {
  const firsts = Array.from(
    { length: 4000 },
    () => drawOrder({ k: 2, taskFirsts: [], dayFirsts: [9, 0] }, random)[0],
  );
  const share = firsts.filter((first) => first === 1).length / firsts.length;
  expect(share).toBeGreaterThan(0.76);
  expect(share).toBeLessThan(0.84);
});
