import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

/** Rows in the shape of GSM8K's own file. */
const sums = Array.from({ length: 12 }, (_, index) => ({
  question: `A basket holds ${index} eggs and gets two more. How many are there?`,
  answer: `${index} + 2 = ${index + 2}\n#### ${index + 2}`,
}));

test("a benchmark's file is brought, recognised, asked, read item by item, and stands on the scorecard", async ({
  studio,
}) => {
  const { id } = await studio.project({ prompts: [promptWith("What is green?", ["Grass.", "The sky."])] });
  const page = await studio.annotator(id, { role: "manager" });
  const { id: making } = await studio.api.model.make.mutate({ projectId: id, name: "Tiny" });
  await expect
    .poll(async () => (await studio.api.run.get.query({ projectId: id, runId: making })).status)
    .toBe("succeeded");
  const [{ id: modelId }] = await studio.api.model.list.query({ projectId: id });

  await page.goto(`/projects/${id}/models/${modelId}`);
  await page.getByRole("link", { name: "Run a benchmark" }).click();
  await expect(page.getByRole("heading", { name: "Where the files are had" })).toBeVisible();
  await expectAccessible(page);
  const file = (name: string, rows: readonly object[]) => ({
    name,
    mimeType: "application/jsonl",
    buffer: Buffer.from(rows.map((row) => JSON.stringify(row)).join("\n")),
  });
  const choose = page.getByLabel("Files to import");
  await choose.setInputFiles(file("notes.jsonl", [{ colour: "green" }]));
  await expect(page.getByText("look like those of no suite")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Leave out notes.jsonl" }).click();

  // What a judge is to read is recognised as such, and waits until one is chosen.
  const output = "Hello!";
  await choose.setInputFiles(file("base.jsonl", [{ instruction: "Say hello.", output, generator: "x" }]));
  await expect(page.getByText("no judge is chosen")).toBeVisible();
  await page.getByRole("combobox", { name: "Judged by" }).selectOption("Tiny");
  await expect(page.getByText(/1 of 1 item, 1 answer of at most/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Leave out base.jsonl" }).click();

  await choose.setInputFiles([file("test.jsonl", sums.slice(0, 8)), file("train.jsonl", sums.slice(8))]);
  await expect(page.getByRole("combobox", { name: "What train.jsonl holds" })).toHaveValue("shots");
  await expect(page.getByRole("option", { name: "As recognised: gsm8k" })).toBeAttached();
  await page.getByLabel("Examples before each question").fill("1");
  await page.getByText("The task’s own fields").click();
  await page
    .getByLabel("Fields of the task")
    .fill('generation_kwargs: { until: ["Question:"], max_gen_toks: 8 }');
  await page.getByLabel("Fields of the task").blur();
  await expect(page.getByText(/8 of 8 items, 8 answers of at most 64 tokens together/)).toBeVisible();
  await expect(page.getByText(/^Question: A basket holds/).first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Ask 8 items" }).click();

  await expect(page).toHaveURL(/\/models\/[\w-]+\/benchmarks\/(?!new)[\w-]+$/, { timeout: 180_000 });
  await expect(page.getByRole("heading", { name: "GSM8K, test.jsonl" })).toBeVisible();
  await expect(page.getByRole("row", { name: /exact_match, strict-match/ })).toBeVisible();
  await expect(page.getByText("Nothing behind this model was trained here", { exact: false })).toBeVisible();
  await page.getByRole("radio", { name: "Not right" }).click();
  await page.locator("summary", { hasText: "A basket holds 3 eggs" }).first().click();
  await expect(page.getByText("Expected:").filter({ visible: true })).toHaveCount(1);
  await expectAccessible(page);

  await page.getByRole("link", { name: "Scorecard" }).click();
  await expect(page.getByRole("row", { name: /Tiny/ })).toContainText("not trained here");
  await expectAccessible(page);
});
