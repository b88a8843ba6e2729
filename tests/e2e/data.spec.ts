import { createHash } from "node:crypto";
import { startFakeModel } from "../integration/fake-model";
import { expectAccessible } from "./accessible";
import { expect, promptWith, test } from "./fixtures";

test("a manager tries a method, reads what filters dropped, looks at rows by keys, and freezes what was accepted", async ({
  studio,
}) => {
  let request = 0;
  const server = await startFakeModel((body) => {
    const text = body.messages.at(-1)?.content ?? "";
    if (body.tool_choice) return { text: "", tool: body.tool_choice.function.name };
    if (body.response_format) return { text: '{"wet":true}' };
    if (text.startsWith("Here is the beginning")) {
      // Words that no two of them share.
      const lines = [0, 1].map((n) => {
        const words = createHash("sha256").update(`${request} ${n}`).digest("hex").match(/.{5}/g) ?? [];
        return `${9 + n}. Explain ${words.slice(0, 6).join(" ")} to children`;
      });
      request++;
      return { text: [...lines, "11. Draw a map of the old harbour"].join("\n") };
    }
    if (text.includes("classification task")) return { text: "No" };
    if (text.includes("examples for the task"))
      return { text: "Example 1\nInput:\nOutput: It comes about slowly." };
    return { text: "Water is wet." };
  });
  try {
    const { id } = await studio.project({
      prompts: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => promptWith(`Tell me about number ${n}`, ["one", "other"])),
    });
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

    await page.goto(`/projects/${id}/data`);
    await expect(page.getByText("No data was made here yet")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Use Self-Instruct" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("Model as writer")).toContainText("Fake (fake)");
    await expect(dialog.getByRole("status")).toContainText("On 8 prompts");
    await dialog.getByText("How the method works").click();
    await dialog.getByLabel("Requests").fill("2");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Try ten rows first" }).click();

    await expect(page).toHaveURL(/\/data\/[\w-]+$/);
    await expect(page.getByText("It kept as many as were asked for.")).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText("Dropped: ", { exact: false })).toContainText("needs what is not text");
    await expectAccessible(page);
    await page.getByRole("radio", { name: "dropped" }).click();
    const table = page.getByRole("region", { name: "Candidates" });
    await expect(table.getByText("Draw a map of the old harbour").first()).toBeVisible();
    await table.getByRole("button", { name: "Draw a map" }).first().click();
    await expect(dialog).toContainText("What models were asked and wrote");
    await dialog.getByText("generate/1.1", { exact: false }).click();
    await expect(dialog).toContainText("fake-2026-01-01");
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    const review = page.getByRole("link", { name: /Look at \d+ rows/ });
    const count = Number(/\d+/.exec((await review.textContent()) ?? "")?.[0]);
    await review.click();
    await expect(page.getByText(`${count} to look at.`)).toBeVisible();
    await expect(page.getByText("It comes about slowly.").first()).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("a");
    await expect(page.getByText(`${count - 1} to look at.`)).toBeVisible();
    await expect(page.getByRole("button", { name: "Edit" })).toBeEnabled();
    await page.keyboard.press("e");
    await page.getByLabel("Reply").fill("It comes about in a hundred years.");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText(`${count - 2} to look at.`)).toBeVisible();
    await page.keyboard.press("r");
    await dialog.getByLabel("Reason").fill("Not true");
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText(`${count - 3} to look at.`)).toBeVisible();
    await page.getByRole("link", { name: "Self-Instruct: a try" }).click();
    await expect(page.getByText("1 as they were, 1 edited, 1 rejected", { exact: false })).toBeVisible();

    // What was accepted and edited is there for a dataset to take; the rest is not.
    const { id: datasetId } = await studio.api.dataset.create.mutate({
      projectId: id,
      name: "made",
      kind: "sft",
    });
    const counted = await studio.api.dataset.count.query({ projectId: id, datasetId, recipe: {} });
    const rows = counted.rows && counted.rows.train + counted.rows.validation + counted.rows.test;
    expect(rows).toBe(2);
  } finally {
    await server.close();
  }
});
