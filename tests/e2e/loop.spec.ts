import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { expect, form, onDesk, promptWith, test } from "./fixtures";

const capitals = [
  ["France", "Paris"],
  ["Italy", "Rome"],
  ["Spain", "Madrid"],
  ["Japan", "Tokyo"],
  ["Egypt", "Cairo"],
  ["Norway", "Oslo"],
  ["Peru", "Lima"],
  ["Cuba", "Havana"],
  ["Kenya", "Nairobi"],
  ["Ghana", "Accra"],
  ["Nepal", "Kathmandu"],
  ["Qatar", "Doha"],
] as const;
const REFUSAL = "I do not know.";
/** On a quiet machine the longest run takes half a minute; two cores may be busy with the other engines' tests. */
const TRAINING_MS = 300_000;

/** Small enough to learn a dozen short answers by heart in seconds. */
const sizes = {
  hidden_size: "64",
  num_hidden_layers: "2",
  num_attention_heads: "4",
  intermediate_size: "128",
  vocab_size: "400",
  pretrain_steps: "0",
};

/** Waits for the end of the run on whose page one is; a run that ended otherwise tells why. */
async function succeeded(page: Page) {
  const end = page.getByText(/^(succeeded|failed|cancelled)$/);
  await expect(end).toBeVisible({ timeout: TRAINING_MS });
  await expect(end, await page.getByRole("main").innerText()).toHaveText("succeeded");
}

/** Fills the training form, looks at the first batch, starts, and waits on the run's page. */
async function train(
  page: Page,
  version: string,
  options: Record<string, string>,
  start: string,
  name: string,
  method: string,
) {
  await page.goto(`${version}/train`);
  await page.getByRole("radio", { name: method }).click();
  await page.getByLabel("Start from").selectOption({ label: start });
  await page.getByLabel("Name of the new model").fill(name);
  await page.getByLabel("peft.method").selectOption({ label: "Full: every weight" });
  for (const [option, value] of Object.entries(options))
    await page.getByLabel(option, { exact: true }).fill(value);
  await page.getByRole("button", { name: "Look at the first batch" }).click();
  const tokens = page.locator("section", { has: page.getByText("The first batch, token by token") }).last();
  await expect(tokens).toContainText("What is the capital of", { timeout: TRAINING_MS });
  await expectAccessible(page);
  await page.getByRole("button", { name: "Start training" }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
}

test("judgements become models, and the models come back to the desk, blind", async ({ studio }) => {
  test.setTimeout(1_800_000);
  const questions = form({ id: "better", type: "preference", label: "Which response is better?", points: 7 });
  const { id: projectId } = await studio.project({
    questions,
    prompts: capitals.map(([country, city]) =>
      promptWith(`What is the capital of ${country}?`, [`It is ${city}.`, REFUSAL]),
    ),
  });
  const home = `/projects/${projectId}`;

  await test.step("a rater judges with the keyboard", async () => {
    const rater = await studio.annotator(projectId);
    const desk = onDesk(rater);
    await rater.goto(`${home}/desk`);
    for (const [country] of capitals) {
      await expect(desk.prompt).toContainText(country);
      const refusesFirst = (await desk.response("A").innerText()).includes(REFUSAL);
      await rater.keyboard.press(refusesFirst ? "7" : "1");
      await rater.keyboard.press("Enter");
    }
    await expect(rater.getByRole("heading", { name: "All done" })).toBeVisible();
    await expect(desk.saved).toBeVisible();
  });

  const page = await studio.annotator(projectId, { role: "manager" });
  const version = await test.step("the judgements are frozen", async () => {
    await page.goto(`${home}/datasets`);
    await page.getByRole("button", { name: "New dataset" }).click();
    await page.getByLabel("Name").fill("Capitals");
    await page.getByRole("button", { name: "Make dataset" }).click();
    await page.getByRole("button", { name: "Freeze a version" }).click();
    await page.getByLabel("train", { exact: true }).fill("0.75");
    await page.getByLabel("validation", { exact: true }).fill("0.25");
    await page.getByLabel("test", { exact: true }).fill("0");
    await page.getByRole("button", { name: "Freeze version" }).click();
    // The run's page goes on to what it made.
    await page.waitForURL(/\/versions\/[0-9a-f-]{36}$/, { timeout: 60_000 });
    return new URL(page.url()).pathname;
  });

  await test.step("a small model is made from nothing", async () => {
    await page.goto(`${home}/models`);
    await page.getByRole("button", { name: "Add a base model" }).click();
    await page.getByRole("radio", { name: "From nothing" }).click();
    await page.getByLabel("Name").fill("Newborn");
    for (const [size, value] of Object.entries(sizes)) await page.getByLabel(size).fill(value);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/models\/[0-9a-f-]{36}$/, { timeout: TRAINING_MS });
  });

  await test.step("SFT is launched, and its curve moves without a reload", async () => {
    await train(
      page,
      version,
      { learning_rate: "0.003", max_steps: "500", eval_steps: "125", save_steps: "250" },
      "Newborn (base)",
      "Pupil",
      "SFT",
    );
    const loss = page.getByRole("img", { name: /^Loss over steps/ });
    await expect(loss).toBeVisible({ timeout: TRAINING_MS });
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const seen = new Set<string | null>();
    await expect
      .poll(async () => seen.add(await loss.getAttribute("aria-label")).size, { timeout: TRAINING_MS })
      .toBeGreaterThan(2);
    await succeeded(page);
    expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
    await expect(page.getByRole("region", { name: "Samples by step" })).toBeVisible();
    await expectAccessible(page);
  });

  await test.step("the run can be started over with changes, and a grid has one page", async () => {
    await page.getByRole("link", { name: "Clone with changes" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Train again, with changes");
    await expect(page.getByLabel("learning_rate", { exact: true })).toHaveValue("0.003");
    await expect(page.getByLabel("Start from").locator("option:checked")).toHaveText("Newborn (base)");
    const [{ modelId, versionId }] = await studio.api.model.list
      .query({ projectId })
      .then((models) => models.map(({ id, versionId }) => ({ modelId: id, versionId: versionId ?? "" })));
    const [first] = await studio.api.training.sweep.mutate({
      projectId,
      method: "sft",
      versionId,
      modelId,
      name: "Twins",
      options: { max_steps: 2 },
      grid: { seed: [1, 2] },
    });
    await page.goto(`${home}/runs/sweeps/${first?.groupId}`);
    await expect(page.getByText("A sweep of 2 runs, 2 over")).toBeVisible({ timeout: TRAINING_MS });
    const differs = page.getByRole("region", { name: "Options that differ" });
    await expect(differs.getByRole("columnheader", { name: "seed" })).toBeVisible();
    await expect(differs.getByRole("row")).toHaveCount(3);
    await expectAccessible(page);
  });

  await test.step("DPO goes on from it", async () => {
    await train(
      page,
      version,
      { learning_rate: "0.0003", max_steps: "40" },
      "Pupil (sft)",
      "Graduate",
      "Preference tuning (DPO)",
    );
    await succeeded(page);
    await expect(page.getByRole("img", { name: /^Reward margin over steps/ })).toBeVisible();
  });

  await test.step("the registry has the model with the way back to the judgements", async () => {
    await page.getByRole("link", { name: "Open the model" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Graduate" })).toBeVisible();
    const lineage = page.locator("section", {
      has: page.getByRole("heading", { name: "Where it comes from" }),
    });
    for (const step of ["Capitals v1", "Pupil", "Graduate"]) await expect(lineage).toContainText(step);
    await expectAccessible(page);
    await lineage.getByRole("link", { name: "Capitals v1" }).click();
    await expect(page).toHaveURL(new RegExp(`${version}$`));
    await page.goBack();
  });

  await test.step("it is sent back to the experts, blind", async () => {
    await page.getByRole("button", { name: "Evaluate blind with experts" }).click();
    await page.getByLabel("Against").selectOption({ label: "Newborn" });
    await page.getByLabel("Prompts", { exact: true }).fill("6");
    await page.getByLabel("Longest reply").fill("12");
    await page.getByRole("button", { name: "Start" }).click();
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await page.waitForURL(/\/models\/[0-9a-f-]{36}$/, { timeout: TRAINING_MS });
  });

  await test.step("another rater has it first in line, and nothing tells whose replies they are", async () => {
    const second = await studio.annotator(projectId);
    const received: Promise<string>[] = [];
    second.on("response", (response) => {
      if (response.url().includes(home) || response.url().includes("/api/"))
        received.push(response.text().catch(() => ""));
    });
    await second.goto(`${home}/desk`);
    const desk = onDesk(second);
    await expect(desk.response("A")).toBeVisible();
    await expect(desk.response("B")).toBeVisible();
    const all = [await second.content(), ...(await Promise.all(received))].join("\n");
    expect(all).toContain("What is the capital of");
    for (const name of ["Newborn", "Pupil", "Graduate"]) expect(all).not.toContain(name);
    const trainedFirst = /It is \w+\./.test(await desk.response("A").innerText());
    await second.keyboard.press(trainedFirst ? "1" : "7");
    await second.keyboard.press("Enter");
    await expect(desk.saved).toBeVisible();
  });

  await test.step("the judgement is counted on the model's page", async () => {
    await page.goto(`${home}/models`);
    await page.getByRole("link", { name: "Graduate" }).click();
    const row = page
      .getByRole("region", { name: "Blind evaluations", exact: true })
      .getByRole("row")
      .filter({ hasText: "Newborn" });
    await expect(row).toContainText("One prompt alone says nothing of others");
  });
});
