import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { type Api, apiOf, expect, onDesk, test } from "./fixtures";

/** Eleven pairs in two languages; the ninth row is broken. */
const rows = Array.from({ length: 12 }, (_, index) =>
  index === 8
    ? '{"prompt": "broken'
    : JSON.stringify({
        prompt: `Question ${index}: name the capital of country number ${index}.`,
        responses: [
          { content: `It is the city ${index}.`, source: "model-one" },
          { content: `Nobody knows city ${index}.`, source: "model-two" },
        ],
        language: index % 2 ? "de" : "en",
        domain: "geography",
      }),
);

const file = { name: "pairs.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(rows.join("\n")) };

/** Judges everything that a rater is given; `prefers` says which response, by its text. */
async function judgeAll(api: Api, projectId: string, prefers: (texts: string[]) => "a" | "b") {
  let judged = 0;
  for (;;) {
    const { tasks } = await api.annotation.claim.mutate({ projectId, hold: 1, have: [] });
    const [task] = tasks;
    if (!task) return judged;
    const question = task.questions.find(({ type }) => type === "preference");
    if (!question) throw new Error("The task asks for no comparison.");
    const outcome = prefers(task.responses.map(({ content }) => content));
    await api.annotation.submit.mutate({
      assignmentId: task.assignmentId,
      answers: { [question.id]: { type: "preference", outcome, level: 1 } },
      idempotencyKey: `judge-${task.assignmentId}`,
      visibleMs: 1000,
    });
    judged += 1;
  }
}

const knows = (texts: string[]) => (texts[0]?.startsWith("It is") ? ("a" as const) : ("b" as const));

async function createProject(page: Page, name: string): Promise<string> {
  await page.goto("/projects");
  await page.getByRole("button", { name: "New project" }).first().click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Raters per task").fill("2");
  await page.getByRole("button", { name: "Create project" }).click();
  await page.waitForURL(/\/projects\/[0-9a-f-]{36}$/);
  const id = page.url().split("/").at(-1);
  if (!id) throw new Error("The address names no project.");
  return id;
}

test("from a file to an exported dataset, on the pages", async ({ studio }) => {
  test.setTimeout(480_000);
  const home = await studio.api.project.create.mutate({ name: `Home ${process.pid}` });
  const page = await studio.annotator(home.id, { role: "manager" });
  const projectId = await createProject(page, `Capitals ${process.pid}`);

  await test.step("the import names the bad rows and leaves them out", async () => {
    await page.getByRole("link", { name: "Import prompts and responses" }).click();
    await page.getByLabel("Files to import").setInputFiles(file);
    await expect(page.getByRole("region", { name: "First rows of pairs.jsonl" })).toContainText("Question 0");
    await page.getByRole("button", { name: "Check all rows" }).click();
    const skip = page.getByRole("button", { name: /Skip the bad rows and import/ });
    await expect(skip).toBeVisible({ timeout: 60_000 });
    const problems = page.getByRole("region", { name: "Problems", exact: true });
    await expect(problems.getByRole("row").filter({ hasText: "pairs.jsonl" }).first()).toContainText("9");
    await skip.click();
    await expect(page.getByRole("link", { name: "See the prompts" })).toBeVisible({ timeout: 60_000 });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "The bad rows" }).click(),
    ]);
    expect(await readFile(await download.path(), "utf8")).toContain("broken");
  });

  await test.step("prompts and tasks can be found", async () => {
    await page.getByRole("link", { name: "See the prompts" }).click();
    await page.getByLabel("Search prompts and responses").fill("country number 7");
    await expect(page).toHaveURL(/search=/);
    await expect(page.getByText("1 match", { exact: true })).toBeVisible();
    await page.reload();
    await page.getByRole("row").filter({ hasText: "Question 7" }).click();
    await expect(page.getByRole("dialog")).toContainText("model-two");
    await page.keyboard.press("Escape");
    await page.goto(`/projects/${projectId}/tasks`);
    await expect(page.getByRole("row").filter({ hasText: "0 of 2" }).first()).toBeVisible();
  });

  const first = await apiOf(await studio.annotator(projectId));
  const second = await apiOf(await studio.annotator(projectId));

  await test.step("the overview counts judgements as they come", async () => {
    await page.goto(`/projects/${projectId}`);
    await expect(page.getByText("0 of", { exact: false }).first()).toBeVisible();
    const judged = await judgeAll(first, projectId, knows);
    expect(judged).toBe(11);
    await judgeAll(second, projectId, (texts) =>
      texts.some((text) => text.includes("city 3")) ? (knows(texts) === "a" ? "b" : "a") : knows(texts),
    );
    await expect(page.getByText(`${2 * judged} of ${2 * judged}`)).toBeVisible({ timeout: 60_000 });
  });

  await test.step("a preference is found, read, excluded, and included by undo", async () => {
    await page.goto(`/projects/${projectId}/preferences?agreement=split`);
    await expect(page.getByText("2 match", { exact: true })).toBeVisible();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const detail = page.getByRole("dialog", { name: "Task" });
    await expect(detail).toContainText("Nobody knows city 3.");
    await expect(detail.getByText("2 judgements")).toBeVisible();
    await page.keyboard.press("e");
    await page.getByLabel("Reason").fill("Read in a hurry.");
    await page.keyboard.press("Control+Enter");
    await expect(detail.getByText("Read in a hurry.").first()).toBeVisible();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(detail.getByText("The exclusion was undone.")).toBeVisible();
    await page.keyboard.press("Escape");
    const csv = await page.request.get(`/api/v1/projects/${projectId}/preferences.csv?agreement=split`);
    expect((await csv.text()).trim().split("\n")).toHaveLength(3);
  });

  await test.step("a disagreement is decided at the desk", async () => {
    await page.getByRole("link", { name: /Adjudicate/ }).click();
    await onDesk(page).response("A").waitFor();
    await page.keyboard.press("1");
    await page.keyboard.press("Enter");
    await expect(page.getByText("Nothing is disputed")).toBeVisible();
  });

  await test.step("a version is frozen and its files are downloaded", async () => {
    await page.goto(`/projects/${projectId}/datasets`);
    await page.getByRole("button", { name: "New dataset" }).click();
    await page.getByLabel("Name").fill("Capitals");
    await page.getByRole("button", { name: "Make dataset" }).click();
    await page.getByRole("button", { name: "Freeze a version" }).click();
    await page.getByRole("button", { name: "Freeze version" }).click();
    // The run's page goes on to what it made.
    await page.waitForURL(/\/versions\/[0-9a-f-]{36}$/, { timeout: 60_000 });
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByText("JSONL", { exact: true }).click();
    await page.getByRole("button", { name: "Write files" }).click();
    const train = page.getByRole("link", { name: /train/ }).first();
    await expect(train).toBeVisible({ timeout: 60_000 });
    const [download] = await Promise.all([page.waitForEvent("download"), train.click()]);
    const [line] = (await readFile(await download.path(), "utf8")).split("\n");
    expect(JSON.parse(line ?? "")).toHaveProperty("chosen");
  });
});
