import type { Locator, Page } from "@playwright/test";
import { seriousProblems } from "./accessible";
import { apiOf, expect, form, onDesk, patient, promptWith, test } from "./fixtures";

const reasoned = form(
  { id: "better", type: "preference", label: "Which response is better?", points: 7 },
  {
    id: "why",
    type: "text",
    label: "Why?",
    required: false,
    chips: [
      { value: "format", label: "Better format" },
      { value: "correct", label: "More correct" },
    ],
  },
);
const pairs = ["First.", "Second.", "Third."].map((text) =>
  promptWith(text, ["One reply.", "Another reply."]),
);

/** What the server keeps of a person's judgements, by prompt. */
async function stored(page: Page, projectId: string) {
  const { items } = await (await apiOf(page)).annotation.history.query({ projectId });
  return Object.fromEntries(items.map(({ excerpt, answers }) => [excerpt, answers]));
}

test("an undone verdict is changed by the next digit, however fast it is pressed", async ({ studio }) => {
  const project = await studio.project({ questions: reasoned, prompts: pairs });
  const page = await studio.annotator(project.id);
  const { keyboard } = page;
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.judgement.getByText("next is ready")).toBeVisible();

  // No wait between the keys: each must find the task that it is meant for.
  for (const key of ["2", "Enter", "u", "1", "Enter"]) await keyboard.press(key);
  await expect(desk.prompt).toContainText("Second.");
  await expect(desk.saved).toBeVisible();
  expect(await stored(page, project.id)).toEqual({
    "First.": { better: { type: "preference", outcome: "a", level: 3 } },
  });

  for (const key of ["3", "a", "Enter"]) await keyboard.press(key);
  await expect(desk.prompt).toContainText("Third.");
  await expect(desk.saved).toBeVisible();
  for (const key of ["u", "u"]) await keyboard.press(key);
  await expect(desk.prompt).toContainText("First.");
  await expect(desk.judgement.getByText("A is much better.").filter({ visible: true })).toBeVisible();
  for (const key of ["5", "Enter"]) await keyboard.press(key);
  await expect(desk.prompt).toContainText("Second.");
  for (const key of ["6", "Enter"]) await keyboard.press(key);
  await expect(desk.saved).toBeVisible();
  await expect
    .poll(() => stored(page, project.id))
    .toEqual({
      "First.": { better: { type: "preference", outcome: "b", level: 1 } },
      "Second.": {
        better: { type: "preference", outcome: "b", level: 2 },
        why: { type: "text", text: "", chips: ["format"] },
      },
    });
});

test("keys mean the same on layouts without Latin letters or digits", async ({ studio }) => {
  const project = await studio.project({ questions: reasoned, prompts: pairs.slice(0, 2) });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.judgement.getByText("next is ready")).toBeVisible();
  /** As a browser sends it where such a layout is active. */
  const press = (
    key: string,
    code: string,
    more: { modifierAltGraph?: boolean; isComposing?: boolean } = {},
  ) =>
    page.evaluate(
      (init) =>
        document.activeElement?.dispatchEvent(
          new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }),
        ),
      { key, code, ...more },
    );
  // AZERTY, without Shift.
  await press("&", "Digit1");
  await expect(desk.judgement.getByRole("radio", { name: "A much better" })).toBeChecked();
  // AltGr and what an input method composes are text, not commands.
  await press("@", "Digit0", { modifierAltGraph: true });
  await press("Process", "Digit7", { isComposing: true });
  await press("Dead", "KeyU");
  await expect(desk.judgement.getByRole("radio", { name: "A much better" })).toBeChecked();
  // Arabic-Indic digits, then the letter at A of a Russian keyboard.
  await press("٦", "Digit6");
  await press("ф", "KeyA");
  await expect(desk.judgement.getByRole("checkbox", { name: "Better format" })).toBeChecked();
  await press("Enter", "Enter");
  await expect(desk.prompt).toContainText("Second.");
  await expect(desk.saved).toBeVisible();
  const first = {
    better: { type: "preference", outcome: "b", level: 2 },
    why: { type: "text", text: "", chips: ["format"] },
  };
  expect(await stored(page, project.id)).toEqual({ "First.": first });
  // Undo by the key at U of a Greek keyboard.
  await press("θ", "KeyU");
  await expect(desk.prompt).toContainText("First.");
  await expect.poll(() => stored(page, project.id)).toEqual({});
});

/** Whether something lies wholly on the screen, and what of a list lies over something else of it. */
async function placed(controls: Locator) {
  const boxes = await controls.evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { name: element.textContent ?? "", left, right, top, bottom };
    }),
  );
  const covered = boxes.filter((one, index) =>
    boxes.some(
      (other, place) =>
        place > index &&
        one.left < other.right - 1 &&
        other.left < one.right - 1 &&
        one.top < other.bottom - 1 &&
        other.top < one.bottom - 1,
    ),
  );
  return { count: boxes.length, covered, right: Math.max(...boxes.map((box) => box.right)) };
}

test("eight responses are all in sight while they are ranked, on a screen and on a phone", async ({
  studio,
}) => {
  const replies = Array.from(
    { length: 8 },
    (_, index) => `Reply ${index}. ${"It goes on like this. ".repeat(60)}`,
  );
  const project = await studio.project({
    questions: form({ id: "order", type: "ranking", label: "Rank the responses" }),
    prompts: [promptWith("Rank these.", replies)],
  });
  const page = await studio.annotator(project.id);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  const letters = [..."ABCDEFGH"];
  for (const letter of letters) await expect(desk.response(letter)).toBeInViewport({ ratio: 0.98 });

  // Alone and back; the others keep their places.
  await page.keyboard.press("z");
  await expect(desk.response("B")).toHaveCount(0);
  await expect(desk.response("A")).toBeInViewport();
  await page.keyboard.press("1");
  await expect(desk.response("B")).toBeInViewport();
  await expect(desk.response("A")).toHaveCount(0);
  await page.keyboard.press("z");
  await expect(desk.response("A")).toBeInViewport();

  // 200 % zoom of the same screen, then a phone: the marked response comes into view.
  await page.setViewportSize({ width: 720, height: 450 });
  for (const digit of [..."234567"]) await page.keyboard.press(digit);
  await expect(desk.response("H").getByRole("radio", { name: "Response H: rank 8" })).toBeInViewport();
  expect(await seriousProblems(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const letter of letters) {
    const ranks = await placed(desk.response(letter).locator("label"));
    expect(ranks).toMatchObject({ count: 8, covered: [] });
    expect(ranks.right).toBeLessThanOrEqual(390);
  }
  const places = await placed(desk.judgement.locator("[data-place], [data-place] span[class*=cursor]"));
  expect(places.right).toBeLessThanOrEqual(390);
  await page.keyboard.press("8");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();
  expect(await stored(page, project.id)).toEqual({
    "Rank these.": { order: { type: "ranking", ranks: [1, 2, 3, 4, 5, 6, 7, 8] } },
  });
});

test("no answer lies over another at 200 % zoom", async ({ studio }) => {
  const project = await studio.project({ questions: reasoned, prompts: pairs.slice(0, 1) });
  const page = await studio.annotator(project.id);
  for (const width of [1440, 1024, 720, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : width * 0.625 });
    if (width === 1440) await page.goto(`/projects/${project.id}/desk`);
    await expect(onDesk(page).response("A")).toBeVisible();
    const answers = await placed(onDesk(page).judgement.locator("label:has(input[type=radio])"));
    expect(answers, `at ${width} px`).toMatchObject({ count: 8, covered: [] });
    expect(answers.right).toBeLessThanOrEqual(width);
  }
});

test("a newcomer practises the keys, once, and gives an action another key, in every tab at once", async ({
  studio,
}) => {
  const project = await studio.project({ questions: reasoned, prompts: pairs });
  const page = await studio.annotator(project.id, { practised: false });
  await page.goto(`/projects/${project.id}/desk`);
  const practice = page.getByRole("region", { name: "Practice" });
  await expect(practice.getByRole("status")).toContainText("1 of 6");
  expect(await seriousProblems(page)).toEqual([]);
  for (const [key, step] of [
    ["6", "2 of 6"],
    ["1", "3 of 6"],
    ["a", "4 of 6"],
    ["Enter", "5 of 6"],
    ["u", "6 of 6"],
  ] as const) {
    await page.keyboard.press(key);
    await expect(practice.getByRole("status").filter({ hasText: step })).toBeVisible();
  }
  await page.keyboard.press("Enter");
  const desk = onDesk(page);
  await expect(desk.prompt).toContainText("First.");
  expect(await stored(page, project.id)).toEqual({});

  const other = patient(await page.context().newPage());
  await other.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(other).prompt).toContainText("First.");
  await page.bringToFront();
  await page.keyboard.press("?");
  const undo = page.getByRole("button", { name: /change the key of “Take the last judgement back”/ });
  await undo.click();
  await page.keyboard.press("s");
  await expect(page.getByRole("alert")).toContainText("s is taken: “Skip this task, with a reason”.");
  expect(await seriousProblems(page)).toEqual([]);
  // By the key at A of a Russian keyboard: kept by its place.
  await undo.click();
  await page.evaluate(() =>
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "ф", code: "KeyA", cancelable: true })),
  );
  await expect(undo).toHaveAccessibleName(/^a:/);
  const api = await apiOf(page);
  await expect.poll(async () => (await api.person.desk.query()).keys).toEqual({ undo: "a" });
  await page.keyboard.press("Escape");

  await other.bringToFront();
  // The letter went to undo: the reasons take the next ones.
  await expect(onDesk(other).judgement.getByRole("checkbox", { name: "Better format" })).toHaveAttribute(
    "aria-keyshortcuts",
    "c",
  );
  await other.keyboard.press("3");
  await other.keyboard.press("Enter");
  await expect(onDesk(other).prompt).toContainText("Second.");
  await other.keyboard.press("a");
  await expect(onDesk(other).prompt).toContainText("First.");
});
