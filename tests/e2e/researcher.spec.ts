import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

test("runs are found, ticked and compared by keys, and what the table shows is kept under a name", async ({
  studio,
}) => {
  const { id } = await studio.project({ prompts: [promptWith("What is green?", ["Grass.", "The sky."])] });
  const page = await studio.annotator(id, { role: "manager" });
  const { id: modelRun } = await studio.api.model.make.mutate({ projectId: id, name: "Tiny" });
  const { tasks } = await studio.api.annotation.claim.mutate({ projectId: id, hold: 1 });
  const [task] = tasks;
  await studio.api.annotation.submit.mutate({
    assignmentId: task.assignmentId,
    answers: { better: { type: "preference", outcome: "a", level: 1 } },
    idempotencyKey: task.assignmentId,
    visibleMs: 1000,
  });
  const { id: datasetId } = await studio.api.dataset.create.mutate({
    projectId: id,
    name: "Pairs",
    kind: "preference",
  });
  await page.goto(`/projects/${id}/datasets/${datasetId}`);
  await page
    .getByRole("button", { name: /Freeze/ })
    .first()
    .click();
  await expect(page.getByRole("dialog").getByRole("status")).toContainText(/1 row.*train [01]/);
  await page.getByLabel("Minimum votes").fill("2");
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("No row fits");
  await page.keyboard.press("Escape");

  await page.goto(`/projects/${id}`);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("Tiny");
  await expect(page.getByRole("option", { name: "Tiny" }).first()).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page).toHaveURL(/\/runs$/);
  await expect(page.getByRole("row", { name: /Tiny/ })).toBeVisible();

  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByLabel("Note", { exact: true }).click();
  await page.getByLabel("Tags", { exact: true }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.keyboard.press("n");
  await page.getByLabel("Note (optional)").fill("the smallest there is");
  await page.getByLabel("Tags (optional)").fill("paper");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row", { name: /the smallest there is/ })).toBeVisible();

  // A menu comes with the first press: it is one by key all the same.
  const views = page.getByRole("button", { name: "Views" });
  const keepThis = page.getByRole("menuitem", { name: "Keep this view…" });
  await views.focus();
  await page.keyboard.press("Enter");
  await expect(keepThis).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(views).toBeFocused();
  await views.click();
  await keepThis.click();
  await page.getByLabel("Name").fill("With notes");
  await page.getByRole("button", { name: "Keep view" }).click();
  await page.goto(`/projects/${id}/runs`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "With notes" }).click();
  await expect(page.getByRole("row", { name: /the smallest there is/ })).toBeVisible();
  await expectAccessible(page);

  // A sweep that was started twice: its points bear one title, and no two runs one name.
  const finished = (runId: string) =>
    expect
      .poll(async () => (await studio.api.run.get.query({ projectId: id, runId })).status)
      .toBe("succeeded");
  await finished(modelRun);
  const split = { train: 1, validation: 0, test: 0, seed: 1 };
  const { id: freeze } = await studio.api.dataset.freeze.mutate({
    projectId: id,
    datasetId,
    recipe: { split },
  });
  await finished(freeze);
  const [{ id: versionId }] = await studio.api.dataset.versions.query({ projectId: id, datasetId });
  const [{ id: modelId }] = await studio.api.model.list.query({ projectId: id });
  const sweep = { projectId: id, versionId, modelId, name: "Grid", method: "preference" as const };
  for (const max_steps of [2, 2])
    await studio.api.training.sweep.mutate({ ...sweep, options: { max_steps }, grid: { beta: [0.1, 0.2] } });
  await page.goto(`/projects/${id}/runs?kind=preference&group=option.beta&columns=status,option.beta`);
  await expect(page.getByRole("row", { name: /Grid · beta 0\.1/ })).toHaveCount(2);
  const names = await page.getByRole("grid").getByRole("link").allTextContents();
  expect(new Set(names).size).toBe(4);
  await page.keyboard.press(" ");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press(" ");
  await page.keyboard.press("c");
  await expect(page).toHaveURL(/\/runs\/compare\?ids=.*,/);
  await expect(page.getByRole("columnheader", { name: "beta" })).toBeVisible();
  await page
    .getByRole("radio", { name: /^Compare with/ })
    .first()
    .check();
  await expect(page.getByText(/how far it is from that of Grid/)).toBeVisible();
  await expectAccessible(page);
});
