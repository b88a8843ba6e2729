import { expect, it } from "vitest";
import { dataRecipeSchema } from "@/db/shape/construction";
import { Watch } from "@/server/construction/stops";

const nobody = { passed: 0, decided: 0 };
const of = (count: number, dropped: string | null) => Array.from({ length: count }, () => ({ dropped }));
const watching = (more: object = {}) => new Watch(dataRecipeSchema.parse({ method: "any", ...more }));

it("ends when as many are kept as were asked for", () => {
  const watch = watching({ target: 3 });
  watch.add(of(2, null));
  expect(watch.why(nobody)).toBeNull();
  watch.add([...of(5, "too short"), ...of(1, null)]);
  expect([watch.why(nobody), watch.kept, watch.dropped]).toEqual(["target", 3, 5]);
});

it("ends when of the last 200 filters kept too few, or too many were like another; before that nothing is known", () => {
  const poor = watching({ target: 1000 });
  poor.add(of(199, "too short"));
  expect(poor.why(nobody)).toBeNull();
  poor.add(of(1, "too short"));
  expect(poor.why(nobody)).toBe("yield");
  // Ten of two hundred are the share that is let pass.
  poor.add(of(10, null));
  expect(poor.why(nobody)).toBeNull();
  const alike = watching({ target: 1000 });
  alike.add([...of(100, null), ...of(100, "like another")]);
  expect(alike.why(nobody)).toBeNull();
  alike.add(of(1, "like another"));
  expect(alike.why(nobody)).toBe("duplicates");
});

it("ends when all of the interval of what people passed lies below the limit, and not on a handful", () => {
  const watch = watching({ target: 1000 });
  expect(watch.why({ passed: 0, decided: 9 })).toBeNull();
  expect(watch.why({ passed: 2, decided: 12 })).toBe("audit");
  // 3 of 10: Wilson's interval goes up to 0.60.
  expect(watch.why({ passed: 3, decided: 10 })).toBeNull();
});
