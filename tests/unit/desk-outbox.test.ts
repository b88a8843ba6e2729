import { expect, it } from "vitest";
import { type Outcome, startCourier } from "@/app/components/outbox/courier";
import type { Entry, StoredEntry } from "@/app/components/outbox/entry";
import type { Store } from "@/app/components/outbox/store";

const person = "00000000-0000-7000-8000-000000000001";
const seat = (n: number) => `00000000-0000-7000-8000-00000000010${n}`;

const about = (n: number) => ({
  personId: person,
  projectId: seat(9),
  assignmentId: seat(n),
  at: 0,
  attempts: 0,
  refused: null,
  excerpt: "",
});
const judgement = (n: number, key = `key-of-${n}`): Entry => ({
  ...about(n),
  kind: "submit",
  judgement: { answers: {}, idempotencyKey: key },
});

/** The order and the survival of IndexedDB, without a browser; tests/e2e/offline.spec.ts has the real one. */
function memoryStore(entries = new Map<number, Entry>()): Store {
  let last = Math.max(0, ...entries.keys());
  return {
    entries: async (personId) =>
      [...entries].flatMap(([id, entry]) => (entry.personId === personId ? [{ ...entry, id }] : [])),
    add: async (entry) => {
      last += 1;
      entries.set(last, entry);
      return { ...entry, id: last };
    },
    change: async ({ id, ...entry }) => void entries.set(id, entry),
    remove: async (id) => void entries.delete(id),
    draft: async () => null,
    saveDraft: async () => {},
  };
}

const begin = (store: Store, send: (entry: StoredEntry) => Promise<Outcome>) =>
  startCourier({
    store,
    personId: person,
    send,
    alone: (work) => work(),
    onSent: () => {},
    onChange: () => {},
  });

const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};
const isEmpty = async (store: Store) => (await store.entries(person)).length === 0;

it("sends in order and lets go only of what was confirmed", async () => {
  const store = memoryStore();
  const seen: string[] = [];
  let away = 2;
  const courier = await begin(store, async (entry) => {
    seen.push(entry.assignmentId);
    if (away > 0) {
      away -= 1;
      setTimeout(() => courier.hurry());
      return { is: "away" };
    }
    return { is: "sent" };
  });
  await courier.put(judgement(1));
  await courier.put(judgement(2));
  await until(() => isEmpty(store));
  expect(seen).toEqual([seat(1), seat(1), seat(1), seat(2)]);
  courier.stop();
});

it("takes up after a restart what an earlier page left", async () => {
  const store = memoryStore(new Map([[3, judgement(1)]]));
  const seen: string[] = [];
  const courier = await begin(store, async (entry) => {
    if (entry.kind === "submit") seen.push(entry.judgement.idempotencyKey);
    return { is: "sent" };
  });
  await until(() => isEmpty(store));
  expect(seen).toEqual(["key-of-1"]);
  courier.stop();
});

it("never sends in another person's name", async () => {
  const other = "00000000-0000-7000-8000-000000000002";
  const entries = new Map<number, Entry>([[1, { ...judgement(1), personId: other }]]);
  const seen: string[] = [];
  const courier = await begin(memoryStore(entries), async (entry) => {
    seen.push(entry.assignmentId);
    return { is: "sent" };
  });
  await courier.put(judgement(2));
  await until(() => entries.size === 1);
  expect(seen).toEqual([seat(2)]);
  courier.stop();
});

it("keeps what is refused, with the reason, and goes on with the rest", async () => {
  const store = memoryStore();
  const courier = await begin(store, async (entry) =>
    entry.assignmentId === seat(1) ? { is: "refused", reason: "Seat lost." } : { is: "sent" },
  );
  await courier.put(judgement(1));
  await courier.put(judgement(2));
  await until(() => courier.line().entries.length === 1);
  expect(courier.line().entries[0]).toMatchObject({ assignmentId: seat(1), refused: "Seat lost." });
  courier.stop();
});

it("cancels what has not been tried, and nothing else", async () => {
  const store = memoryStore();
  const courier = await begin(store, async () => ({ is: "away" }));
  await courier.put(judgement(1));
  await courier.put(judgement(2));
  await until(() => courier.line().entries.some((entry) => entry.attempts > 0));
  expect(await courier.cancel(seat(1))).toBe(false);
  expect(await courier.cancel(seat(2))).toBe(true);
  expect((await store.entries(person)).map((entry) => entry.assignmentId)).toEqual([seat(1)]);
  courier.stop();
});

it("makes a revision of what follows an undo that came too late", async () => {
  const store = memoryStore();
  const kinds: string[] = [];
  await store.add({ ...about(1), kind: "undo" });
  await store.add(judgement(1, "second-key"));
  const courier = await begin(store, async (entry) => {
    kinds.push(entry.kind);
    return entry.kind === "undo" ? { is: "refused", reason: "Too late." } : { is: "sent" };
  });
  await until(() => isEmpty(store));
  expect(kinds).toEqual(["undo", "revise"]);
  courier.stop();
});

it("does not hold the others back for one on which the server fails, nor sends what follows it first", async () => {
  const store = memoryStore();
  const sent: string[] = [];
  let broken = true;
  const courier = await begin(store, async (entry) => {
    setTimeout(() => courier.hurry());
    const key = entry.kind === "submit" ? entry.judgement.idempotencyKey : entry.kind;
    if (broken && key === "poison of 1") return { is: "failed" };
    sent.push(key);
    return { is: "sent" };
  });
  await courier.put(judgement(1, "poison of 1"));
  await courier.put(judgement(1, "after it, same seat"));
  await courier.put(judgement(2, "another"));
  await courier.put(judgement(3, "and another"));
  await until(() => sent.length === 2);
  expect(sent).toEqual(["another", "and another"]);
  expect(courier.line()).toMatchObject({ reachable: true, failing: [1] });
  broken = false;
  courier.hurry();
  await until(() => isEmpty(store));
  expect(sent.slice(2)).toEqual(["poison of 1", "after it, same seat"]);
  courier.stop();
});
