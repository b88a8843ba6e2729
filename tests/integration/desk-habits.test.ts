import { expect, test } from "vitest";
import { testDatabase } from "./database";
import { study } from "./study";

const database = await testDatabase();

test("keys of the desk are a person's own, kept until they are given back", async () => {
  const { join } = await study(database, { tasks: 1 });
  const [one, other] = [await join(), await join()];
  expect(await one.caller.person.desk()).toEqual({ keys: {}, practised: false });
  await one.caller.person.setDesk({ keys: { undo: "b", submit: " " } });
  await one.caller.person.setDesk({ practised: true });
  expect(await one.caller.person.desk()).toEqual({ keys: { undo: "b", submit: " " }, practised: true });
  await expect(one.caller.person.setDesk({ keys: { undo: "b", skip: "b" } })).rejects.toThrow(
    /given to undo/,
  );
  expect((await one.caller.person.desk()).keys).toEqual({ undo: "b", submit: " " });
  expect(await other.caller.person.desk()).toEqual({ keys: {}, practised: false });
  expect(await one.caller.person.setDesk({ keys: {} })).toEqual({ keys: {}, practised: true });
});
