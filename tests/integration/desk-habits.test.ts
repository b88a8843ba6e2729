import { expect, test } from "vitest";
import { testDatabase } from "./database";
import { study } from "./study";

const database = await testDatabase();
const untouched = { keys: {}, practised: false, language: null };

test("keys of the desk are a person's own, kept until they are given back", async () => {
  const { join } = await study(database, { tasks: 1 });
  const [one, other] = [await join(), await join()];
  expect(await one.caller.person.desk()).toEqual(untouched);
  await one.caller.person.setDesk({ keys: { undo: "b", submit: " " } });
  await one.caller.person.setDesk({ practised: true });
  const own = { keys: { undo: "b", submit: " " }, practised: true, language: null };
  expect(await one.caller.person.desk()).toEqual(own);
  await expect(one.caller.person.setDesk({ keys: { undo: "b", skip: "b" } })).rejects.toThrow(
    /given to undo/,
  );
  expect(await one.caller.person.desk()).toEqual(own);
  expect(await other.caller.person.desk()).toEqual(untouched);
  expect(await one.caller.person.setDesk({ keys: {} })).toEqual({ ...own, keys: {} });
});

test("a language is a person's own, and given back to their browser by null", async () => {
  const { join } = await study(database, { tasks: 1 });
  const { caller } = await join();
  expect(await caller.person.setDesk({ language: "ar" })).toEqual({ ...untouched, language: "ar" });
  await caller.person.setDesk({ practised: true });
  expect((await caller.person.desk()).language).toBe("ar");
  expect((await caller.person.setDesk({ language: null })).language).toBeNull();
});
