import { expect, it } from "vitest";
import type { RunReply } from "@/workers/cli/api";
import { foreseen } from "@/workers/cli/mcp/wait";

const look: RunReply = {
  id: "run-7",
  title: "Check big.jsonl",
  status: "running",
  progress: null,
  result: null,
  error: null,
};
const words = (result: RunReply["result"]) => JSON.stringify(result);

it("a look ahead that is not over is named, one that is over speaks, one that failed refuses", () => {
  expect(foreseen(look, words)).toContain("run-7");
  expect(foreseen({ ...look, status: "succeeded", result: { rows: 3 } }, words)).toBe('{"rows":3}');
  expect(() => foreseen({ ...look, status: "failed", error: "No rows." }, words)).toThrow(
    "Check big.jsonl failed: No rows.",
  );
});
