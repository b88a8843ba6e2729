import { startFakeModel } from "../integration/fake-model";
import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

test("a manager makes a judge, tries it, reads its card and what failed, makes its next version, and takes it out of use", async ({
  studio,
}) => {
  const server = await startFakeModel((body) => {
    if (body.tool_choice) return { text: "", tool: body.tool_choice.function.name };
    if (body.response_format) return { text: '{"wet":true}' };
    const said = body.messages.map(({ content }) => content).join("\n");
    if (!said.includes("You judge responses")) return { text: "Water is wet." };
    return { text: said.includes("Question 2") ? "Both are fine to me." : "The first one is clearer: [[A]]" };
  });
  try {
    const prompts = [1, 2, 3].map((n) => promptWith(`Question ${n}`, [`good ${n}`, `bad ${n}`]));
    const { id } = await studio.project({ prompts });
    const { endpointId } = await studio.api.endpoint.add.mutate({
      ...{ projectId: id, name: "Fake", kind: "openai-compatible", url: server.url, model: "fake" },
      ...{ inputPrice: 1, cachedPrice: null, outputPrice: 1, requestsPerMinute: null, tokensPerMinute: null },
      concurrency: 2,
    });
    const probed = async () => {
      const found = await studio.api.endpoint.list.query({ projectId: id });
      return found.find((one) => one.id === endpointId)?.capabilities != null;
    };
    await expect.poll(probed).toBe(true);
    const page = await studio.annotator(id, { role: "manager" });

    await page.goto(`/projects/${id}/judges`);
    await expect(page.getByText("No model judges here yet")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "New judge" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Helpfulness");
    await dialog.getByLabel("Rubric").fill("Which helps the reader more?");
    await dialog.getByLabel("The verdict is read").selectOption("marker");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Make the judge" }).click();
    await expect(page.getByText("It has judged nothing yet")).toBeVisible();

    await page.getByRole("button", { name: "Try on ten" }).first().click();
    await expect(dialog).toContainText("There is no such task that it has not judged.");
    await dialog.getByText("Only tasks that people have judged").click();
    await expect(dialog).toContainText("3 tasks, 6 requests");
    await dialog.getByRole("button", { name: "Start" }).click();
    // The run's page goes on to the card when it is done, or has gone on already.
    await expect(page).toHaveURL(/\/judges\/[\w-]+\?version=/, { timeout: 120_000 });
    await expect(page.getByText("2 tasks", { exact: true })).toBeVisible();
    await expect(page.getByText("2 unreadable")).toBeVisible();
    await expect(page.getByText("No person judged what it judged")).toBeVisible();
    const said = page.getByRole("region", { name: "What it said last" });
    await expect(said.getByRole("row")).toHaveCount(7);
    await page.getByText("Only those without a verdict").click();
    await expect(said.getByRole("row")).toHaveCount(3);
    await expect(said.getByRole("row").last()).toContainText("Both are fine to me.");
    await expectAccessible(page);

    await page.getByRole("button", { name: "Edit as a new version" }).click();
    await dialog.getByLabel("Rubric").fill("Which is shorter?");
    await dialog.getByRole("button", { name: "Make the version" }).click();
    await expect(page.getByRole("combobox", { name: "Version" })).toContainText("version 2");
    await expect(page.getByText("It has judged nothing yet")).toBeVisible();

    await page.getByRole("button", { name: "Take out of use" }).click();
    await dialog.getByRole("button", { name: "Take out of use" }).click();
    await expect(page.getByText("No model judges here yet")).toBeVisible();
  } finally {
    await server.close();
  }
});
