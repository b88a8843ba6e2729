import type { Page } from "@playwright/test";
import { apiOf, expect, form, onDesk, promptWith, test } from "./fixtures";

const texts = ["The first reply is short.", "The second reply is **longer** and has `code`."];

test("every question is answered with the keyboard alone", async ({ studio }) => {
  const questions = form(
    { id: "better", type: "preference", label: "Which response is better?", points: 7 },
    {
      id: "scores",
      type: "rating",
      label: "Rate each response",
      attributes: [
        { id: "correct", label: "Correctness" },
        { id: "clear", label: "Clarity" },
      ],
    },
    {
      id: "unsafe",
      type: "choice",
      label: "Is anything unsafe?",
      options: [
        { value: "no", label: "Nothing" },
        { value: "yes", label: "Something" },
      ],
    },
    {
      id: "why",
      type: "text",
      label: "Why?",
      required: false,
      chips: [
        { value: "correct", label: "More correct" },
        { value: "clear", label: "Clearer" },
      ],
    },
    { id: "fix", type: "edit", label: "Rewrite", required: false },
    { id: "own", type: "text", purpose: "demonstration", label: "Your own reply", required: false },
  );
  const project = await studio.project({ questions, prompts: [promptWith("Say something.", texts)] });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();

  const { keyboard } = page;
  await keyboard.press("6");
  await expect(desk.judgement.getByText("B is clearly better.")).toBeVisible();
  for (const digit of ["5", "4", "3", "2"]) await keyboard.press(digit);
  await keyboard.press("1");
  await keyboard.press("c");
  await keyboard.press("r");
  await keyboard.type("Because 1 x s f u is only text.");
  await keyboard.press("Escape");
  await keyboard.press("e");
  await page.getByRole("textbox", { name: "Your version of response B" }).waitFor();
  await keyboard.press("Control+End");
  await keyboard.type(" And more.");
  await expect(page.locator("ins", { hasText: "And more." })).toBeVisible();
  await keyboard.press("Escape");
  await keyboard.press("ArrowDown");
  await keyboard.press("r");
  await page.getByRole("textbox", { name: "Your own reply" }).waitFor();
  await keyboard.type("My **own** words");
  await expect(page.locator("strong", { hasText: "own" })).toBeVisible();
  await keyboard.press("Escape");
  await keyboard.press("f");
  await keyboard.type("Please look at this.");
  await keyboard.press("Control+Enter");
  await keyboard.press("Enter");

  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();
  const { items } = await (await apiOf(page)).annotation.history.query({ projectId: project.id });
  const shownB = items[0]?.answers?.fix;
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    flagReason: "Please look at this.",
    answers: {
      better: { outcome: "b", level: 2 },
      scores: { values: { correct: [5, 4], clear: [3, 2] } },
      unsafe: { values: [["no"]] },
      why: { text: "Because 1 x s f u is only text.", chips: ["clear"] },
      own: { text: "My **own** words" },
    },
  });
  expect(shownB?.type === "edit" && shownB.texts).toEqual([null, expect.stringMatching(/ And more\.$/)]);
});

test("k responses are ranked by digits, with ties, and read back", async ({ studio }) => {
  const questions = form({ id: "order", type: "ranking", label: "Rank the responses" });
  const project = await studio.project({
    questions,
    prompts: [promptWith("Rank these.", ["alpha", "beta", "gamma", "delta"])],
  });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("D")).toBeVisible();
  for (const digit of ["3", "1", "3"]) await page.keyboard.press(digit);
  await page.keyboard.press("Enter");
  await expect(desk.judgement.getByRole("alert")).toHaveText("Rank the responses: rank D too.");
  await page.keyboard.press("4");
  await expect(
    desk.judgement.getByText("B is best, then A and C tie, then D.").filter({ visible: true }),
  ).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();
  const { items } = await (await apiOf(page)).annotation.history.query({ projectId: project.id });
  expect(items[0]?.answers).toEqual({ order: { type: "ranking", ranks: [2, 1, 2, 3] } });
});

test("ranks are also given by dragging and by tapping", async ({ studio }) => {
  const questions = form({ id: "order", type: "ranking", label: "Rank the responses" });
  const project = await studio.project({
    questions,
    prompts: [promptWith("Drag.", ["one", "two", "three"])],
  });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await desk.response("A").getByRole("radio", { name: "Response A: rank 2" }).check();
  await desk.response("B").getByRole("radio", { name: "Response B: rank 2" }).check();
  const chip = desk.judgement.locator("[data-place='0'] span", { hasText: "C" }).last();
  await chip.hover();
  await page.mouse.down();
  await desk.judgement.locator("[data-place='1']").hover();
  await page.mouse.up();
  await expect(
    desk.judgement.getByText("C is best, then A and B tie.").filter({ visible: true }),
  ).toBeVisible();
});

test("no name of a model reaches the browser before the answer, nor after", async ({ studio }) => {
  const asked = ["One?", "Two?", "Three?", "Four?"];
  const project = await studio.project({ prompts: asked.map((text) => promptWith(text, texts)) });
  const page = await studio.annotator(project.id);
  const seen: string[] = [];
  page.on("response", async (response) => {
    if (response.url().includes("/_next/static")) return;
    seen.push(await response.text().catch(() => ""));
  });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  for (const text of asked) {
    await expect(desk.prompt).toContainText(text);
    await page.keyboard.press("3");
    await page.keyboard.press("Enter");
  }
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await page.goto(`/projects/${project.id}/me`);
  await expect(page.getByRole("region", { name: "Your judgements" }).getByRole("row")).toHaveCount(5);
  expect(seen.join("\n")).toContain("The first reply is short.");
  expect(seen.join("\n")).not.toContain("secret-model");
});

test("undo takes a judgement back, and the history changes it as a revision", async ({ studio }) => {
  const project = await studio.project({
    prompts: [promptWith("Undo me.", texts), promptWith("The one after.", texts)],
  });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.prompt).toContainText("Undo me.");
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(desk.prompt).toContainText("The one after.");
  await expect(desk.saved).toBeVisible();
  await page.keyboard.press("u");
  await expect(desk.prompt).toContainText("Undo me.");
  await expect(desk.judgement.getByRole("radio", { name: "A much better" })).toBeChecked();
  const api = await apiOf(page);
  const history = async () => (await api.annotation.history.query({ projectId: project.id })).items;
  await expect.poll(async () => (await history()).length).toBe(0);
  await page.keyboard.press("7");
  await page.keyboard.press("Enter");
  await expect(desk.prompt).toContainText("The one after.");
  await expect
    .poll(async () => (await history())[0]?.answers?.better)
    .toMatchObject({ outcome: "b", level: 3 });

  await page.goto(`/projects/${project.id}/me`);
  await page.getByRole("link", { name: "Change the judgement of “Undo me.”" }).click();
  await expect(desk.prompt).toContainText("Undo me.");
  await expect(desk.judgement.getByRole("radio", { name: "B much better" })).toBeChecked();
  await page.keyboard.press("x");
  await page.keyboard.press("Enter");
  await expect
    .poll(async () => (await history())[0])
    .toMatchObject({ answers: { better: { outcome: "both_bad" } } });
  expect((await history())[0]?.revision).toBeGreaterThan(1);
});

test("what a reviewer sends back is done again, with the comment in view", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("Look closer.", texts)] });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();
  await page.keyboard.press("4");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();
  const { items } = await studio.api.review.annotations.query({ projectId: project.id });
  const annotationIds = items.map(({ id }) => id);
  await studio.api.review.sendBack.mutate({
    projectId: project.id,
    annotationIds,
    reason: "A cites a source.",
  });

  await page.getByRole("link", { name: "My work" }).filter({ visible: true }).last().click();
  await expect(page.getByRole("region", { name: "Sent back" })).toContainText("A cites a source.");
  await page.getByRole("link", { name: "Do it again" }).click();
  await expect(desk.prompt).toContainText("Look closer.");
  await expect(page.getByText("A cites a source.")).toBeVisible();
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
  await expect(desk.saved).toBeVisible();
  const history = await (await apiOf(page)).annotation.history.query({ projectId: project.id });
  expect(history.items).toMatchObject([
    { status: "submitted", revision: 2, answers: { better: { outcome: "a", level: 3 } } },
  ]);
});

test("skip gives the seat to somebody else, with the reason", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("Skip me.", texts)] });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();
  await page.keyboard.press("s");
  await expect(page.getByRole("dialog", { name: "Skip this task" })).toBeVisible();
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Nothing for you at the moment" })).toBeVisible();
  const other = await studio.annotator(project.id);
  await other.goto(`/projects/${project.id}/desk`);
  await expect(onDesk(other).prompt).toContainText("Skip me.");
});

/** What the browser keeps of unfinished work, as text. */
const draftsIn = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("concord");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const kept = opening.result.transaction("drafts").objectStore("drafts").getAll();
          kept.onerror = () => reject(kept.error);
          kept.onsuccess = () => resolve(JSON.stringify(kept.result));
          opening.result.close();
        };
      }),
  );

test("a half-written rationale survives a reload", async ({ studio }) => {
  const questions = form(
    { id: "better", type: "preference", label: "Which response is better?" },
    { id: "why", type: "text", label: "Why?", required: false },
  );
  const project = await studio.project({ questions, prompts: [promptWith("Reload me.", texts)] });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();
  await page.keyboard.press("2");
  await page.keyboard.press("r");
  await page.keyboard.type("Half a thou");
  await expect.poll(() => draftsIn(page)).toContain("Half a thou");
  await page.reload();
  await expect(desk.judgement.getByRole("textbox", { name: "Why?" })).toHaveValue("Half a thou");
  await expect(desk.judgement.getByRole("radio", { name: "A clearly better" })).toBeChecked();
});

test("on a phone everything is reached by touch", async ({ studio }) => {
  const project = await studio.project({ prompts: [promptWith("A phone.", texts)] });
  const page = await studio.annotator(project.id);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("A")).toBeVisible();
  const [a, b] = await Promise.all([desk.response("A").boundingBox(), desk.response("B").boundingBox()]);
  expect(b?.y).toBeGreaterThan((a?.y ?? 0) + (a?.height ?? 0) - 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await desk.judgement.getByRole("radio", { name: "B slightly better" }).check();
  const submit = desk.judgement.getByRole("button", { name: "Submit" });
  await expect(submit).toBeInViewport({ ratio: 1 });
  await submit.click();
  await expect(page.getByRole("heading", { name: "All done" })).toBeVisible();
});
