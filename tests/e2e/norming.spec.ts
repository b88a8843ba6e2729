import { apiOf, expect, onDesk, promptWith, test } from "./fixtures";

test("raters judge a set first and blind, see where they differ, and talk about it", async ({ studio }) => {
  const texts = ["The right reply.", "The wrong reply."];
  const project = await studio.project({
    prompts: Array.from({ length: 6 }, (_, n) => promptWith(`Question ${n}`, texts)),
    overlap: 1,
  });
  const manager = await studio.annotator(project.id, { role: "manager" });
  const page = await studio.annotator(project.id);
  const other = await apiOf(await studio.annotator(project.id));

  await manager.goto(`/projects/${project.id}/norming`);
  await manager.getByRole("button", { name: "Begin a norming…" }).click();
  const dialog = manager.getByRole("dialog");
  await dialog.getByLabel("Tasks", { exact: true }).fill("2");
  await dialog.getByRole("button", { name: "Begin" }).click();
  await expect(manager.getByText("The first round is being judged.")).toBeVisible();

  const { tasks } = await other.annotation.claim.mutate({ projectId: project.id, hold: 2 });
  for (const { assignmentId, responses } of tasks)
    await other.annotation.submit.mutate({
      assignmentId,
      answers: {
        better: { type: "preference", outcome: responses[0].content === texts[0] ? "a" : "b", level: 2 },
      },
      idempotencyKey: assignmentId,
    });

  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(page.getByText("Norming: 0 of 2").first()).toBeVisible();
  for (let item = 0; item < 2; item++) {
    const first = await desk.response("A").innerText();
    const prompt = await desk.prompt.innerText();
    // The first is judged as the other rater did, the second is not.
    await page.keyboard.press(first.includes(texts[item]) ? "1" : "7");
    await page.keyboard.press("Enter");
    if (item === 0) await expect(desk.prompt).not.toHaveText(prompt);
  }
  await expect(page.getByText("Your part of the norming is done")).toBeVisible();
  // The desk hears of it at once after a reload.
  await expect(desk.saved).toBeVisible();
  await page.reload();
  await page.getByRole("link", { name: "Norming: see where you differ" }).click();
  const [differing, alike] = [
    page.getByRole("article", { name: "1" }),
    page.getByRole("article", { name: "2" }),
  ];
  await expect(differing).toContainText("0% alike");
  await expect(alike).toContainText("100% alike");
  await expect(differing).toContainText("You");
  await differing.getByRole("textbox").fill("The dose is missing.");
  await differing.getByRole("button", { name: "Send" }).click();
  await expect(differing.getByRole("list").filter({ hasText: "The dose is missing." })).toBeVisible();

  await manager.reload();
  await expect(manager.getByRole("article", { name: "1" })).toContainText("The dose is missing.");
  await expect(manager.getByRole("region", { name: "Agreement before and after" })).toBeVisible();
  await manager.getByRole("button", { name: "Begin the second round…" }).click();
  await manager.getByRole("dialog").getByLabel("Tasks", { exact: true }).selectOption("parallel");
  await manager.getByRole("dialog").getByRole("button", { name: "Begin" }).click();
  await expect(manager.getByText("The second round is being judged")).toBeVisible();
  await manager.getByRole("button", { name: "End the norming…" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
  await expect(manager.getByText("It has ended.")).toBeVisible();

  // What is left is work again: two of six tasks, and the rater gets one.
  await page.goto(`/projects/${project.id}/desk`);
  await expect(desk.response("A")).toBeVisible();
});
