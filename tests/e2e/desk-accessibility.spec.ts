import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, form, onDesk, promptWith, test } from "./fixtures";

/** What a person with a screen reader, a keyboard or weak eyes would stumble over. */
async function seriousProblems(page: Page) {
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

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

for (const colorScheme of ["light", "dark"] as const)
  test(`axe finds nothing serious on the desk and on one's own page (${colorScheme})`, async ({ studio }) => {
    // Axe looks at everything nine times.
    test.setTimeout(480_000);
    const project = await studio.project({
      questions: everything,
      prompts: [
        promptWith("Look at this.", [markdown, "Plain."], { language: "en", domain: "medicine" }),
        promptWith("And this.", ["One.", "Two."]),
      ],
      guidelines: "# Guidelines\n\nBe fair.",
    });
    const page = await studio.annotator(project.id);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto(`/projects/${project.id}/desk`);
    const desk = onDesk(page);
    await expect(desk.response("A")).toBeVisible();
    expect(await seriousProblems(page)).toEqual([]);

    await page.keyboard.press("3");
    expect(await seriousProblems(page)).toEqual([]);
    for (const key of ["e", "s", "f", "g", "?", "d"]) {
      await page.keyboard.press(key);
      await page.waitForTimeout(200);
      expect(await seriousProblems(page), `after ${key}`).toEqual([]);
      await page.keyboard.press("Escape");
    }
    await page.goto(`/projects/${project.id}/me`);
    await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
    await expect(page.getByText("Nothing judged yet")).toBeVisible();
    expect(await seriousProblems(page)).toEqual([]);
  });
