import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { datasetManifestSchema } from "@/db/shape/dataset";
import { benchmarkSchema } from "@/server/benchmark/schema";
import {
  controlSchema,
  fragilitySchema,
  leaderboardSchema,
  planSchema,
  stopSchema,
} from "@/server/conclusion/schema";
import { datasetVersionSchema, versionDiffSchema } from "@/server/dataset/schema";
import { endpointSchema, usageSchema } from "@/server/endpoint/schema";
import { disagreementSchema, evaluationSchema } from "@/server/evaluation/schema";
import type { Figure } from "@/server/figure/figure";
import { figures } from "@/server/figure/schema";
import { goldRaterSchema, goldRowSchema } from "@/server/gold/schema";
import { judgeCardSchema } from "@/server/judge/card-schema";
import { assemblyPlanSchema } from "@/server/judge/schema";
import { lineageSchema, modelSchema } from "@/server/model/schema";
import { projectSummarySchema } from "@/server/project/schema";
import { qualitySchema } from "@/server/quality/schema";
import { redTeamResultsSchema, refusalsSchema } from "@/server/red-team/schema";
import { preferenceColumns } from "@/server/review/csv";
import { dashboardSchema, preferenceRowSchema } from "@/server/review/schema";
import { runRowSchema } from "@/server/run/schema";
import { curvesSchema } from "@/server/training/schema";

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
    ...(schema.prefixItems ?? []).flatMap((next) => inner(next, `${path}[]`)),
    ...inner(schema.additionalProperties, `${path}.*`),
    ...(schema.anyOf ?? []).flatMap((next) => inner(next, path)),
  ];
}

it.each([
  ["review.dashboard", dashboardSchema],
  ["review.preferences", z.object({ items: z.array(preferenceRowSchema) })],
  ["quality.show", qualitySchema],
  ["gold.raters", z.array(goldRaterSchema)],
  // What an item's answer is, and how far a rating may be from it, was stated.
  ["gold.list", z.array(goldRowSchema.pick({ given: true, answered: true, right: true }))],
  ["evaluation.list", z.array(evaluationSchema)],
  // What was asked is stated.
  ["benchmark.list", z.array(benchmarkSchema.omit({ asked: true }))],
  ["model.get", modelSchema],
  ["model.lineage", lineageSchema.pick({ version: true, raters: true })],
  ["evaluation.disagreements", z.array(disagreementSchema)],
  // What a recipe sets is no figure.
  ["dataset.version", datasetVersionSchema.pick({ rows: true, manifest: true })],
  ["dataset.count", z.object({ rows: datasetManifestSchema.shape.rows.nullable() })],
  ["dataset.diff", versionDiffSchema],
  ["training.curves", curvesSchema],
  // Options are what a person set.
  ["run.table", z.object({ rows: z.array(runRowSchema.pick({ metrics: true })) })],
  // Prices and limits are what a person set.
  ["endpoint.list", z.array(endpointSchema.pick({ spent: true }))],
  ["endpoint.usage", z.array(usageSchema)],
  ["conclusion.leaderboard", leaderboardSchema],
  ["conclusion.control", controlSchema],
  ["conclusion.fragility", fragilitySchema],
  ["conclusion.plan", planSchema],
  // The number of a version is its name, also of the one before.
  [
    "judge.card",
    judgeCardSchema.omit({ version: true }).extend({
      before: judgeCardSchema.shape.before.unwrap().omit({ version: true }),
      members: z.array(judgeCardSchema.shape.members.element.omit({ version: true })),
    }),
  ],
  [
    "judge.planAssembly",
    assemblyPlanSchema.extend({
      members: z.array(assemblyPlanSchema.shape.members.element.omit({ version: true })),
    }),
  ],
  ["redTeam.results", redTeamResultsSchema],
  ["redTeam.refusals", refusalsSchema],
  // What a rule says is none.
  ["conclusion.stops", z.array(stopSchema.omit({ rule: true, earlier: true }))],
  // Settings of a project are none either.
  ["project.list", z.object({ items: z.array(projectSummarySchema.pick({ seats: true })) })],
])("%s: each number is in the catalogue, and nothing else", (place, schema) => {
  const json = z.toJSONSchema(schema, { unrepresentable: "any", io: "output" });
  // The number of a version is its name.
  const numbers = new Set(
    numbersIn(json).filter((path) => !/\bversion\.version$|^previousVersion$/.test(path)),
  );
  expect([...numbers].sort()).toEqual(fieldsOf(place));
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
    new RegExp(`\\*/\\nexport (async )?(function\\*? |const |class )${name}\\b`),
  );
});

/** Places that show numbers of an entry that stands in the page around them. */
const WITHIN: Record<string, string> = {
  "components/charts/curve.tsx": "components/training/curves.tsx",
  "projects/[projectId]/data/words.ts": "projects/[projectId]/data/data-runs.tsx",
  "projects/[projectId]/loop/standing.ts": "projects/[projectId]/loop/blind-result.tsx",
  "projects/[projectId]/models/benchmark-text.ts": "projects/[projectId]/models/scorecard/scorecard.tsx",
  "projects/[projectId]/models/accuracy.ts": "projects/[projectId]/models/models.tsx",
  "projects/[projectId]/people/person-row.tsx": "projects/[projectId]/people/people.tsx",
};
/** Lengths and percentages of a layout. */
const NO_FIGURES = ["components/table/data-table.tsx", "components/units.ts"];

const pages = readdirSync(join(root, "app"), { recursive: true, encoding: "utf8" }).filter((path) =>
  /\.tsx?$/.test(path),
);
const codeOf = (path: string) => readFileSync(join(root, "app", path), "utf8");

it("pages show numbers beside their entry, in the same file or in the one that is named", () => {
  // In the table itself, or in the head of its column.
  const isExplained = (path: string) => /<Figure(Name|Info)?\b|\bfigure: "/.test(codeOf(path));
  const bare = pages.filter(
    (path) =>
      /\b(percent|shareWithInterval|shareText|interval|toFixed|toPrecision)\(/.test(codeOf(path)) &&
      !isExplained(path) &&
      !NO_FIGURES.includes(path) &&
      !(
        WITHIN[path] &&
        isExplained(WITHIN[path]) &&
        codeOf(WITHIN[path]).includes(basename(path).split(".")[0])
      ),
  );
  expect(bare).toEqual([]);
});

/** Programs and files have these. A page has the first within the agreement, "2 of 3", and of the last what an export leaves out. */
const UNSHOWN = ["pairVotes", "selectionProbability", "rowForms"];

it("each entry of a number on a page stands on one", () => {
  const elsewhere = /^(metrics|preferences\.csv|dataset-card|model-card|report) /;
  const onPages = entries.filter(([, { fields }]) => fields.some((field) => !elsewhere.test(field)));
  const all = pages.map(codeOf).join("\n");
  const unseen = onPages.filter(([id]) => !new RegExp(`\\b(id|figure)(=|: )"${id}"`).test(all));
  expect(unseen.map(([id]) => id)).toEqual(UNSHOWN);
});

it("what Prometheus reads is in the catalogue, and nothing else", async () => {
  const code = readFileSync(join(root, "server/metrics.ts"), "utf8");
  const names = [...code.matchAll(/name: "(\w+)"/g)].map(([, name]) => name);
  expect(names.sort()).toEqual(fieldsOf("metrics"));
});

it("cards: each line of a table is a figure of the catalogue or a plain fact", () => {
  const dataset = readFileSync(join(root, "server/dataset/card.ts"), "utf8");
  const model = readFileSync(join(root, "workers/training/model-card.ts"), "utf8");
  const named = (code: string) => [...code.matchAll(/\b(?:figure: |share\()"(\w+)"/g)].map(([, id]) => id);
  for (const [place, code] of [
    ["dataset-card", dataset],
    ["model-card", model],
  ] as const) {
    const listed = entries.filter(([, { fields }]) => fields.some((field) => field.startsWith(`${place} `)));
    expect([...new Set(named(code))].sort(), place).toEqual(listed.map(([id]) => id).sort());
    // What is neither is said in words: no figure goes by without its entry.
    expect(code.match(/toFixed\(|wilsonInterval\(/g), place).toBeNull();
  }
});
