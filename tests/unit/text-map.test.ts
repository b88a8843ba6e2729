import { expect, test } from "vitest";
import { randomOf } from "@/server/statistics/math/random";
import { placesOf } from "@/workers/meaning/map";

const SIZE = 40;
const GROUPS = 4;
const ROWS = 160;

/** Rows around four centres, group after group in turn. */
function planted(): Float32Array {
  const random = randomOf(3);
  const centres = Array.from({ length: GROUPS }, () => Array.from({ length: SIZE }, () => random() - 0.5));
  return Float32Array.from(
    { length: ROWS * SIZE },
    (_, i) => centres[Math.floor(i / SIZE) % GROUPS][i % SIZE] + 0.2 * (random() - 0.5),
  );
}

test.each([ROWS, 60])(
  "texts of one kind lie together, also those placed beside %d that are laid out",
  (most) => {
    const values = planted();
    const places = placesOf({ values, size: SIZE }, { most });
    expect(placesOf({ values, size: SIZE }, { most })).toEqual(places);
    expect(Math.max(...places.map(Math.abs))).toBeCloseTo(1);
    const distance = (a: number, b: number) =>
      Math.hypot(places[2 * a] - places[2 * b], places[2 * a + 1] - places[2 * b + 1]);
    const rows = [...Array(ROWS).keys()];
    const together = rows.filter((row) => {
      const others = rows.filter((other) => other !== row);
      const nearest = others.reduce((best, other) =>
        distance(row, other) < distance(row, best) ? other : best,
      );
      return nearest % GROUPS === row % GROUPS;
    });
    expect(together.length).toBeGreaterThan(0.95 * ROWS);
  },
);

test.each([1, 2, 4, 6])("%d texts have places, too", (rows) => {
  const places = placesOf({ values: planted().slice(0, rows * SIZE), size: SIZE });
  expect([...places].every((place) => Math.abs(place) <= 1.000001)).toBe(true);
  expect(places).toHaveLength(2 * rows);
});
