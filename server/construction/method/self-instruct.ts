import { z } from "zod";
import type { FilterVerdict } from "../../../db/shape/construction";
import { InstructionPool, usableInstances } from "../self-instruct";
import { Draws } from "./draws";
import {
  type Answer,
  asked,
  beginningOf,
  type Candidate,
  type CompleteAsk,
  candidateKeys,
  type Given,
  instructionOf,
  method,
  offered,
  type Steps,
  textOf,
  untilDry,
  userTurn,
  type WriteAsk,
  writeAsk,
} from "./method";
import { LIKE_ANOTHER } from "./unlike";

/** A list shown from 1 is continued up to the fifteenth: the reply stops at the next number. */
const LAST = 15;
const options = z
  .strictObject({
    shown: z
      .int()
      .min(2)
      .max(LAST - 1)
      .default(8)
      .describe("Instructions shown in each request."),
    machine_made: z
      .int()
      .min(0)
      .max(20)
      .default(2)
      .describe("How many of them are machine-made, as soon as there are some."),
    ask: z
      .enum(["chat", "completion"])
      .default("chat")
      .describe(
        "How instructions and examples are asked for: completion continues raw text, as the paper does, which small models and untuned ones do better.",
      ),
    requests: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe("Requests of a batch: those do not see each other's."),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.7)
      .describe("The highest ROUGE-L to any instruction before that is let pass."),
    words: z
      .enum(["unicode", "rouge_score"])
      .default("unicode")
      .describe("How likeness counts words: rouge_score is the published filter, blind to other scripts."),
    examples: z.int().min(1).max(20).default(5).describe("Examples of an instruction, at most."),
    temperature: z.number().min(0).max(2).default(0.7).describe("Of requests for instructions."),
    top_p: z.number().gt(0).max(1).default(0.5).describe("Of requests for instructions."),
    max_tokens: z.int().min(16).max(8192).default(1024).describe("Of requests for instructions."),
    example_tokens: z.int().min(16).max(8192).default(350).describe("Of the reply with the examples."),
  })
  .refine(({ shown, machine_made }) => machine_made < shown, {
    path: ["machine_made"],
    error: "some of the instructions shown are people's: write a number below shown",
  });
type Options = z.output<typeof options>;

/**
 * Instructions from instructions, and then examples of each. A request shows 8, of which 2 are machine-made once there are
 * any, in shuffled order, and is drawn at T 0.7, top_p 0.5 (the authors' presence penalty of 2 is left out, which few
 * endpoints take); a reply cut by its length is dropped whole. An instruction stays when its form is right and no ROUGE-L to
 * those before is above 0.7; then it is asked whether it is a classification (the label first, else inputs sway to one
 * label) and for examples, at T 0. Texts keep the case they were written in, where the authors lower it.
 * Source: Y. Wang et al., arXiv 2212.10560, section 2 and the authors' code: 175 seeds, 52,445 instructions, 82,439 examples.
 */
export const selfInstruct = method({
  id: "self-instruct",
  title: "Self-Instruct",
  says: "Makes new instructions from a few written by people, with examples of each.",
  use: "For variety from few seeds. The model's answers are as good as the model: look at a share of them, by language.",
  source: "arXiv 2212.10560",
  makes: "examples",
  version: 1,
  slots: [
    { name: "writer", says: "says what a classification is, and by chat writes all else", can: "chat" },
    { name: "continuer", says: "continues lists of instructions, and examples", can: "completion" },
  ],
  unused: ({ ask }) => (ask === "chat" ? ["continuer"] : []),
  needs: ["prompts"],
  options,
  calls({ ask, shown, max_tokens, example_tokens }, { want }) {
    const slot = ask === "chat" ? "writer" : "continuer";
    return [
      { slot, calls: Math.ceil(want / Math.max(1, LAST - shown)), maxTokens: max_tokens },
      { slot: "writer", calls: want, maxTokens: 8 },
      { slot, calls: want, maxTokens: example_tokens },
    ];
  },
  run,
});

interface Known {
  readonly key: string;
  readonly text: string;
}

function* run(settings: Options, { inputs, want, seed }: Given): Steps {
  const draws = new Draws(seed);
  const pool = new InstructionPool({ tokenizer: settings.words, threshold: settings.threshold });
  const seeds = inputs.prompts.map((prompt): Known => ({ key: prompt.id, text: instructionOf(prompt) }));
  for (const { text } of seeds) pool.add(text);
  const made: Known[] = [];
  /** Whose texts the pool holds, by place. */
  const keys = seeds.map(({ key }) => key);
  const next = candidateKeys();
  yield* untilDry(want, function* (batch) {
    const shown = new Map<WriteAsk | CompleteAsk, Known[]>();
    for (let request = 1; request <= settings.requests; request++) {
      const machine = draws.sample(made, settings.machine_made);
      const list = draws.shuffled([...machine, ...draws.sample(seeds, settings.shown - machine.length)]);
      shown.set(generating(settings, `generate/${batch}.${request}`, list, draws), list);
    }
    const tasks: Task[] = [];
    const dropped: Candidate[] = [];
    for (const { ask, answer } of yield* asked([...shown.keys()])) {
      const parents = shown.get(ask)?.map(({ key }) => key) ?? [];
      const read = instructionsIn(answer, ask.kind === "complete" ? `${settings.shown + 1}. ` : "");
      const made = { parents, operator: "generate", responses: [], pair: null, asks: [ask.key], facts: {} };
      if ("fault" in read) {
        const verdicts = [{ filter: "reply", keeps: false, figure: null }];
        dropped.push({ ...made, key: next(), prompt: [], verdicts, dropped: read.fault, nearest: null });
        continue;
      }
      for (const text of read.instructions) {
        const { drop, nearest } = pool.offer(text);
        const likest = nearest[0] ? { of: keys[nearest[0].of], figure: nearest[0].f } : null;
        const isFormal = drop === null || drop === LIKE_ANOTHER;
        const verdicts: FilterVerdict[] = [
          { filter: "form", keeps: isFormal, figure: null },
          ...(isFormal ? [{ filter: "ROUGE-L", keeps: drop === null, figure: likest?.figure ?? 0 }] : []),
        ];
        const key = next();
        if (drop === null) {
          keys.push(key);
          tasks.push({ key, text, parents, asks: [ask.key], verdicts, nearest: likest });
        } else
          dropped.push({ ...made, key, prompt: userTurn(text), verdicts, dropped: drop, nearest: likest });
      }
    }
    yield* offered(dropped);
    const accepted = yield* offered(yield* examples(settings, tasks, draws, next));
    made.push(...tasks);
    return accepted;
  });
}

/** An instruction that stays, whose first example has its key. */
interface Task extends Known, Pick<Candidate, "parents" | "asks" | "verdicts" | "nearest"> {}

function* examples(settings: Options, tasks: readonly Task[], draws: Draws, next: () => string) {
  const write = (step: string, { key }: Task, content: string, maxTokens: number) =>
    writeAsk(
      draws,
      { key: `${step}/${key.slice(1)}`, slot: "writer", messages: userTurn(content) },
      { temperature: 0, maxTokens },
    );
  const classes = yield* asked(tasks.map((task) => write("class", task, isClassQuestion(task.text), 8)));
  const kinds = classes.map(({ ask, answer }) => {
    return { asks: [ask.key], isClass: /^yes\b/i.test(beginningOf(answer)) };
  });
  const asks = tasks.map((task, at): WriteAsk | CompleteAsk => {
    const { isClass } = kinds[at];
    if (settings.ask === "completion")
      return {
        ...{ kind: "complete", key: `examples/${task.key.slice(1)}`, slot: "continuer", at: 0 },
        prompt: `${(isClass ? labelledShots : workedShots)(task.text)}${begunBy(isClass)}`,
        sampling: {
          temperature: 0,
          maxTokens: settings.example_tokens,
          stop: ["\n\nTask"],
          seed: draws.seed(),
        },
      };
    const content = (isClass ? labelsFirst : inputsFirst)(task.text, settings.examples);
    return write("examples", task, content, settings.example_tokens);
  });
  return (yield* asked(asks)).flatMap(({ ask, answer }, at): Candidate[] => {
    const { key, text, parents, verdicts, nearest } = tasks[at];
    const { asks, isClass } = kinds[at];
    const all = {
      ...{ parents, operator: isClass ? "label first" : "input first", pair: null, nearest },
      asks: [...tasks[at].asks, ...asks, ask.key],
      facts: { classification: isClass },
    };
    const found = examplesIn(answer, isClass, settings.ask === "completion" ? begunBy(isClass) : "");
    if (found.length === 0) {
      const none = { filter: "examples", keeps: false, figure: 0 };
      return [
        {
          ...{ ...all, key, prompt: userTurn(text), responses: [], verdicts: [...verdicts, none] },
          dropped: "no example",
        },
      ];
    }
    const usable = new Set(usableInstances(found, settings.examples));
    return found.map((example, place) => ({
      ...{ ...all, key: place === 0 ? key : next() },
      prompt: userTurn(example.input === "" ? text : `${text}\n\n${example.input}`),
      responses: [{ text: example.output, by: { slot: ask.slot, at: 0 }, score: null }],
      verdicts: [...verdicts, { filter: "examples", keeps: usable.has(example), figure: usable.size }],
      dropped: usable.has(example) ? null : "no usable example",
    }));
  });
}

/** How a completion is begun for the model. */
const begunBy = (isClass: boolean) => (isClass ? "Class label:" : "Example 1\n");

const workedShots = (instruction: string) =>
  `Task: Correct the mistakes in the sentence.\nExample 1\nInput: He go to school every days.\nOutput: He goes to school every day.\nExample 2\nInput: Them is my friends.\nOutput: They are my friends.\n\nTask: Name a fruit that is red, and say when it is ripe.\nExample 1\nOutput: Strawberries are red; they are ripe in early summer.\n\nTask: ${instruction}\n`;

const labelledShots = (instruction: string) =>
  `Task: Say whether the guest liked the meal: yes or no.\nClass label: yes\nInput: We would come back for the soup alone.\nClass label: no\nInput: We waited for an hour, and it was cold.\n\nTask: ${instruction}\n`;

function generating(
  settings: Options,
  key: string,
  list: readonly Known[],
  draws: Draws,
): WriteAsk | CompleteAsk {
  const { temperature, top_p: topP, max_tokens: maxTokens } = settings;
  const lines = list.map(
    ({ text }, at) => `${at + 1}. ${text.replace(/\s+/gu, " ").trim().replace(/:+$/, "")}`,
  );
  const stop = [`\n${LAST + 1}.`, `\n${LAST + 1} .`];
  if (settings.ask === "completion")
    return {
      ...{ kind: "complete", key, slot: "continuer", at: 0 },
      prompt: `Here is a list of different tasks:\n${lines.join("\n")}\n${lines.length + 1}.`,
      sampling: { temperature, topP, maxTokens, stop: ["\n\n", ...stop], seed: draws.seed() },
    };
  const messages = userTurn(
    `Here is the beginning of a list of tasks:\n${lines.join("\n")}\n\nCarry the list on with new and different tasks, numbered from ${lines.length + 1} to ${LAST}. Write the list only, one task a line.`,
  );
  return writeAsk(draws, { key, slot: "writer", messages }, { temperature, topP, maxTokens, stop });
}

/**
 * The items of a numbered list, one paragraph each; what stands before its first number and after a blank line is talk.
 * @param before what stood before the reply and belongs to it
 */
function instructionsIn(
  answer: Answer,
  before: string,
): { readonly instructions: string[] } | { readonly fault: string } {
  const said = textOf(answer);
  if ("fault" in said) return said;
  const [, ...items] = `\n${before}${said.text}`.split(/\n\s*\d+\s?[.)](?=\s)/u);
  const instructions = items
    .map((item) =>
      item
        .trim()
        .split(/\n\s*\n/u)[0]
        .replace(/\s+/gu, " ")
        .trim(),
    )
    .filter((item) => item !== "");
  return instructions.length === 0 ? { fault: "no numbered list" } : { instructions };
}

const isClassQuestion = (instruction: string) =>
  `Task: ${instruction}\n\nIs this a classification task, one whose output is a label from a small, fixed set? Answer yes or no.`;

const inputsFirst = (instruction: string, most: number) =>
  `Write up to ${most} examples for the task below, each in this form:\nExample 1\nInput: what is given\nOutput: the right answer\nLeave the input empty where the task needs none; one example is then enough.\n\nTask: ${instruction}`;

const labelsFirst = (instruction: string, most: number) =>
  `The task below is a classification. Write up to ${most} examples for it, of different labels, each in this form:\nClass label: the label\nInput: an input that has this label\n\nTask: ${instruction}`;

/**
 * The examples of a reply, as the authors read them: by "Example 1" and "Output:", or by "Class label:" with the input on
 * the lines after. Of a reply that was cut the last one is left out.
 * @param before what stood before the reply and belongs to it
 */
function examplesIn(answer: Answer, isClass: boolean, before: string): { input: string; output: string }[] {
  if (!("reply" in answer)) return [];
  const { text, finishReason } = answer.reply;
  if (finishReason !== "stop" && finishReason !== "length") return [];
  const whole = before + text;
  const found = isClass ? labelled(whole) : worked(whole.trim());
  return finishReason === "length" ? found.slice(0, -1) : found;
}

function labelled(text: string) {
  const [, ...parts] = text.split("Class label:");
  return parts.map((part) => {
    const [label, ...lines] = part.trim().split("\n");
    return { input: withoutName(lines.join("\n")), output: label.trim() };
  });
}

function worked(text: string) {
  const heading = /Example\s?\d+\.?:?/;
  if (!heading.test(text) && !/Output\s*\d*\s*:/.test(text)) return [];
  const parts = heading.test(text) ? text.split(heading).slice(1) : [text];
  return parts
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [before, ...after] = part.split(/Output\s*\d*\s*:/);
      // Without the word all of it is the output.
      const [input, output] = after.length > 0 ? [before, after[0]] : ["", part];
      return { input: withoutName(input), output: output.split(/Input\s*\d*\s*:/)[0].trim() };
    });
}

const withoutName = (input: string) =>
  input
    .trim()
    .replace(/^Input\s*\d*\s*:/, "")
    .trim();
