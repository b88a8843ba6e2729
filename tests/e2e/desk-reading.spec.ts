import type { Page } from "@playwright/test";
import { apiOf, expect, form, onDesk, promptWith, test } from "./fixtures";

const sentence = "It says what happens, why it happens and how one can tell. ";
const paragraphs = (n: number) => Array.from({ length: n }, () => sentence.repeat(4)).join("\n\n");
const questions = form({ id: "better", type: "preference", label: "Which response is better?" });

const turns = [
  { role: "system" as const, content: "Answer as a pharmacist." },
  ...Array.from({ length: 20 }, (_, index) => ({
    role: index % 2 ? ("assistant" as const) : ("user" as const),
    content: `Turn ${index}: ${sentence.repeat(3)}`,
  })),
];
const asking = (content: string, responses: string[]) =>
  promptWith(content, responses, { messages: [...turns, { role: "user", content }] });

/** The box of a part of the task on the desk, not of the one that waits. */
const boxOf = (page: Page, part: "prompt" | "response") =>
  page.locator(`[data-scroll=${part}]`).filter({ visible: true });
/** Of the responses the longest, which the keys scroll; the other one follows by its share. */
const scrolled = (page: Page, part: "prompt" | "response") =>
  boxOf(page, part).evaluateAll((all) => Math.max(...all.map((one) => one.scrollTop)));

test("the turn that asks is in view, earlier ones unfold above it, and keys scroll each part", async ({
  studio,
}) => {
  const project = await studio.project({
    questions,
    prompts: [
      asking("Short at last?", ["Yes.", "No."]),
      asking(`Long at last? ${paragraphs(30)}`, [paragraphs(30), paragraphs(12)]),
    ],
  });
  const page = await studio.annotator(project.id);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  const { keyboard } = page;
  const last = desk.prompt.getByText("Short at last?");
  await expect(last).toBeInViewport({ ratio: 1 });
  await expect(desk.prompt.getByText("Turn 19:")).toBeHidden();
  await expect(desk.prompt.getByRole("button", { name: "21 earlier turns" })).toBeVisible();

  await keyboard.press("t");
  await expect(desk.prompt.getByText("Turn 19:")).toBeInViewport();
  await expect(last).toBeInViewport({ ratio: 1 });
  // Short responses leave the conversation their room.
  const room = await boxOf(page, "prompt").evaluate((one) => one.clientHeight);
  expect(room).toBeGreaterThan(450);
  const before = await scrolled(page, "prompt");
  await keyboard.press("[");
  await expect.poll(() => scrolled(page, "prompt")).toBeLessThan(before - 100);
  await keyboard.press("t");
  await expect(last).toBeInViewport({ ratio: 1 });

  await keyboard.press("1");
  await keyboard.press("Enter");
  await expect(desk.prompt.getByText("Long at last?")).toBeInViewport();
  await keyboard.press("]");
  await expect.poll(() => scrolled(page, "prompt")).toBeGreaterThan(100);
  await keyboard.press("j");
  await expect.poll(() => scrolled(page, "response")).toBeGreaterThan(100);
  const down = await scrolled(page, "response");
  await keyboard.press("k");
  await expect.poll(() => scrolled(page, "response")).toBeLessThan(down - 100);

  // Twice as large on a small screen: the whole is one page, and nothing lies over the question.
  await page.setViewportSize({ width: 960, height: 540 });
  await page
    .locator("[data-scroll=page]")
    .filter({ visible: true })
    .evaluate((one) => one.scrollTo(0, 0));
  await expect(desk.prompt.getByText("Long at last?")).toBeInViewport();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(desk.prompt.getByText("Long at last?")).toBeInViewport();
});

test("what was in view is kept with the judgement, for each response", async ({ studio }) => {
  const project = await studio.project({
    questions,
    prompts: [asking("Read both.", [paragraphs(60), "Short."])],
  });
  const page = await studio.annotator(project.id);
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.prompt.getByText("Read both.")).toBeVisible();
  // The marks beside the texts say what was in view.
  const marks = page.getByRole("img", { name: /of [AB] has been in view/ }).filter({ visible: true });
  const shares = () => marks.evaluateAll((all) => all.map((one) => Number(one.getAttribute("data-share"))));
  await expect.poll(async () => Math.max(...(await shares()))).toBe(100);
  const partly = Math.min(...(await shares()));
  expect(partly).toBeGreaterThan(2);
  expect(partly).toBeLessThan(60);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(desk.saved).toBeVisible();
  const { items } = await studio.api.review.preferences.query({ projectId: project.id });
  const [row] = items;
  const kept = [row?.inViewA ?? -1, row?.inViewB ?? -1].toSorted((a, b) => a - b);
  expect(kept[0]).toBeGreaterThan(0.02);
  expect(kept[0]).toBeLessThan(0.6);
  expect(kept[1]).toBe(1);
  // Twenty of its turns stayed folded.
  const detail = await studio.api.review.detail.query({ projectId: project.id, taskId: row?.taskId ?? "" });
  expect(detail.annotations[0]?.inView?.prompt.share).toBeLessThan(0.1);
});

test("guidelines stand beside the task, leave the keys alone, and say what is new", async ({ studio }) => {
  const project = await studio.project({
    guidelines: "Prefer what is short.",
    prompts: [promptWith("First?", ["One.", "Two."]), promptWith("Second?", ["One.", "Two."])],
  });
  const page = await studio.annotator(project.id);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/projects/${project.id}/desk`);
  const desk = onDesk(page);
  await expect(desk.response("B")).toBeVisible();
  const panel = page.getByRole("complementary", { name: "Guidelines" }).filter({ visible: true });
  await page.keyboard.press("g");
  await expect(panel).toContainText("Prefer what is short.");
  const [b, beside] = await Promise.all([desk.response("B").boundingBox(), panel.boundingBox()]);
  expect((b?.x ?? 0) + (b?.width ?? 0)).toBeLessThanOrEqual((beside?.x ?? 0) + 1);
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(desk.prompt).toContainText("Second?");
  await expect(panel).toBeVisible();
  await expect(desk.saved).toBeVisible();

  await studio.api.project.addGuidelines.mutate({ projectId: project.id, markdown: "Prefer what is true." });
  await page.reload();
  await expect(panel.getByText("New in v2")).toBeVisible();
  await expect(panel.locator("ins")).toHaveText("true");
  await expect(desk.response("B")).toBeVisible();
  await page.keyboard.press("g");
  await expect(panel).toBeHidden();
  await expect(
    (await apiOf(page)).annotation.history.query({ projectId: project.id }),
  ).resolves.toMatchObject({
    items: [{ answers: { better: { outcome: "a", level: 2 } } }],
  });
});
