import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

test("a model reads the texts; words find what means the same, and a region of the map becomes tasks", async ({
  studio,
}) => {
  const about = (what: string, n: number) =>
    promptWith(`The ${what} sat by the ${what}, and the ${what} is number ${n}`, [
      `Of the ${what}`,
      "Nothing",
    ]);
  const numbers = [1, 2, 3, 4, 5, 6];
  const { api } = studio;
  // The first has its task already.
  const [first, ...others] = ["cat", "harbour"].flatMap((what) => numbers.map((n) => about(what, n)));
  const { id } = await studio.project({ prompts: [first] });
  for (const prompt of others) await api.content.addPrompts.mutate({ projectId: id, prompts: [prompt] });
  const { id: runId } = await api.model.make.mutate({ projectId: id, name: "Tiny" });
  const status = async () => (await api.run.get.query({ projectId: id, runId })).status;
  await expect.poll(status, { timeout: 120_000 }).toBe("succeeded");
  const page = await studio.annotator(id, { role: "manager" });
  await page.goto(`/projects/${id}/prompts`);
  await page.getByRole("link", { name: "By meaning" }).click();
  await expect(page.getByText("Tiny has read 0 of 36 texts.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Let it read the texts" }).click();
  await expect(page.getByText("Tiny has read 36 of 36 texts.")).toBeVisible({ timeout: 120_000 });

  const map = page.getByLabel("Map of the texts");
  await expect(map).toBeVisible();
  await expectAccessible(page);
  const box = await map.boundingBox();
  if (!box) throw new Error("The map has no box.");
  await page.mouse.move(box.x + 2, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 3 });
  await page.mouse.up();
  await expect(page.getByText("12 texts chosen")).toBeVisible();
  const texts = page.getByRole("row").filter({ hasText: /sat by the/ });
  await expect(texts).toHaveCount(12);
  await page.getByRole("button", { name: "Make tasks of 12 prompts…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make tasks" }).click();
  await expect(page.getByText("11 tasks were made.").first()).toBeVisible();
  await page.getByRole("button", { name: "Let go" }).click();
  await expect(texts).toHaveCount(0);

  // The same by keys: the frame grows until all are in it.
  await map.focus();
  for (let step = 0; step < 20; step++) await page.keyboard.press("+");
  await page.keyboard.press("Enter");
  await expect(page.getByText("12 texts chosen")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("12 texts chosen")).toHaveCount(0);

  await page.getByLabel("What the texts are about").fill("The harbour sat by the harbour");
  await page.keyboard.press("Enter");
  await expect(page.getByText("12 found, nearest first")).toBeVisible({ timeout: 120_000 });
  for (const place of [0, 5]) await expect(texts.nth(place)).toContainText("harbour");
  await expectAccessible(page);
  await texts.last().click();
  const detail = page.getByRole("dialog", { name: "Prompt" });
  await expect(detail).toContainText("cat");
  await detail.getByRole("button", { name: "Prompts like it" }).click();
  await expect(page.getByText("11 found, nearest first")).toBeVisible({ timeout: 120_000 });
  await expect(texts.first()).toContainText("cat");
});
