import { apiOf, expect, test } from "./fixtures";

/** A file of no known shape: nested, with verdicts by the name of the model. */
const rows = Array.from({ length: 4 }, (_, index) =>
  JSON.stringify({
    input: { ask: `Why is the sky blue, asked for the ${index}th time?` },
    options: [
      { said: `It scatters blue light (${index}).`, model: "model-one" },
      { said: `It mirrors the sea (${index}).`, model: "model-two" },
    ],
    best: index % 2 ? "model-one" : "model-two",
    seen: index,
  }),
);
const odd = { name: "odd.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(rows.join("\n")) };

test("from an odd file to a desk with tasks, by a mapping that is seen as the desk shows it", async ({
  studio,
}) => {
  test.setTimeout(480_000);
  const project = await studio.api.project.create.mutate({ name: `Odd files ${process.pid}`, overlap: 2 });
  const page = await studio.annotator(project.id, { role: "manager" });
  await page.goto(`/projects/${project.id}/import`);

  const desk = page.getByRole("region", { name: "First rows of odd.jsonl" });

  await test.step("the file is not recognised; the columns are chosen", async () => {
    await page.getByLabel("Files to import").setInputFiles(odd);
    await expect(page.getByText("not recognised")).toBeVisible();
    await page.getByRole("button", { name: "Choose the columns myself" }).click();
    await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("{{input.ask}}");
    while (await page.getByRole("button", { name: /^Remove response/ }).count())
      await page
        .getByRole("button", { name: /^Remove response/ })
        .first()
        .click();
    await page.getByRole("button", { name: "Add a response" }).click();
    await page.getByLabel("Column of response 1", { exact: true }).fill("options[0].said");
    await page.getByLabel("Column that says who wrote response 1").fill("options[0].model");
    await page.getByRole("button", { name: "Add a response" }).click();
    await page.getByLabel("Column of response 2", { exact: true }).fill("options[1].said");
  });

  await test.step("row 1 is shown as the desk will show it, and changes with the mapping; j and k turn rows", async () => {
    await expect(desk.getByRole("region", { name: "Prompt" })).toContainText("asked for the 0th time");
    await expect(desk.getByRole("article", { name: "Response B" })).toContainText("mirrors the sea (0)");
    await expect(desk.getByText("A: model-one")).toBeVisible();
    await page.getByLabel("Column of the verdict").fill("best");
    await page.getByLabel("First is better").fill("model-one | {{options[0].model}}");
    await page.getByLabel("Second is better").fill("{{options[1].model}}");
    await expect(desk.getByText("The file’s verdict")).toBeVisible();
    await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("Answer a child: {{input.ask}}");
    await expect(desk.getByRole("region", { name: "Prompt" })).toContainText("Answer a child: Why");
    await desk.getByText("Row 1 of").click();
    await page.keyboard.press("j");
    await expect(desk.getByRole("region", { name: "Prompt" })).toContainText("asked for the 1th time");
    await page.keyboard.press("k");
    await expect(desk.getByRole("region", { name: "Prompt" })).toContainText("asked for the 0th time");
  });

  await test.step("the mapping is kept under a name", async () => {
    await page.getByLabel("Name of this mapping").fill("Sky files");
    await page.getByRole("button", { name: "Save this mapping" }).click();
    await expect(page.getByRole("button", { name: "Use Sky files" })).toBeVisible();
  });

  await test.step("the check says what becomes of the columns, and asks who shall judge", async () => {
    await page.getByRole("button", { name: "Check all rows" }).click();
    const ask = page.getByRole("region", { name: "Ask my experts" });
    await expect(ask).toContainText("4 tasks × 2 = 8 judgements, about 6 min");
    await expect(page.getByRole("region", { name: "Keep the file’s verdicts" })).toContainText(
      "nothing opens for experts",
    );
    await expect(page.getByRole("row").filter({ hasText: "seen" })).toContainText("metadata");
    await ask.getByRole("button", { name: "Ask my experts" }).click();
    await expect(page.getByText("Experts are asked for 8 judgements")).toBeVisible();
  });

  await test.step("the desk has tasks", async () => {
    const expert = await apiOf(await studio.annotator(project.id));
    const { tasks } = await expert.annotation.claim.mutate({ projectId: project.id, hold: 4, have: [] });
    expect(tasks).toHaveLength(4);
    expect(tasks[0].prompt.messages[0]?.content).toMatch(/^Answer a child: Why is the sky blue/);
    expect(tasks[0].responses).toHaveLength(2);
  });

  await test.step("the next file of the kind takes the saved mapping", async () => {
    await page.getByRole("button", { name: "Import other files" }).click();
    await page.getByLabel("Files to import").setInputFiles(odd);
    await page.getByRole("button", { name: "Use Sky files" }).click();
    await expect(desk.getByRole("region", { name: "Prompt" })).toContainText("Answer a child: Why");
  });
});
