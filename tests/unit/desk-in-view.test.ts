import { expect, test } from "vitest";
import { inViewOf, type Spans, shareOf, watched, withSpan } from "@/app/components/desk/in-view";
import { lastTurn } from "@/app/components/desk/prompt-view";

test("stretches of a text add up to what has been in view, each once", () => {
  // Against a text of 100 lines, marked one by one.
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const lines = new Set<number>();
  let spans: Spans = [];
  for (let look = 0; look < 60; look += 1) {
    const from = Math.floor(random() * 95);
    const to = from + 1 + Math.floor(random() * 4);
    for (let line = from; line < to; line += 1) lines.add(line);
    spans = withSpan(spans, [from / 100, to / 100]);
    expect(shareOf(spans)).toBeCloseTo(lines.size / 100, 9);
    expect(spans).toEqual(spans.toSorted(([a], [b]) => a - b));
  }
});

test("of a conversation what stayed folded was not in view, by its length", () => {
  const messages = [
    { role: "system" as const, content: "x".repeat(30) },
    { role: "user" as const, content: "x".repeat(70) },
  ];
  const looks = {
    [watched.prompt]: { spans: [], ms: 900.4 },
    [watched.turn(1)]: { spans: [[0, 0.5] satisfies [number, number]], ms: 900 },
    [watched.response(1)]: { spans: [[0.001, 0.999] satisfies [number, number]], ms: 800 },
  };
  expect(inViewOf(looks, messages, 2)).toEqual({
    prompt: { share: 0.35, ms: 900 },
    responses: [
      { share: 0, ms: 0 },
      { share: 1, ms: 800 },
    ],
  });
});

test("the turn that asks is the user's last, with what tools have said since", () => {
  const roles = (...all: ("system" | "user" | "assistant" | "tool")[]) =>
    lastTurn(all.map((role) => ({ role, content: "" })));
  expect(roles("user")).toBe(0);
  expect(roles("system", "user", "assistant", "user")).toBe(3);
  expect(roles("user", "assistant", "user", "assistant", "tool")).toBe(2);
  expect(roles("system", "assistant")).toBe(1);
});
