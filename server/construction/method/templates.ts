import { z } from "zod";
import { groupBy } from "../../group";
import { InputError } from "../../statistics/estimate";
import { Draws } from "./draws";
import {
  type Candidate,
  candidateKeys,
  filtered,
  type Given,
  type InputPrompt,
  instructionOf,
  method,
  offered,
  type Steps,
  throughAll,
  userTurn,
} from "./method";

const text = z.string().trim().min(1);
const rendered = text.refine((template) => !/\{%|\{#/.test(template), {
  error: "only {{ field }} is filled in; write the template without {% and {#",
});

const options = z.strictObject({
  templates: z
    .array(z.strictObject({ name: text, prompt: rendered, response: rendered }))
    .min(1)
    .max(200)
    .default([{ name: "as it is", prompt: "{{ prompt }}", response: "{{ response }}" }])
    .describe(
      "Ways to put a row into words, with {{ field }} for its fields, {{ prompt }} and {{ response }}. Ten or more, some of which ask for what others give.",
    ),
  each: z.int().min(1).max(50).default(1).describe("Templates drawn for each row, none twice."),
  task: z.string().default("task").describe("The field that says which task a row is of."),
  cap: z.int().min(1).default(30_000).describe("Rows of a task, at most; which ones is drawn."),
  split: z.string().default("split").describe("The field that says which split a row is of."),
  barred: z.array(text).default(["test"]).describe("Splits that no training data is made of."),
  cluster: z.string().default("cluster").describe("The field that says which cluster of tasks a row is of."),
  held_out: z.array(text).default([]).describe("Clusters that are kept for evaluation, whole."),
});
type Options = z.output<typeof options>;

/**
 * Benchmarks as instructions: each row is put into words by templates drawn for it. Test splits are barred, whole clusters
 * of tasks can be held out, and a task gives 30,000 rows at most, drawn by the seed. No model is asked.
 * Sources: J. Wei et al., FLAN, arXiv 2109.01652 (10 templates a task, some turned round; clusters held out; 30,000);
 * V. Sanh et al., T0, arXiv 2110.08207.
 */
export const templates = method({
  id: "templates",
  title: "Benchmarks by template",
  says: "Puts rows that have an answer into the words of instructions, by templates.",
  use: "For tasks with known answers. Hold out whole clusters: what is trained on tells nothing when it is measured.",
  source: "arXiv 2109.01652, 2110.08207",
  makes: "examples",
  version: 1,
  slots: [],
  needs: ["prompts"],
  options,
  calls: () => [],
  run(settings, given) {
    for (const { name, prompt, response } of settings.templates)
      for (const field of fieldsIn(`${prompt}\n${response}`))
        if (given.inputs.prompts.every((row) => saidAt(row, field) === null))
          throw new InputError(
            `Benchmarks by template: the template ${name} speaks of {{ ${field} }}, which no row has; correct its name.`,
          );
    return made(settings, given);
  },
});

function* made(settings: Options, { inputs: { prompts }, want, seed }: Given): Steps {
  const draws = new Draws(seed);
  const next = candidateKeys();
  const within = new Set(
    [...groupBy(prompts, (row) => saidAt(row, settings.task)).values()].flatMap((rows) =>
      rows.length > settings.cap ? draws.sample(rows, settings.cap) : rows,
    ),
  );
  yield* throughAll(prompts, { want, each: settings.each }, function* (some) {
    return yield* offered(
      some.flatMap((row) =>
        draws.sample(settings.templates, settings.each).map((template): Candidate => {
          const isBarred = settings.barred.includes(saidAt(row, settings.split) ?? "");
          const isHeldOut = settings.held_out.includes(saidAt(row, settings.cluster) ?? "");
          const prompt = filled(template.prompt, row);
          const response = filled(template.response, row);
          const isWhole = prompt !== null && response !== null;
          return {
            ...{
              key: next(),
              parents: [row.id],
              operator: template.name,
              asks: [],
              pair: null,
              nearest: null,
            },
            prompt: prompt === null ? [] : userTurn(prompt),
            responses: response === null ? [] : [{ text: response, by: null, score: null }],
            ...filtered([
              { filter: "split", why: isBarred ? "of a barred split" : null },
              { filter: "cluster", why: isHeldOut ? "of a cluster that is held out" : null },
              { filter: "cap of its task", why: within.has(row) ? null : "its task has enough" },
              { filter: "fields", why: isWhole ? null : "a field is missing" },
            ]),
            facts: {},
          };
        }),
      ),
    );
  });
}

const place = /\{\{\s*([^{}]*?)\s*\}\}/g;

const fieldsIn = (template: string): string[] => [...template.matchAll(place)].map(([, field]) => field);

/** What a row has at a field; null where it has nothing. */
function saidAt(row: InputPrompt, field: string): string | null {
  if (Object.hasOwn(row.fields, field)) return row.fields[field].trim() || null;
  if (field === "prompt") return instructionOf(row).trim() || null;
  return field === "response" ? row.response?.trim() || null : null;
}

/** The template with the row's fields, which are put in as they are; null where one is missing. */
function filled(template: string, row: InputPrompt): string | null {
  const isWhole = fieldsIn(template).every((field) => saidAt(row, field) !== null);
  return isWhole ? template.replace(place, (_, field: string) => saidAt(row, field) ?? "") : null;
}
