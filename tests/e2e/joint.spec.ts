import type { Page } from "@playwright/test";
import { startFakeModel } from "../integration/fake-model";
import { expectAccessible } from "./accessible";
import { apiOf, expect, promptWith, test } from "./fixtures";

const [PROMPTS, JUDGED] = [40, 28];

/** One of the last digit 3 is lost by the good reply; the judge does not see that. */
const isOdd = (text: string) => /Question \d*3\b/.test(text);

const sectionOf = (page: Page) =>
  page.locator("section").filter({ has: page.getByRole("heading", { name: /^People and judge together/ }) });

async function judgeSome(page: Page, projectId: string) {
  const api = await apiOf(page);
  for (let left = JUDGED; left > 0; ) {
    const { tasks } = await api.annotation.claim.mutate({ projectId, hold: Math.min(10, left) });
    expect(tasks.length).toBeGreaterThan(0);
    left -= tasks.length;
    for (const { assignmentId, prompt, responses } of tasks) {
      const good = responses.findIndex(({ content }) => content.startsWith("good"));
      const better = isOdd(JSON.stringify(prompt)) ? 1 - good : good;
      await api.annotation.submit.mutate({
        assignmentId,
        answers: { better: { type: "preference", outcome: better === 0 ? "a" : "b", level: 1 } },
        idempotencyKey: crypto.randomUUID(),
      });
    }
  }
}

test("a reviewer sees people and a judge together, and what a width takes of both, by keyboard", async ({
  studio,
}) => {
  const server = await startFakeModel((body) => {
    const said = body.messages.map(({ content }) => content).join("\n");
    return { text: said.indexOf("good reply") < said.indexOf("bad reply") ? "[[A]]" : "[[B]]" };
  });
  try {
    // The second model has the better reply of every third.
    const prompts = Array.from({ length: PROMPTS }, (_, n) => {
      const replies = [`good reply ${n}`, `bad reply ${n}`];
      return promptWith(`Question ${n}`, n % 3 === 0 ? replies.toReversed() : replies);
    });
    const { id } = await studio.project({ prompts });
    await studio.api.project.update.mutate({ projectId: id, selection: "random" });
    await judgeSome(await studio.annotator(id), id);
    const { endpointId } = await studio.api.endpoint.add.mutate({
      ...{ projectId: id, name: "Fake", kind: "openai-compatible", url: server.url, model: "fake" },
      ...{ inputPrice: 1, cachedPrice: null, outputPrice: 1, requestsPerMinute: null, tokensPerMinute: null },
      concurrency: 4,
    });
    const endpoint = async () =>
      (await studio.api.endpoint.list.query({ projectId: id })).find((one) => one.id === endpointId);
    await expect.poll(async () => (await endpoint())?.capabilities != null).toBe(true);
    const { judgeVersionId } = await studio.api.judge.create.mutate({
      ...{ projectId: id, endpointId, questionId: "better", verdictBy: "marker", name: "Helpfulness" },
      rubric: { criteria: "Which helps more?" },
    });
    const run = await studio.api.judge.run.mutate({
      projectId: id,
      judgeVersionId,
      filter: { limit: PROMPTS },
    });
    const status = async () => (await studio.api.run.get.query({ projectId: id, runId: run.id })).status;
    await expect.poll(status, { timeout: 240_000 }).toBe("succeeded");

    const page = await studio.annotator(id, { role: "reviewer" });
    await page.goto(`/projects/${id}/conclusions`);
    const joint = sectionOf(page);
    await expect(joint.getByRole("row")).toHaveCount(4);
    await expect(joint).toContainText("How often secret-model-0 wins against secret-model-1.");
    await expect(joint).toContainText(`people judged ${JUDGED}`);
    await expect(joint.getByText("no guarantee")).toBeVisible();
    await expect(joint).toContainText("However often one looks");
    await expect(joint).toContainText(`of the judge's ${PROMPTS} verdicts may stand`);
    await expectAccessible(page);

    const slider = joint.getByRole("slider", { name: "An interval of" });
    const needed = joint.getByText("of people alone,");
    const before = await needed.textContent();
    await slider.focus();
    await page.keyboard.press("Home");
    await expect(needed).not.toHaveText(before ?? "");
    await expect(needed).toContainText(/takes [\d,]+ further judgements of people alone/);

    // The page itself does not scroll sideways.
    await page.setViewportSize({ width: 390, height: 844 });
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(sideways).toBeLessThanOrEqual(0);
  } finally {
    await server.close();
  }
});
