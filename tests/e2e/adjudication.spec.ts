import type { Answers } from "@/server/form/schema";
import { type Api, apiOf, expect, form, onDesk, promptWith, type Studio, test } from "./fixtures";

/** Judges everything; `answersTo` gets the responses as they are shown. */
async function judgeAll(api: Api, projectId: string, answersTo: (texts: string[]) => Answers) {
  const { tasks } = await api.annotation.claim.mutate({ projectId, hold: 5, have: [] });
  for (const { assignmentId, responses } of tasks)
    await api.annotation.submit.mutate({
      assignmentId,
      answers: answersTo(responses.map(({ content }) => content)),
      idempotencyKey: `judged-${assignmentId}`,
    });
}

/** A project on which two raters differ, and a reviewer before its first dispute. */
async function disputed(
  studio: Studio,
  questions: Parameters<typeof form>,
  prompts: ReturnType<typeof promptWith>[],
  ...answersTo: ((texts: string[]) => Answers)[]
) {
  const { id } = await studio.project({ questions: form(...questions), prompts, overlap: 2 });
  for (const answers of answersTo) await judgeAll(await apiOf(await studio.annotator(id)), id, answers);
  const page = await studio.annotator(id, { role: "reviewer" });
  await page.goto(`/projects/${id}/preferences/adjudicate`);
  await onDesk(page).response("A").waitFor();
  return { id, page };
}

const better = { id: "better", type: "preference" as const, label: "Which response is better?" };
const why = { id: "why", type: "text" as const, label: "Why?", required: false };
const prefers = (text: string, reason: string) => (texts: string[]) => ({
  better: {
    type: "preference" as const,
    outcome: texts[0] === text ? ("a" as const) : ("b" as const),
    level: 3,
  },
  why: { type: "text" as const, text: reason, chips: [] },
});

test("a comparison is decided blind with two keys; a vote is taken over with one, once asked for", async ({
  studio,
}) => {
  test.setTimeout(240_000);
  const prompts = ["First question", "Second question"].map((text) => promptWith(text, ["Yes.", "No."]));
  const { id, page } = await disputed(
    studio,
    [better, why],
    prompts,
    prefers("Yes.", "Yes is right."),
    prefers("No.", "No is right."),
  );
  const votes = page.getByRole("complementary", { name: "Votes" });
  await expect(page.getByText("blind", { exact: true })).toBeVisible();
  await expect(votes).toBeHidden();
  expect(await page.content()).not.toMatch(/secret-model|(Yes|No) is right/);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  // No dialog asks why: the next one is there.
  await expect(page.getByText("1 to decide")).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();

  // Taken back it is there as it was decided, also after a reload, and is decided as blind once more.
  const { judgement } = onDesk(page);
  const chosen = judgement.getByRole("radio", { checked: true });
  await page.keyboard.press("u");
  await expect(page.getByText("2 to decide")).toBeVisible();
  await expect(chosen).toHaveCount(1);
  await page.reload();
  await expect(chosen).toHaveCount(1);
  await expect(page.getByText("blind", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 to decide")).toBeVisible();
  await expect(chosen).toHaveCount(0);

  await page.keyboard.press("v");
  await expect(votes.getByRole("listitem")).toHaveCount(2);
  await expect(page.getByText("votes seen", { exact: true })).toBeVisible();
  const verdict = onDesk(page).judgement.getByRole("radio", { checked: true });
  await page.keyboard.press("a");
  await expect(verdict).toHaveCount(1);
  const first = await verdict.getAttribute("value");
  await page.keyboard.press("a");
  await expect(verdict).not.toHaveAttribute("value", first ?? "");
  // The reason of another is not one's own.
  await expect(onDesk(page).judgement.getByText("is right")).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing is disputed")).toBeVisible();

  const rows = await (await apiOf(page)).review.preferences.query({ projectId: id, state: "adjudicated" });
  const decisions = [];
  for (const { taskId } of rows.items) {
    const { curations, annotations } = await (await apiOf(page)).review.detail.query({
      projectId: id,
      taskId,
    });
    const stands = (id: string | null) => annotations.some((given) => given.id === id && given.current);
    decisions.push(...curations.filter(({ annotationId }) => stands(annotationId)));
  }
  expect(decisions.map(({ seenAt }) => seenAt === null).sort()).toEqual([false, true]);
});

test("ratings are decided by digits", async ({ studio }) => {
  test.setTimeout(240_000);
  const rating = {
    id: "sound",
    type: "rating" as const,
    label: "How sound?",
    attributes: [{ id: "sound", label: "Sound" }],
  };
  const rates =
    (value: number) =>
    (texts: string[]): Answers => ({
      sound: { type: "rating", values: { sound: texts.map((text) => (text === "Yes." ? value : 3)) } },
    });
  const { id, page } = await disputed(
    studio,
    [rating],
    [promptWith("A question", ["Yes.", "No.", "Perhaps."])],
    rates(1),
    rates(5),
  );
  await page.keyboard.press("4");
  await page.keyboard.press("3");
  await page.keyboard.press("2");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Nothing is disputed")).toBeVisible();
  const { items } = await (await apiOf(page)).review.annotations.query({ projectId: id });
  const [decision] = items.filter(({ origin }) => origin === "adjudication");
  expect(Object.values(decision?.answers ?? {})).toMatchObject([{ type: "rating" }]);
  expect(decision?.isVote).toBe(false);
});
