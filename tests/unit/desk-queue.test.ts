import { expect, it } from "vitest";
import { emptyDraft } from "@/app/components/desk/draft";
import { emptyQueue, type Item, type Queue, reduceQueue } from "@/app/projects/[projectId]/desk/queue";

const item = (id: string): Item => ({
  task: {
    assignmentId: id,
    leasedUntil: null,
    prompt: { messages: [], tools: null, language: null, domain: null },
    responses: [],
    questions: [],
    shown: { leasedAt: null, formVersionId: "form", guidelineVersionId: null },
    guidelineVersion: null,
    answers: null,
    returnComment: null,
  },
  saved: emptyDraft,
  idempotencyKey: `key of ${id}`,
  revises: false,
});
const ids = (queue: Queue) => queue.items.map(({ task }) => task.assignmentId);
const three = reduceQueue(emptyQueue, {
  type: "arrived",
  items: ["a", "b", "c"].map(item),
  nothing: null,
});
const judged = reduceQueue(three, { type: "judged", assignmentId: "a", draft: emptyDraft, at: 5 });

it("offers each task once, however often the server names it", () => {
  const again = reduceQueue(three, { type: "arrived", items: [item("b"), item("d")], nothing: "done" });
  expect(ids(again)).toEqual(["a", "b", "c", "d"]);
  expect(again.nothing).toBe("done");
});

it("moves on to the next and can take the last one back under a new key", () => {
  expect(ids(judged)).toEqual(["b", "c"]);
  const [last] = judged.past;
  if (!last) throw new Error("nothing to take back");
  const back = reduceQueue(judged, {
    type: "takenBack",
    judged: last,
    idempotencyKey: "new",
    revises: false,
  });
  expect(ids(back)).toEqual(["a", "b", "c"]);
  expect(back.items[0]?.idempotencyKey).toBe("new");
  expect(back.past).toEqual([]);
});

it("forgets what another tab judged or the server refused, also for undo", () => {
  expect(ids(reduceQueue(three, { type: "lost", assignmentId: "b" }))).toEqual(["a", "c"]);
  expect(reduceQueue(judged, { type: "lost", assignmentId: "a" }).past).toEqual([]);
});

it("puts what is opened by hand first", () => {
  expect(ids(reduceQueue(three, { type: "opened", item: item("c") }))).toEqual(["c", "a", "b"]);
});
