import { expect, promptWith, test } from "./fixtures";

test("a model replies as it writes, is stopped, and goes on with what was said", async ({ studio }) => {
  const { id } = await studio.project({ prompts: [promptWith("Hello?", ["Hi.", "No."])] });
  const { id: runId } = await studio.api.model.make.mutate({ projectId: id, name: "Tiny" });
  const status = async () => (await studio.api.run.get.query({ projectId: id, runId })).status;
  await expect.poll(status, { timeout: 120_000 }).toBe("succeeded");
  const [{ id: modelId }] = await studio.api.model.list.query({ projectId: id });
  const page = await studio.annotator(id, { role: "reviewer" });
  await page.goto(`/projects/${id}/models/${modelId}/chat`);
  const talk = page.getByRole("region", { name: "Tiny" });
  const say = async (text: string) => {
    await page.getByLabel("Your message").fill(text);
    await page.keyboard.press("Enter");
  };

  await page.getByText("No system prompt, temperature").click();
  await page.getByLabel("Tokens at most").fill("8");
  await say("What is a cat?");
  await expect(talk.getByText(/8 tokens .* cut at the tokens allowed/)).toBeVisible();

  // A model that is waited for.
  await page.route(/serving\.follow/, () => {});
  await say("And a dog?");
  await expect(talk.getByText("Waits for the model…")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(talk.getByText("stopped")).toBeVisible();
  await page.unrouteAll();
  const asked = page.waitForRequest(/serving\.start/);
  await say("Thank you");
  const sent = (await asked).postData() ?? "";
  expect(sent).toContain("What is a cat?");
  expect(sent).toContain('"assistant"');
  // It got no reply: it is not part of the conversation.
  expect(sent).not.toContain("And a dog?");
  await expect(talk.getByText(/8 tokens .* cut at the tokens allowed/)).toBeVisible();
  await page.getByRole("button", { name: "New conversation" }).click();
  await expect(talk.getByText("Thank you")).toHaveCount(0);
});
