import { expect, it } from "vitest";
import { uuid7 } from "@/db/uuid7";

it("makes ids of version 7, each later than the one before, at the time that they say", () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, uuid7);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Number.parseInt(ids[0].replace("-", "").slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
});
