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

test("of two models at once, nobody knows which is which, and the better reply becomes a judgement", async ({
  studio,
}) => {
  const { id } = await studio.project({ prompts: [promptWith("Hello?", ["Hi.", "No."])] });
  const { api } = studio;
  for (const name of ["Tiny", "Other"]) {
    const { id: runId } = await api.model.make.mutate({ projectId: id, name });
    const status = async () => (await api.run.get.query({ projectId: id, runId })).status;
    await expect.poll(status, { timeout: 120_000 }).toBe("succeeded");
  }
  const models = await api.model.list.query({ projectId: id });
  const tiny = models.find(({ name }) => name === "Tiny");
  const page = await studio.annotator(id, { role: "reviewer" });
  await page.setViewportSize({ width: 1280, height: 1000 });
  await page.goto(`/projects/${id}/models/${tiny?.id}/chat`);
  await page.getByLabel("Beside it").selectOption({ label: "Other" });
  await page.getByText("No system prompt, temperature").click();
  await page.getByLabel("Tokens at most").fill("8");
  await page.getByLabel("Temperature").fill("1");
  const side = (letter: string) => page.getByRole("region", { name: letter, exact: true });
  const better = page.getByRole("region", { name: "Which reply is better" });
  const say = async (text: string) => {
    const asked = page.waitForRequest(/chat\.ask/);
    await page.getByLabel("Your message").fill(text);
    await page.keyboard.press("Enter");
    await expect(better).toBeVisible();
    return (await asked).postData() ?? "";
  };
  const judged = async () =>
    (await api.review.annotations.query({ projectId: id })).items.filter(({ origin }) => origin === "chat");

  // One reply is there before the other: neither is shown, nor how fast it came.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let follows = 0;
  const came = new Promise<void>((resolve, reject) => {
    page
      .route(/serving\.follow/, async (route) => {
        if (++follows === 2) {
          await held;
          return route.continue();
        }
        await route.fulfill({ response: await route.fetch() });
        resolve();
      })
      .catch(reject);
  });
  await page.getByLabel("Your message").fill("What is a cat?");
  await page.keyboard.press("Enter");
  await came;
  for (const letter of ["A", "B"]) {
    await expect(side(letter).getByText("Both replies come together.")).toBeVisible();
    await expect(side(letter).getByText(/tokens/)).toHaveCount(0);
  }
  release();
  await expect(better).toBeVisible();
  await page.unrouteAll();
  for (const letter of ["A", "B"]) {
    await expect(side(letter).getByText(/8 tokens/)).toBeVisible();
    await expect(side(letter)).not.toContainText(/Tiny|Other|a second/);
  }
  await page.keyboard.press("Escape");
  // What only flies past is not in view.
  await page.waitForTimeout(1000);
  await page.keyboard.press("6");
  await expect(better.getByRole("radio", { name: "B clearly better" })).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Kept as a judgement" })).toContainText("from B");
  const [first] = await judged();
  expect(first.excludedAt).toBeNull();
  // Short as they are, the question and both replies stood on the screen.
  const shares = [first.inView?.prompt, ...(first.inView?.responses ?? [])].map((seen) => seen?.share ?? 0);
  expect(shares).toHaveLength(3);
  expect(Math.min(...shares)).toBeGreaterThan(0.5);
  expect(first.visibleMs).toBeGreaterThan(0);

  // Both go on from the better reply, and the names come afterwards.
  const sent = await say("And a dog?");
  const [one, other] = JSON.stringify(JSON.parse(sent)).split('"conversations":')[1].split("],[");
  expect(one.replace(/^\[+/, "")).toBe(other.split("]]")[0]);
  await page.getByRole("button", { name: "Show the names" }).click();
  await expect(page.getByRole("region", { name: /^A · (Tiny|Other)$/ })).toBeVisible();
  await better.getByRole("radio", { name: "A much better" }).check();
  await better.getByRole("button", { name: "Keep as a judgement" }).click();
  await expect(page.getByText("left out of everything that counts")).toBeVisible();
  const all = await judged();
  expect(all.filter(({ excludedReason }) => excludedReason?.includes("Not blind"))).toHaveLength(1);
  expect(all).toHaveLength(2);

  // Without a judgement each goes on from its own reply.
  await page.getByRole("button", { name: "New conversation" }).click();
  await say("Who are you?");
  await page.getByLabel("Your message").fill("Really?");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Each goes on from its own reply")).toBeVisible();
});
