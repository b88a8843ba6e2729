import type { Locator, Page } from "@playwright/test";
import { seriousProblems } from "./accessible";
import { expect, form, onDesk, promptWith, test } from "./fixtures";

const DIALOG = "[role=dialog]";

/** What axe finds in the document that is there, in both colour schemes; of colours only `within` a part. */
async function problemsInBoth(page: Page, within?: string) {
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await seriousProblems(page, { rules: "colours", within });
  await page.emulateMedia({ colorScheme: "light" });
  const light = await seriousProblems(page, { rules: "colours", within });
  return { light: [...light, ...(await seriousProblems(page, { rules: "others" }))], dark };
}
const NONE = { light: [], dark: [] };

const everything = form(
  { id: "better", type: "preference", label: "Which response is better?", points: 4 },
  { id: "scores", type: "rating", label: "Rate", attributes: [{ id: "clear", label: "Clarity" }] },
  {
    id: "wide",
    type: "rating",
    per: "task",
    label: "Points",
    attributes: [{ id: "all", label: "All" }],
    max: 100,
  },
  {
    id: "unsafe",
    type: "choice",
    per: "response",
    multiple: true,
    label: "What is unsafe?",
    options: [
      { value: "a", label: "Advice" },
      { value: "b", label: "Privacy" },
    ],
  },
  { id: "why", type: "text", label: "Why?", chips: [{ value: "c", label: "Correct" }], required: false },
  { id: "fix", type: "edit", label: "Rewrite", required: false },
);
const markdown =
  "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n```python\nprint(1)\n```\n\n$x^2$ and [link](https://example.org)";

/** What a key brings to the desk, by the name that a screen reader gives it. */
const opened = (page: Page): readonly [key: string, shown: Locator, changed?: string][] => [
  ["e", page.getByRole("textbox", { name: /^Your version of response/ })],
  ["s", page.getByRole("dialog", { name: "Skip this task" }), DIALOG],
  ["f", page.getByRole("dialog", { name: "Flag this task" }), DIALOG],
  ["g", page.getByRole("complementary", { name: "Guidelines" }), "aside"],
  ["?", page.getByRole("dialog", { name: "Keys" }), DIALOG],
  ["d", page.getByRole("button", { name: /^Show what differs/, pressed: true })],
];

test("axe finds nothing serious on the desk and on one's own page, light and dark", async ({ studio }) => {
  // Axe looks at everything nine times.
  test.setTimeout(900_000);
  const project = await studio.project({
    questions: everything,
    prompts: [
      promptWith("Look at this.", [markdown, "Plain."], { language: "en", domain: "medicine" }),
      promptWith("And this.", ["One.", "Two."]),
    ],
    guidelines: "# Guidelines\n\nBe fair.",
  });
  const page = await studio.annotator(project.id);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();
  expect(await problemsInBoth(page)).toEqual(NONE);

  await page.keyboard.press("3");
  await expect(desk.judgement.getByRole("radio", { checked: true })).toHaveCount(1);
  expect(await problemsInBoth(page)).toEqual(NONE);
  for (const [key, shown, changed] of opened(page)) {
    await page.keyboard.press(key);
    await expect(shown.filter({ visible: true })).toBeVisible();
    expect(await problemsInBoth(page, changed), `after ${key}`).toEqual(NONE);
    await page.keyboard.press("Escape");
  }
  await page.goto(`/projects/${project.id}/me`);
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  await expect(page.getByText("Nothing judged yet")).toBeVisible();
  expect(await problemsInBoth(page)).toEqual(NONE);
});
