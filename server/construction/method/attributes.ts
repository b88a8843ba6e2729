import { z } from "zod";
import { answered, drafted, heldAgainst } from "./drafts";
import { Draws } from "./draws";
import {
  asked,
  candidateKeys,
  method,
  offered,
  textOf,
  throughAll,
  userTurn,
  type WriteAsk,
  writeAsk,
} from "./method";
import { Unlike } from "./unlike";

const text = z.string().trim().min(1);
const axis = z.strictObject({
  name: text,
  values: z.array(z.strictObject({ value: text, weight: z.number().gt(0).default(1) })).min(1),
});
const even = (name: string, ...values: string[]) => ({
  name,
  values: values.map((value) => ({ value, weight: 1 })),
});

/** Cells that are drawn from, at most. */
const MOST = 100_000;

const options = z
  .strictObject({
    axes: z
      .array(axis)
      .min(1)
      .max(12)
      .default([
        even(
          "kind of task",
          "explain",
          "compare",
          "summarise a text that is given",
          "write",
          "plan",
          "find the mistake",
        ),
        even("reader", "a child of ten", "a layperson", "a student", "an expert"),
        even("length of the answer", "a sentence", "a paragraph", "a page"),
      ])
      .describe("What prompts differ by: each axis with its values and how often each is wanted."),
    request: text
      .default("Write one prompt that a user might send to an assistant, with these attributes.")
      .describe("What the model is asked for; the attributes follow it."),
    each: z.int().min(1).max(100).default(1).describe("Prompts of a cell, which is one value of each axis."),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.7)
      .describe("The highest ROUGE-L to any prompt before that is let pass."),
    temperature: z.number().min(0).max(2).default(1).describe("Of prompts and answers."),
    prompt_tokens: z.int().min(8).max(8192).default(512).describe("Of a prompt."),
    max_tokens: z.int().min(1).max(32_000).default(1024).describe("Of an answer."),
  })
  .refine(({ axes }) => cellsOf(axes) <= MOST, {
    path: ["axes"],
    error: `their values make more than ${MOST} cells; leave some out`,
  })
  .refine(({ axes }) => new Set(axes.map(({ name }) => name)).size === axes.length, {
    path: ["axes"],
    error: "two have one name",
  });
type Axes = z.output<typeof axis>[];

function cellsOf(axes: readonly { readonly values: readonly unknown[] }[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/**
 * Prompts by a grid of attributes, so that their variety is planned and its coverage can be shown: cells are drawn by the
 * product of their values' weights, none twice; each prompt has its cell beside it.
 * Sources: Y. Yu et al., AttrPrompt, arXiv 2306.15895. Drawing without replacement: P. Efraimidis and P. Spirakis,
 * Information Processing Letters 97 (2006).
 */
export const attributes = method({
  id: "attributes",
  title: "Attribute grid",
  says: "Makes prompts for combinations of attributes, such as subject, reader and length, and answers them.",
  use: "For planned variety, and for filling gaps. Look at coverage by cell: models write some cells alike whatever is asked.",
  source: "arXiv 2306.15895",
  makes: "examples",
  version: 1,
  slots: [{ name: "writer", says: "writes prompts and answers them", can: "chat" }],
  needs: [],
  options,
  calls({ axes, each, prompt_tokens, max_tokens }, { want }) {
    const calls = Math.min(want, each * cellsOf(axes));
    return [prompt_tokens, max_tokens].map((maxTokens) => ({ slot: "writer", calls, maxTokens }));
  },
  *run(settings, { want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    const before = new Unlike(settings.threshold);
    const cells = drawn(settings.axes, draws).flatMap((cell) =>
      Array.from({ length: settings.each }, (_, at) => ({ cell, at })),
    );
    const write = (key: string, messages: WriteAsk["messages"], maxTokens: number) =>
      writeAsk(draws, { key, slot: "writer", messages }, { temperature: settings.temperature, maxTokens });
    yield* throughAll(cells, { want, each: 1 }, function* (some) {
      const values = some.map(({ cell }) => valuesOf(settings.axes, cell));
      const told = yield* asked(
        some.map(({ cell, at }, place) => {
          const lines = Object.entries(values[place]).map(([name, value]) => `- ${name}: ${value}`);
          const content = `${settings.request}\n\n${lines.join("\n")}\n\nWrite the prompt alone, without a heading and without its answer.`;
          return write(`prompt/${cell}.${at}`, userTurn(content), settings.prompt_tokens);
        }),
      );
      const drafts = told.map(({ ask, answer }, place) => {
        const begun = {
          key: next(),
          parents: [],
          operator: "attributes",
          asks: [ask.key],
          facts: values[place],
        };
        return heldAgainst(drafted(begun, textOf(answer)), before);
      });
      return yield* offered(
        yield* answered(drafts, (key, messages) => write(key, messages, settings.max_tokens)),
      );
    });
  },
});

/** All cells in the order in which they are drawn: each by its weight among those that are left. */
function drawn(axes: Axes, draws: Draws): number[] {
  const times = Array.from({ length: cellsOf(axes) }, (_, cell) => {
    const weight = placesOf(axes, cell).reduce(
      (product, place, at) => product * axes[at].values[place].weight,
      1,
    );
    return draws.waiting(weight);
  });
  return [...times.keys()].sort((one, other) => times[one] - times[other] || one - other);
}

/** A cell's place on each axis; the last axis counts fastest. */
function placesOf(axes: Axes, cell: number): number[] {
  let left = cell;
  return axes
    .toReversed()
    .map(({ values }) => {
      const place = left % values.length;
      left = Math.floor(left / values.length);
      return place;
    })
    .toReversed();
}

const valuesOf = (axes: Axes, cell: number): Record<string, string> =>
  Object.fromEntries(placesOf(axes, cell).map((place, at) => [axes[at].name, axes[at].values[place].value]));
