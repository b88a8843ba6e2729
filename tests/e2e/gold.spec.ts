import { apiOf, expect, form, onDesk, promptWith, test } from "./fixtures";

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

test("a manager states the answer of a task at the desk, for each question whose answers can be compared", async ({
  studio,
}) => {
  const texts = ["The right reply.", "The wrong reply.", "No reply."];
  const project = await studio.project({
    questions: form(
      { id: "order", type: "ranking", label: "From best to worst" },
      { id: "marks", type: "rating", label: "How good?", attributes: [{ id: "truth", label: "Truth" }] },
      {
        id: "kind",
        type: "choice",
        label: "What is asked?",
        per: "task",
        options: ["dose", "cause"].map((value) => ({ value, label: value })),
      },
      { id: "why", type: "text", label: "Why?" },
    ),
    prompts: [promptWith("Which dose?", texts)],
  });
  const manager = await studio.annotator(project.id, { role: "manager" });
  await manager.goto(`/projects/${project.id}/settings?tab=gold`);
  await manager.getByRole("link", { name: "State an answer…" }).click();
  await manager.getByText("Which dose?").click();
  const desk = onDesk(manager);
  await expect(desk.response("C")).toContainText("No reply.");
  await expect(manager.getByRole("group", { name: "Why?" })).toHaveCount(0);
  // The second answers nothing that is asked: it is left out, and two are shown.
  await manager.getByRole("checkbox", { name: /^3/ }).uncheck();
  await expect(desk.response("C")).toHaveCount(0);
  await manager.getByRole("checkbox", { name: /^3/ }).check();
  await expect(desk.response("C")).toBeVisible();
  await manager.getByRole("region", { name: "Task" }).focus();
  await manager.keyboard.press("Enter");
  const dialog = manager.getByRole("dialog");
  await expect(dialog).toContainText("No question is answered yet");
  await manager.keyboard.press("Escape");
  for (const key of ["1", "2", "3", "ArrowDown", "5", "1", "2"]) await manager.keyboard.press(key);
  await manager.getByRole("radio", { name: "dose" }).check();
  await manager.keyboard.press("Enter");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("The first names the dose.");
  await dialog.getByLabel("Points that a rating may differ").fill("1");
  await dialog.getByRole("button", { name: "Make the item" }).click();
  await expect(manager.getByText("The item is made.", { exact: true })).toBeVisible();

  const api = await apiOf(manager);
  const [item, ...others] = await api.gold.list.query({ projectId: project.id });
  expect(others).toEqual([]);
  expect(item).toMatchObject({
    source: "manager",
    tolerance: 1,
    reason: "The first names the dose.",
    responses: texts.map((content) => ({ content })),
    answers: {
      order: { type: "ranking", ranks: [1, 2, 3] },
      marks: { type: "rating", values: { truth: [5, 1, 2] } },
      kind: { type: "choice", values: [["dose"]] },
    },
  });
  await manager.goto(`/projects/${project.id}/settings?tab=gold`);
  await expect(manager.getByRole("region", { name: "Items" }).getByRole("row")).toHaveCount(2);
});
