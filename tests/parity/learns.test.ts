import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { beforeAndAfter, demoRows, newModel, runTraining } from "@/tests/bench/learning";

const scratch = mkdtempSync(join(tmpdir(), "concord-learns-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const place = (name: string) => join(scratch, name);
const minutes = 60_000;

test("SFT from nothing on the demo project's responses lowers the loss on prompts it has not seen", {
  timeout: 10 * minutes,
}, async () => {
  const rows = demoRows();
  const model = newModel(place("demo"), rows.train, { vocabulary: 512, hidden: 64, layers: 2 });
  const events = await runTraining(place("demo-sft"), rows, {
    method: "sft",
    model,
    learning_rate: 5e-3,
    num_train_epochs: 2,
    max_length: 256,
  });
  const loss = beforeAndAfter(events, "eval_loss");
  expect(loss.before).toBeCloseTo(Math.log(512), 0); // knows nothing
  expect(loss.after).toBeLessThan(loss.before - 1);
});
