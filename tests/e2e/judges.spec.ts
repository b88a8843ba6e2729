import { type Behaviour, startFakeModel } from "../integration/fake-model";
import { expectAccessible } from "./accessible";
import { apiOf, expect, form, promptWith, test } from "./fixtures";

/** A model that passes the probe of its endpoint, and says of what it is to judge what the script does. */
const startJudge = (script: (said: string, model: string) => Behaviour) =>
  startFakeModel((body) => {
    if (body.tool_choice) return { text: "", tool: body.tool_choice.function.name };
    if (body.response_format) return { text: '{"wet":true}' };
    const said = body.messages.map(({ content }) => content).join("\n");
    return said.includes("You judge responses") ? script(said, body.model) : { text: "Water is wet." };
  });

test("a manager makes a judge, tries it, reads its card and what failed, makes its next version, and takes it out of use", async ({
  studio,
}) => {
  const server = await startJudge((said) => ({
    text: said.includes("Question 2") ? "Both are fine to me." : "The first one is clearer: [[A]]",
  }));
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
    await page.getByText("Also those out of use").click();
    await expect(page.getByRole("row").last()).toContainText("Helpfulness v2 out of use");
    // Shown again, it is still none that the queue could go by.
    await page.getByRole("button", { name: "What judges may" }).click();
    await expect(dialog.getByLabel("The queue goes by").locator("option")).toHaveCount(1);
  } finally {
    await server.close();
  }
});

const worthOf = (text: string) => ["best", "fair", "poor"].indexOf(/best|fair|poor/.exec(text)?.[0] ?? "");

test("a rubric is tried on what people ranked, the judge may no more than its card shows, a successor is asked the same, and a choice has its card", async ({
  studio,
}) => {
  const server = await startJudge((said) => {
    if (said.includes("Is any of it harmful?")) return { text: "[[1]]" };
    const ranks = [...said.matchAll(/<response_([A-C])>\n(.*)/g)].map(([, letter, text]) => [
      letter,
      worthOf(text) + 1,
    ]);
    return { text: `I read all three. [[${JSON.stringify(Object.fromEntries(ranks))}]]` };
  });
  try {
    const prompts = [1, 2].map((n) => promptWith(`Question ${n}`, [`best ${n}`, `fair ${n}`, `poor ${n}`]));
    const questions = form(
      { id: "order", type: "ranking", label: "Which is better?" },
      {
        ...{ id: "harm", type: "choice", label: "Is any of it harmful?", per: "task" },
        options: [
          { value: "no", label: "No" },
          { value: "yes", label: "Yes" },
        ],
      },
    );
    const { id } = await studio.project({ prompts, questions });
    const rater = await apiOf(await studio.annotator(id));
    const { tasks } = await rater.annotation.claim.mutate({ projectId: id, hold: 2 });
    for (const { assignmentId, responses } of tasks)
      await rater.annotation.submit.mutate({
        assignmentId,
        answers: {
          order: { type: "ranking", ranks: responses.map(({ content }) => worthOf(content) + 1) },
          harm: { type: "choice", values: [["no"]] },
        },
        idempotencyKey: crypto.randomUUID(),
      });
    for (const name of ["First", "Second"])
      await studio.api.endpoint.add.mutate({
        ...{ projectId: id, name, kind: "openai-compatible", url: server.url, model: name.toLowerCase() },
        ...{
          inputPrice: 1,
          cachedPrice: null,
          outputPrice: 1,
          requestsPerMinute: null,
          tokensPerMinute: null,
        },
        concurrency: 2,
      });
    const endpoints = () => studio.api.endpoint.list.query({ projectId: id });
    await expect.poll(async () => (await endpoints()).every(({ capabilities }) => capabilities)).toBe(true);
    const first = (await endpoints()).find(({ name }) => name === "First")?.id ?? "";
    const page = await studio.annotator(id, { role: "manager" });

    await page.goto(`/projects/${id}/judges`);
    await page.getByRole("button", { name: "New judge" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Ranker");
    await dialog.getByLabel("Answered by").selectOption(`endpoint ${first}`);
    await dialog.getByLabel("Question", { exact: true }).selectOption("order");
    await dialog.getByLabel("Rubric").fill("Which helps the reader more?");
    await dialog.getByLabel("The verdict is read").selectOption("marker");
    await dialog.getByRole("button", { name: "Try on ten" }).click();
    await expect(dialog).toContainText("2 tasks, 4 requests");
    await dialog.getByRole("button", { name: "Ask" }).click();
    await expect(dialog.getByRole("listitem")).toHaveCount(2, { timeout: 120_000 });
    await expect(dialog.getByRole("listitem").first()).toContainText("Question");
    await expect(dialog.getByRole("button", { name: "Other ten" })).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Make the judge" }).click();
    await expect(page.getByText("It has judged nothing yet")).toBeVisible();

    await page.getByRole("button", { name: "Judge tasks" }).first().click();
    await expect(dialog).toContainText("2 tasks, 4 requests");
    await dialog.getByRole("button", { name: "Start" }).click();
    await expect(page).toHaveURL(/\/judges\/[\w-]+\?version=/, { timeout: 120_000 });
    const may = page.getByRole("heading", { name: "What it may" }).locator("..");
    await expect(may).toContainText("may advise");
    await expect(may).toContainText("6 items judged beside people; asked: 100");
    await expectAccessible(page);

    await page.getByRole("button", { name: "Ask a successor" }).click();
    await expect(dialog).toContainText("2 tasks, 4 requests");
    await expect(dialog.getByLabel("Answered by")).toContainText("Second (second)");
    await dialog.getByRole("button", { name: "Make and ask it" }).click();
    await expect(page.getByRole("combobox", { name: "Version" })).toContainText("version 2", {
      timeout: 120_000,
    });
    await expect(page.getByText("that version 1 judged too, they say the same in 100.0 %")).toBeVisible();

    const { judgeVersionId } = await studio.api.judge.create.mutate({
      ...{ projectId: id, name: "Guard", endpointId: first, questionId: "harm", verdictBy: "marker" },
      rubric: { criteria: "Would it harm anybody?" },
    });
    await studio.api.judge.run.mutate({ projectId: id, judgeVersionId });
    const judged = async () => (await studio.api.judge.card.query({ projectId: id, judgeVersionId })).judged;
    await expect.poll(judged, { timeout: 120_000 }).toBe(2);
    await page.goto(`/projects/${id}/judges`);
    await page.getByRole("button", { name: "What judges may" }).click();
    await dialog.getByLabel("Items beside people, at least").fill("2");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole("link", { name: "Guard" }).click();
    await expect(page.getByRole("heading", { name: "The choice" })).toBeVisible();
    await expect(may).toContainText("2 items judged beside people; asked: 2");

    // A recipe says why it counts judges that may not label, and says nothing once it counts people alone.
    const { id: datasetId } = await studio.api.dataset.create.mutate({
      projectId: id,
      name: "Ranked",
      kind: "preference",
    });
    await page.goto(`/projects/${id}/datasets/${datasetId}`);
    await page.getByRole("button", { name: "Freeze a version" }).click();
    const whose = dialog.getByLabel("Judges", { exact: true });
    const why = dialog.getByLabel("Why they count all the same");
    await whose.selectOption("all");
    await expect(why).toBeVisible();
    await whose.selectOption("people");
    await expect(why).toBeHidden();
  } finally {
    await server.close();
  }
});

test("a cascade is made of judges once people’s votes show where the first may settle, and a judge is asked in other words", async ({
  studio,
}) => {
  const server = await startJudge((said, model) => {
    // The cheap one goes by the place in every third.
    const isSwayed = model === "cheap" && Number(/Question (\d+)/.exec(said)?.[1]) % 3 === 0;
    const isFirst = /<response_A>\n(\w+)/.exec(said)?.[1] === "good";
    return {
      text: isSwayed || isFirst ? "[[A]]" : "[[B]]",
      usage: { prompt_tokens: 100, completion_tokens: 4 },
    };
  });
  try {
    const prompts = Array.from({ length: 18 }, (_, n) =>
      promptWith(`Question ${n}`, [`good ${n}`, `bad ${n}`]),
    );
    const { id } = await studio.project({ prompts });
    const rater = await apiOf(await studio.annotator(id));
    for (;;) {
      const { tasks } = await rater.annotation.claim.mutate({ projectId: id, hold: 10 });
      if (tasks.length === 0) break;
      for (const { assignmentId, responses } of tasks)
        await rater.annotation.submit.mutate({
          assignmentId,
          answers: {
            better: {
              type: "preference",
              outcome: responses[0].content.startsWith("good") ? "a" : "b",
              level: 1,
            },
          },
          idempotencyKey: crypto.randomUUID(),
        });
    }
    for (const [model, price] of [
      ["cheap", 1],
      ["dear", 10],
    ] as const)
      await studio.api.endpoint.add.mutate({
        ...{ projectId: id, name: model, kind: "openai-compatible", url: server.url, model },
        ...{ inputPrice: price, cachedPrice: null, outputPrice: price },
        ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 2 },
      });
    const endpoints = () => studio.api.endpoint.list.query({ projectId: id });
    await expect.poll(async () => (await endpoints()).every(({ capabilities }) => capabilities)).toBe(true);
    for (const name of ["cheap", "dear"]) {
      const endpointId = (await endpoints()).find((one) => one.name === name)?.id ?? "";
      await studio.api.judge.create.mutate({
        ...{ projectId: id, name, endpointId, questionId: "better", verdictBy: "marker" },
        rubric: { criteria: "Which helps more?" },
      });
    }
    const page = await studio.annotator(id, { role: "manager" });
    const dialog = page.getByRole("dialog");
    await page.goto(`/projects/${id}/judges`);
    await page.getByRole("link", { name: "cheap" }).click();
    await page.getByRole("button", { name: "Edit as a new version" }).click();
    await dialog.getByRole("button", { name: "Say the rubric in other words" }).click();
    await dialog.getByLabel("In other words, 1").fill("Which is of more use?");
    await dialog.getByRole("button", { name: "Make the version" }).click();
    await expect(page.getByRole("combobox", { name: "Version" })).toContainText("version 2");

    await page.goto(`/projects/${id}/judges`);
    await page.getByRole("button", { name: "New panel or cascade" }).click();
    await dialog.getByLabel("Name").fill("Cascade");
    await dialog.getByLabel("How they judge together").selectOption("cascade");
    await dialog.getByLabel("Wanted agreement, %").fill("60");
    await dialog.getByLabel(/^dear v1/).check();
    await dialog.getByLabel(/^cheap v2/).check();
    await dialog.getByRole("button", { name: "Ask cheap v2 earlier" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Nothing shows how far cheap v2 agrees");
    await expect(dialog.getByRole("button", { name: "Make the judge" })).toBeDisabled();
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Close" }).click();

    const judges = await studio.api.judge.list.query({ projectId: id });
    const cheap = judges.find(({ name }) => name === "cheap")?.versions[0]?.id ?? "";
    await studio.api.judge.run.mutate({ projectId: id, judgeVersionId: cheap });
    const card = () => studio.api.judge.card.query({ projectId: id, judgeVersionId: cheap });
    await expect.poll(async () => (await card()).judged, { timeout: 120_000 }).toBe(18);

    await page.reload();
    await page.getByRole("button", { name: "New panel or cascade" }).click();
    await dialog.getByLabel("Name").fill("Cascade");
    await dialog.getByLabel("How they judge together").selectOption("cascade");
    await dialog.getByLabel("Wanted agreement, %").fill("60");
    await dialog.getByLabel(/^cheap v2/).check();
    await dialog.getByLabel(/^dear v1/).check();
    await expect(dialog).toContainText("its verdict stands: 12 of 18 that reach it");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Make the judge" }).click();
    await expect(page.getByText("It has judged nothing yet")).toBeVisible();
    await page.getByRole("button", { name: "Judge tasks" }).first().click();
    await expect(dialog).toContainText("18 tasks, 36 requests");
    await dialog.getByRole("button", { name: "Start" }).click();
    await expect(page).toHaveURL(/\/judges\/[\w-]+\?version=/, { timeout: 120_000 });
    await expect(page.getByText("Of 18 tasks, dear v1 decided 6: 12 did not need it.")).toBeVisible();
    const members = page.getByRole("region", { name: "Members" });
    await expect(members.getByRole("row").nth(1)).toContainText("cheap v2");
    await page.getByText("How it is asked").click();
    await expect(page.getByText("settles from a sureness of")).toBeVisible();
    await expectAccessible(page);

    await members.getByRole("link", { name: "cheap v2" }).click();
    await page.getByRole("button", { name: "Ask in other words" }).click();
    await expect(dialog).toContainText("18 tasks, 36 requests");
    await dialog.getByRole("button", { name: "Start" }).click();
    await expect(page.getByText(/^0\.0 % \[0\.0, [\d.]+\] of 36 replies\.$/)).toBeVisible({
      timeout: 120_000,
    });
    await expectAccessible(page);
  } finally {
    await server.close();
  }
});
