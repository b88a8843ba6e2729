import { apiOf, expect, onDesk, promptWith, test } from "./fixtures";

test("a manager makes known answers; a rater who is wrong about one reads why, and can still work on", async ({
  studio,
}) => {
  const texts = ["The right reply.", "The wrong reply."];
  const project = await studio.project({
    prompts: Array.from({ length: 20 }, (_, n) => promptWith(`Question ${n}`, texts)),
    overlap: 1,
  });
  const manager = await studio.annotator(project.id, { role: "manager" });
  const expert = await apiOf(manager);
  const { tasks } = await expert.annotation.claim.mutate({ projectId: project.id, hold: 6 });
  for (const { assignmentId, responses } of tasks)
    await expert.annotation.submit.mutate({
      assignmentId,
      answers: {
        better: { type: "preference", outcome: responses[0].content === texts[0] ? "a" : "b", level: 2 },
      },
      idempotencyKey: assignmentId,
    });

  await manager.goto(`/projects/${project.id}/settings?tab=gold`);
  await manager.getByRole("button", { name: "Make items…" }).click();
  const dialog = manager.getByRole("dialog");
  const me = (await expert.rater.list.query({ projectId: project.id })).find(({ name }) =>
    name.startsWith("Person"),
  );
  await dialog.getByLabel("Whose answers are right").selectOption({ label: `${me?.name}: every judgement` });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("It is the right one.");
  await dialog.getByRole("button", { name: "Make items" }).click();
  await expect(manager.getByRole("region", { name: "Items" }).getByRole("row")).toHaveCount(7);
  await manager.getByLabel(/Share of tasks/).fill("50");
  await manager.getByRole("checkbox", { name: "Tell raters afterwards" }).check();
  await manager.getByRole("checkbox", { name: "Pause raters who are wrong too often" }).check();
  await manager.getByLabel("A bad one in").fill("90");
  await manager.getByRole("button", { name: "Save" }).click();
  await expect(
    manager.getByText("The good rater must be right more often than the bad one.", { exact: true }),
  ).toBeVisible();
  await manager.getByLabel("A bad one in").fill("60");
  await manager.getByRole("button", { name: "Save" }).click();
  await expect(manager.getByText("The settings are saved.", { exact: true })).toBeVisible();

  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  const note = page.getByRole("status", { name: "About an earlier task" });
  // Half of what comes is an item while fourteen other tasks wait: none comes once in 16,384 runs.
  for (let task = 0; task < 20 && !(await note.isVisible()); task++) {
    const first = await desk.response("A").innerText();
    const prompt = await desk.prompt.innerText();
    await page.keyboard.press(first.includes(texts[1]) ? "1" : "7");
    await page.keyboard.press("Enter");
    await expect(desk.prompt).not.toHaveText(prompt);
    await expect(desk.saved).toBeVisible();
  }
  await expect(note).toContainText("yours differs from it");
  await expect(note).toContainText("It is the right one.");
  await note.getByRole("button", { name: "Go on" }).click();
  await expect(desk.response("A")).toBeVisible();

  await manager.goto(`/projects/${project.id}/quality`);
  const rows = manager.getByRole("region", { name: "Known answers" }).getByRole("row");
  await expect(rows.filter({ hasText: /0 of \d+ right/ })).toHaveCount(1);
});
