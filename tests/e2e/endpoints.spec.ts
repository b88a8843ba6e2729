import { startFakeModel } from "../integration/fake-model";
import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

test("a manager adds an endpoint, learns what it can do, tries it, sees what it took, and takes it out of use", async ({
  studio,
}) => {
  let isOpen = true;
  const server = await startFakeModel((body) => {
    if (!isOpen) return { status: 401, error: "no such key" };
    if (body.tool_choice) return { text: "", tool: body.tool_choice.function.name };
    if (body.response_format?.type === "json_schema") return { text: '{"wet":true}' };
    const usage = { prompt_tokens: 1000, completion_tokens: 200, cached: 0 };
    return { text: "Water is wet, mostly.", logprobs: body.top_logprobs !== undefined, usage };
  });
  try {
    const { id } = await studio.project({ prompts: [promptWith("Question", ["a", "b"])] });
    const page = await studio.annotator(id, { role: "manager" });
    await page.goto(`/projects/${id}/settings?tab=endpoints`);

    await page.getByRole("button", { name: "Add an endpoint" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Local judge");
    await dialog.getByLabel("Address").fill("http://192.168.1.7:8000/v1");
    await dialog.getByLabel("Model").fill("fake");
    await dialog.getByLabel("Key").fill("sk-secret-of-a-test");
    await dialog.getByLabel("Price of prompts").fill("2");
    await dialog.getByRole("button", { name: "Add and probe" }).click();
    await expect(dialog.getByRole("alert")).toContainText("CONCORD_ENDPOINT_HOSTS");
    await dialog.getByLabel("Address").fill(server.url);
    await dialog.getByRole("button", { name: "Add and probe" }).click();
    await expect(dialog).toBeHidden();

    const entry = page.getByRole("listitem").filter({ hasText: "Local judge" });
    await expect(entry).toContainText(
      "log-probabilities (2 a token), JSON schema, tools, turns of the system",
    );
    await expect(entry).toContainText("4,096 tokens of context");
    await expect(entry).toContainText("its prices are not set");
    await expect(page.locator("body")).not.toContainText("sk-secret-of-a-test");

    await entry.getByRole("button", { name: "Edit" }).click();
    await dialog.getByLabel("Price of replies").fill("10");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(entry).toContainText("at $2.00 and $10.00 per million tokens");

    await entry.getByRole("button", { name: "Try" }).click();
    await dialog.getByLabel("Prompt").fill("Is water wet?");
    await dialog.getByRole("button", { name: "Ask" }).click();
    await expect(dialog.getByRole("status")).toContainText("Water is wet, mostly.");
    await expect(dialog.getByRole("status")).toContainText("fake-2026-01-01, to its end");
    await page.keyboard.press("Escape");
    // 1,000 tokens at 2 and 200 at 10 dollars a million.
    await expect(entry).toContainText("$0.004");
    await expectAccessible(page);

    isOpen = false;
    await entry.getByRole("button", { name: "Probe" }).click();
    await expect(entry.getByRole("status")).toContainText(
      "does not accept the key for fake (401: no such key)",
    );
    await expect(entry).toContainText("log-probabilities (2 a token)");

    await page.getByRole("tab", { name: "Usage" }).click();
    const use = page.getByRole("region", { name: "Use by day" });
    await expect(use.getByRole("row")).toHaveCount(2);
    await page.getByRole("radio", { name: "Purpose" }).click();
    const purposes = page.getByRole("region", { name: "Use by purpose" });
    // Seven that the first probe sent, one to try it, and one that heard of the key.
    await expect(purposes.getByRole("row").last()).toHaveText(/Probe.*9.*7.*\$0\.004/);
    await expectAccessible(page);

    await page.getByRole("tab", { name: "Endpoints" }).click();
    await entry.getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await expect(page.getByText("No model of others is known here")).toBeVisible();
    await page.getByRole("tab", { name: "Usage" }).click();
    await page.getByRole("radio", { name: "Model" }).click();
    await expect(page.getByRole("region", { name: "Use by model" })).toContainText("Local judge");
  } finally {
    await server.close();
  }
});
