import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { newQuestion } from "@/app/components/form-editor/new-question";
import { answerProblems } from "@/server/form/answers";
import { formSchema, questionTypes } from "@/server/form/schema";

const root = resolve(import.meta.dirname, "../..");
/** The files of a type, and the index beside each. */
const homes = ["server/form/kind/", "app/components/question/"];

test("a type of question is four files: nothing else asks which type it has", () => {
  const comparison = new RegExp(`(?:[!=]==|\\bcase)\\s*["'\`](?:${questionTypes.join("|")})["'\`]`);
  const ofForms = /from ["'][^"']*(?:\/form\/|components\/question|\/desk\/|\.\.\/question)/;
  const switches = ["app", "server", "db", "workers"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .map((path) => join(folder, path))
      .filter((path) => /\.tsx?$/.test(path) && !homes.some((home) => path.startsWith(home)))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), "utf8");
        if (!ofForms.test(text)) return [];
        return text.split("\n").flatMap((line) => (comparison.test(line) ? [`${path}: ${line.trim()}`] : []));
      }),
  );
  expect(switches).toEqual([]);
  for (const home of homes)
    for (const type of questionTypes) {
      const files = readdirSync(join(root, home)).filter((name) => name.startsWith(`${type}.`));
      expect(files).toHaveLength(1);
    }
});

test("a new question of each type can be saved as it is, and says so itself when it is not answered", () => {
  for (const type of questionTypes) {
    const question = newQuestion(type, []);
    expect(formSchema.parse([question])).toEqual([question]);
    expect(newQuestion(type, [question]).id).toBe(`${type}_2`);
    const problems = answerProblems([{ ...question, required: true }], 2, {});
    expect(problems).toEqual([{ question: type, message: `${question.label}: An answer is required.` }]);
  }
});
