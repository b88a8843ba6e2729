import { expect, it } from "vitest";
import { categoryOf, hazardIn, hazardName, hazards, taxonomyIds, taxonomyOf, toldIn } from "@/db/shape/harm";

it("each taxonomy has as many categories as its source, each known by its code and its name", () => {
  expect(taxonomyIds.map((id) => taxonomyOf[id].categories.length)).toEqual([14, 12, 14, 19, 13, 18]);
  for (const id of taxonomyIds)
    for (const category of taxonomyOf[id].categories) {
      expect(categoryOf(id, category.code)).toBe(category);
      expect(categoryOf(id, category.name.toUpperCase())).toBe(category);
    }
});

it("every mapping onto several hazards, or none, says what it loses", () => {
  for (const id of taxonomyIds)
    for (const { code, hazards: covered, loses } of taxonomyOf[id].categories)
      if (covered.length !== 1) expect([id, code, loses]).toEqual([id, code, expect.any(String)]);
});

it("a hazard is told in the words of another taxonomy, with what that adds", () => {
  expect(hazardName("S7")).toBe("Privacy");
  expect(hazardIn("S7", "openai_moderation")).toEqual([]);
  expect(hazardIn("S7", "beavertails")).toEqual([
    { code: "privacy_violation", name: "privacy violation", loses: null },
  ]);
  expect(hazardIn("S4", "beavertails")).toEqual([
    {
      code: "child_abuse",
      name: "child abuse",
      loses: "It covers S1, too. Whether it is sexual is not told.",
    },
  ]);
  // Only what no other taxonomy has stays without a word everywhere.
  const wordless = hazards.filter((hazard) =>
    taxonomyIds.every((id) => id === "mlcommons" || hazardIn(hazard, id).length === 0),
  );
  expect(wordless).toEqual(["other"]);
});

it("a category goes from one taxonomy to another by way of the hazards, and says what is lost on the way", () => {
  expect(toldIn("pku_saferlhf", "Privacy Violation", "beavertails")).toEqual([
    { code: "privacy_violation", name: "privacy violation", loses: null },
  ]);
  expect(toldIn("pku_saferlhf", "Mental Manipulation", "beavertails")).toEqual([]);
  expect(toldIn("beavertails", "child_abuse", "openai_moderation").map(({ code }) => code)).toContain(
    "sexual/minors",
  );
  for (const { loses } of toldIn("beavertails", "child_abuse", "openai_moderation"))
    expect(loses).toContain("Which of these it is is not told.");
  expect(toldIn("beavertails", "no such harm", "mlcommons")).toEqual([]);
});
