import { expect, test } from "vitest";
import { fromAddress } from "@/app/components/table/address";
import { preferencesAddress } from "@/app/projects/[projectId]/preferences/address";
import { columnsOf, offers } from "@/app/projects/[projectId]/preferences/columns";

const id = "01a23004-e67c-766a-b0f4-ef57704b9715";

test("an address opens its page, whatever of it is not understood", () => {
  const asked = {
    ...{ prompt: " dose ", raterId: id, outcome: "a", minStrength: "0.5", from: "2026-11-29T23:00:00.000Z" },
    ...{ sort: "strength", order: "asc", columns: "time,rater", task: id },
  };
  expect(fromAddress(preferencesAddress, asked)).toMatchObject({
    ...asked,
    prompt: "dose",
    minStrength: 0.5,
  });
  const wrong = {
    ...{
      raterId: "me",
      outcome: "c",
      minStrength: "2",
      maxStrength: "",
      from: "yesterday",
      to: "2026-99-01T00:00Z",
    },
    ...{ sort: ["time", "strength"], order: "up", prompt: "x".repeat(401), unknown: "1" },
  };
  const nothing = fromAddress(preferencesAddress, {});
  expect(fromAddress(preferencesAddress, wrong)).toEqual(nothing);
  expect(Object.values(nothing).filter((value) => value !== undefined)).toEqual([
    "time",
    "desc",
    nothing.columns,
  ]);
});

test("the columns of preferences stand as the address names them, all that are there at first are offered", () => {
  const shown = (columns: string) => columnsOf(columns.split(",")).map(({ id: column }) => column);
  expect(shown("time,none,rater")).toEqual(["prompt", "time", "rater"]);
  const { columns } = fromAddress(preferencesAddress, {});
  expect(shown(columns)).toEqual(["prompt", ...columns.split(",")]);
  expect(offers.map(({ id: offer }) => offer)).toEqual(expect.arrayContaining(columns.split(",")));
});
