/**
 * `npm run bench:desk`: how long the next task takes to appear, short and with responses of 5,000 words, and how long
 * after its first paint the desk shows its task; on the production build in a real browser.
 */
import type { Page } from "@playwright/test";
import { expect, onDesk, promptWith, test } from "../e2e/fixtures";

const TASKS = 51;
const LONG_TASKS = 21;
/** Of 84 words each: 5,000 words. */
const PARAGRAPHS = 60;
const paragraph = "The reply explains **what** happens, why it happens, and `how()` one can tell. ".repeat(6);
const reply = (index: number, side: string) =>
  `Reply ${index} ${side}\n\n${paragraph}\n\n- one\n- two\n- three\n\n\`\`\`python\nprint(${index})\n\`\`\`\n\n${paragraph}`;

/** @returns milliseconds from Enter until the next task was painted, of each of `tasks` */
async function timesOf(page: Page, tasks: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < tasks; index += 1) {
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
  return times;
}

function told(what: string, times: readonly number[]): (share: number) => number {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  console.log(
    `${what} on screen: median ${at(0.5)} ms, p95 ${at(0.95)} ms of ${sorted.length}, frames included`,
  );
  return at;
}

test("the next task is on screen within 50 ms of submitting, median of 50", async ({ studio }) => {
  test.setTimeout(180_000);
  const prompts = Array.from({ length: TASKS }, (_, index) =>
    promptWith(`Question ${index}: what now?`, [reply(index, "one"), reply(index, "two")]),
  );
  const project = await studio.project({ prompts });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(page).response("A")).toBeVisible();
  const at = told("next task", await timesOf(page, TASKS - 1));
  // Three frames of 16.7 ms are part of what is measured; a busy test machine gets twice the required time.
  expect(at(0.5)).toBeLessThan(100);
});

test("responses of 5,000 words come as fast, and the desk shows its task with its first paint", async ({
  studio,
}) => {
  test.setTimeout(300_000);
  const long = (index: number, side: string) =>
    [reply(index, side), ...Array.from({ length: PARAGRAPHS }, () => paragraph)].join("\n\n");
  const prompts = Array.from({ length: LONG_TASKS }, (_, index) =>
    promptWith(`Question ${index}: what now?`, [long(index, "one"), long(index, "two")]),
  );
  const project = await studio.project({ prompts });
  const page = await studio.annotator(project.id);
  const url = `/projects/${project.id}/desk`;
  // The first visit also starts the server's own parts.
  await page.goto(url);
  await page.goto(url);
  const paint = await page.evaluate(
    () =>
      new Promise<{ first: number; largest: number }>((resolve) => {
        const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN;
        let largest = Number.NaN;
        new PerformanceObserver((list) => {
          largest = list.getEntries().at(-1)?.startTime ?? largest;
        }).observe({ type: "largest-contentful-paint", buffered: true });
        setTimeout(() => resolve({ first, largest }), 1000);
      }),
  );
  console.log(
    `desk: first paint after ${Math.round(paint.first)} ms, the largest after ${Math.round(paint.largest)} ms`,
  );
  await expect(onDesk(page).response("A")).toBeVisible();
  const at = told("next task of 2 × 5,000 words", await timesOf(page, LONG_TASKS - 1));
  expect(at(0.5)).toBeLessThan(200);
  expect(paint.largest - paint.first).toBeLessThan(1000);
});
