import { expect, it } from "vitest";
import { type Loop, secondsLeft } from "@/server/demo/schema";

const NOW = Date.parse("2026-11-30T12:00:00Z");
type Step = Loop["steps"][number];

const step = (usualSeconds: number, run: Partial<Step["run"]> = {}): Step => ({
  step: "sft",
  usualSeconds,
  run: {
    ...{
      id: crypto.randomUUID(),
      projectId: null,
      kind: "sft",
      title: "",
      note: "",
      tags: [],
      status: "queued",
      spec: {},
    },
    ...{
      progress: null,
      result: null,
      error: null,
      attempt: 1,
      stopRequested: false,
      cancelRequested: false,
    },
    ...{ afterId: null, groupId: null, createdAt: new Date(NOW), startedAt: null, finishedAt: null },
    ...run,
  },
});
const ago = (seconds: number) => new Date(NOW - 1000 * seconds);

it("estimates from what is usual, then from this machine's own speed", () => {
  expect(secondsLeft({ steps: [step(5), step(80), step(45)] }, NOW)).toBe(130);
  const over = step(80, { status: "succeeded", startedAt: ago(240), finishedAt: ago(0) });
  expect(secondsLeft({ steps: [over, step(45)] }, NOW)).toBe(135);
  // Half done after 80 seconds: at half the usual speed, so that what comes takes twice as long.
  const progress = { done: 1, total: 2, unit: "steps", secondsLeft: 80 };
  const running = step(80, { status: "running", startedAt: ago(80), progress });
  expect(secondsLeft({ steps: [running, step(45)] }, NOW)).toBe(80 + 90);
});
