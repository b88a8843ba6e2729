import { apiOf, expect, onDesk, promptWith, test } from "./fixtures";

test("a judgement is sent back with a text that Esc does not lose, and both sides write until it is clear", async ({
  studio,
}) => {
  test.setTimeout(240_000);
  const { id } = await studio.project({ prompts: [promptWith("Is it so?", ["Yes.", "No."])] });
  const rater = await studio.annotator(id);
  const api = await apiOf(rater);
  const { tasks } = await api.annotation.claim.mutate({ projectId: id, hold: 1, have: [] });
  const assignmentId = tasks[0]?.assignmentId ?? "";
  await api.annotation.submit.mutate({
    assignmentId,
    answers: { better: { type: "preference", outcome: "a", level: 1 } },
    idempotencyKey: `judged-${assignmentId}`,
  });
  const reviewer = await studio.annotator(id, { role: "reviewer" });

  await test.step("send back opens in its field, keeps what was begun, and gives the focus back", async () => {
    await reviewer.goto(`/projects/${id}/preferences`);
    await reviewer.getByRole("row").filter({ hasText: "Is it so?" }).click();
    const back = reviewer.getByRole("button", { name: /^Send back/ });
    await back.focus();
    await reviewer.keyboard.press("b");
    const comment = reviewer.getByLabel("Comment for the rater");
    await expect(comment).toBeFocused();
    await reviewer.keyboard.type("Read the second");
    await reviewer.keyboard.press("Escape");
    await expect(comment).toBeHidden();
    await expect(back).toBeFocused();
    await reviewer.reload();
    await reviewer.getByRole("button", { name: /^Send back/ }).click();
    await expect(comment).toHaveValue("Read the second");
    await comment.press("End");
    await reviewer.keyboard.type(" reply again.");
    await reviewer.keyboard.press("Control+Enter");
    await expect(reviewer.getByText("1 judgement was sent back.", { exact: true })).toBeVisible();
  });

  await test.step("the rater answers on the desk", async () => {
    await rater.goto(`/projects/${id}/me`);
    await rater.getByRole("link", { name: "Do it again" }).click();
    await onDesk(rater).response("A").waitFor();
    await rater.getByText("Write to the reviewer").click();
    const remarks = rater.getByRole("region", { name: "Remarks" });
    await expect(remarks.getByRole("listitem")).toContainText("Read the second reply again.");
    await remarks.getByLabel("Answer").fill("I did. <b>It</b> says no.");
    await rater.keyboard.press("Control+Enter");
    await expect(remarks.getByRole("listitem")).toHaveCount(2);
    // The key that sends a remark submits no judgement.
    await expect(rater.getByRole("status").filter({ hasText: "Sent back by a reviewer" })).toBeVisible();
  });

  await test.step("the reviewer is told, reads it as it was written, and answers; the rater sees it come", async () => {
    // Escape would close the notice of what was done first, if it is still there.
    await reviewer.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await reviewer.getByRole("button", { name: "1 new remark" }).click();
    const remarks = reviewer.getByRole("region", { name: "Remarks" });
    await expect(remarks).toContainText("I did. <b>It</b> says no.");
    await remarks.getByLabel("Answer").fill("Then leave it.");
    await remarks.getByRole("button", { name: /^Send/ }).click();
    await expect(remarks.getByRole("listitem")).toHaveCount(3);
    await expect(rater.getByRole("region", { name: "Remarks" })).toContainText("Then leave it.");
    await expect(reviewer.getByRole("button", { name: /new remark/ })).toBeHidden();
  });
});
