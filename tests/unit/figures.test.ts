import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { evaluationSchema } from "@/server/evaluation/schema";
import { type Figure, figures } from "@/server/figure/schema";
import { modelSchema } from "@/server/model/schema";
import { preferenceColumns } from "@/server/review/csv";
import { dashboardSchema, preferenceRowSchema } from "@/server/review/schema";

const root = join(import.meta.dirname, "../..");
const entries: [string, Figure][] = Object.entries(figures);
const fieldsOf = (place: string) =>
  entries
    .flatMap(([, { fields }]) => fields)
    .filter((field) => field.startsWith(`${place} `))
    .map((field) => field.slice(place.length + 1))
    .sort();

/** The numbers that a procedure answers with, by path. */
function numbersIn(schema: z.core.JSONSchema.BaseSchema, path = ""): string[] {
  if ([schema.type].flat().some((type) => type === "number" || type === "integer")) return [path];
  const inner = (next: z.core.JSONSchema._JSONSchema | undefined, at: string) =>
    typeof next === "object" ? numbersIn(next, at) : [];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, next]) =>
      inner(next, path ? `${path}.${name}` : name),
    ),
    ...(Array.isArray(schema.items) || !schema.items ? [] : inner(schema.items, `${path}[]`)),
    ...(schema.anyOf ?? []).flatMap((next) => inner(next, path)),
  ];
}

it.each([
  ["review.dashboard", dashboardSchema],
  ["review.preferences", z.object({ items: z.array(preferenceRowSchema) })],
  ["evaluation.list", z.array(evaluationSchema)],
  ["model.get", modelSchema],
])("%s: each number is in the catalogue, and nothing else", (place, schema) => {
  const json = z.toJSONSchema(schema, { unrepresentable: "any", io: "output" });
  expect(numbersIn(json).sort()).toEqual(fieldsOf(place));
});

it("the file of preferences: each column that is a figure is in the catalogue; the others are what was said, by whom", () => {
  const facts = [
    ...[
      "submitted_at",
      "prompt",
      "source_a",
      "response_a",
      "source_b",
      "response_b",
      "question",
      "outcome",
      "rater",
    ],
    ...["language", "domain", "a_shown_first", "flag", "excluded", "origin"],
    ...["preference_id", "annotation_id", "task_id", "prompt_id"],
  ];
  expect(Object.keys(preferenceColumns).sort()).toEqual([...facts, ...fieldsOf("preferences.csv")].sort());
});

it.each(entries)("%s is computed by a function that says what it does", (_, { by }) => {
  const [file, name] = by.split(" ");
  expect(existsSync(join(root, file)), file).toBe(true);
  const code = readFileSync(join(root, file), "utf8");
  expect(code, `${name} in ${file}`).toMatch(
    new RegExp(`\\*/\\nexport (async )?(function\\*? |const )${name}\\b`),
  );
});

/** Numbers that have no entry yet: the list may only grow shorter. */
const BARE = [
  "projects/[projectId]/datasets/[datasetId]/dataset-detail.tsx",
  "projects/[projectId]/datasets/versions/[versionId]/version-detail.tsx",
];

it("pages show numbers beside their entry", () => {
  const pages = readdirSync(join(root, "app"), { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.tsx?$/.test(path),
  );
  const codeOf = (path: string) => readFileSync(join(root, "app", path), "utf8");
  const explained = new Set(pages.filter((path) => /<Figure(Name|Info)?\b/.test(codeOf(path))).map(dirname));
  const bare = pages.filter(
    (path) =>
      /\b(percent|shareWithInterval|interval|toFixed)\(/.test(codeOf(path)) && !explained.has(dirname(path)),
  );
  expect(bare.sort()).toEqual(BARE);
});
