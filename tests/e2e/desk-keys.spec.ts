import type { Page } from "@playwright/test";
import { apiOf, expect, form, onDesk, promptWith, test } from "./fixtures";

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
