import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { evolutionFault, repeatsOperator } from "../evolved";
import { askedAbout, judgedBy, withAnswer } from "./drafts";
import { Draws } from "./draws";
import {
  asked,
  beginningOf,
  type Candidate,
  candidateKeys,
  filtered,
  instructionOf,
  method,
  offered,
  textOf,
  throughAll,
  userTurn,
  withInstruction,
  writeAsk,
} from "./method";

/** What each operator does to an instruction: five go deeper, one goes aside. */
const operators = {
  constraints: "add one more constraint or requirement to it",
  deepening: "ask more deeply and broadly about what it asks for",
  concretizing: "replace general notions in it by more specific ones",
  reasoning: "if it can be solved in a few steps of thought, ask for several steps of reasoning outright",
  "complicated input":
    "add input data to it, such as a table, code, a formula or a document, that the answer has to use",
  breadth: "",
} as const;
const names = z.enum([
  "constraints",
  "deepening",
  "concretizing",
  "reasoning",
  "complicated input",
  "breadth",
]);
type Operator = z.output<typeof names>;

const options = z.strictObject({
  rounds: z.int().min(1).max(20).default(4).describe("How often each prompt is evolved, at most."),
  operators: z
    .array(names)
    .min(1)
    .default([...names.options])
    .describe("One of these is drawn each time, all with the same chance."),
  temperature: z.number().min(0).max(2).default(1).describe("Of evolutions and answers."),
  instruction_tokens: z.int().min(16).max(8192).default(512).describe("Of an evolved instruction."),
  max_tokens: z.int().min(1).max(32_000).default(2048).describe("Of an answer."),
});

/** Where a prompt stands: what it is called, and its conversation as evolved so far. */
interface Branch {
  readonly key: string;
  readonly messages: readonly Message[];
}

/**
 * Instructions that are made harder, or rarer, round by round: an operator is drawn of five in depth (10 to 20 words more)
 * and one in breadth; an evolution is dropped when it repeats the operator's words, a judge finds that it asks the same, the
 * answer declines in under 80 words or says nothing. What was dropped leaves its parent to the next round. The parents
 * make the tree.
 * Source: C. Xu et al., WizardLM, arXiv 2304.12244, section 3: 52k prompts, 4 rounds, T 1, 250k instructions.
 */
export const evolInstruct = method({
  id: "evol-instruct",
  title: "Evol-Instruct",
  says: "Makes instructions harder or rarer, round by round, and answers them.",
  use: "For hard prompts from easy ones. Watch the last rounds: a small model writes tasks that it cannot do.",
  source: "arXiv 2304.12244",
  makes: "examples",
  version: 1,
  slots: [
    { name: "writer", says: "evolves instructions and answers them", can: "chat" },
    { name: "judge", says: "says whether two instructions ask the same", can: "chat" },
  ],
  needs: ["prompts"],
  options,
  calls: ({ rounds, instruction_tokens, max_tokens }, { want, inputs: { prompts } }) => {
    const calls = Math.min(want, rounds * prompts.length);
    return [
      { slot: "writer", calls, maxTokens: instruction_tokens },
      { slot: "judge", calls, maxTokens: 8 },
      { slot: "writer", calls, maxTokens: max_tokens },
    ];
  },
  *run(settings, { inputs, want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    const branches = new Map(
      inputs.prompts.map(({ id, messages }): [string, Branch] => [id, { key: id, messages }]),
    );
    let accepted = 0;
    for (let round = 1; round <= settings.rounds && accepted < want; round++)
      accepted += yield* throughAll([...branches.keys()], { want: want - accepted, each: 1 }, (some) =>
        evolved(some, round),
      );

    function* evolved(ids: readonly string[], round: number) {
      const ask = (
        step: string,
        slot: string,
        id: string,
        messages: readonly Message[],
        temperature: number,
        maxTokens: number,
      ) => writeAsk(draws, { key: `${step}/${round}/${id}`, slot, messages }, { temperature, maxTokens });
      const begun = ids.map((id) => {
        const parent = branches.get(id);
        if (!parent) throw new Error(`${id} is no branch.`);
        const operator = draws.pick(settings.operators);
        const request = userTurn(evolution(operator, instructionOf(parent)));
        const { temperature, instruction_tokens } = settings;
        return {
          id,
          parent,
          operator,
          ask: ask("evolve", "writer", id, request, temperature, instruction_tokens),
        };
      });
      const told = yield* asked(begun.map((one) => one.ask));
      const evolutions = told.map(({ answer }) => {
        const said = textOf(answer);
        if ("fault" in said) return { text: "", fault: said.fault };
        const text = withoutHeading(said.text);
        return { text, fault: text === "" ? "empty" : null };
      });
      const drafts = evolutions.map(({ text, fault }, at): Candidate => {
        const { parent, operator, ask } = begun[at];
        const repeats = repeatsOperator(text) ? "repeats the operator's words" : null;
        return {
          ...{ key: next(), parents: [parent.key], operator, asks: [ask.key], facts: { round } },
          ...{ responses: [], pair: null, nearest: null },
          prompt: text === "" ? [] : withInstruction(parent.messages, text),
          ...filtered([
            { filter: "the evolution", why: fault },
            { filter: "the operator's words", why: repeats },
          ]),
        };
      });
      const fresh = yield* askedAbout(
        drafts,
        (_, at) => {
          const both = comparison(instructionOf(begun[at].parent), evolutions[at].text);
          return ask("equal", "judge", begun[at].id, userTurn(both), 0, 8);
        },
        (draft, { answer }) => {
          const same = sameness(beginningOf(answer));
          const fault = same ? "asks the same as its parent" : "no verdict on what it asks";
          return judgedBy(draft, { filter: "asks something new", why: same === false ? null : fault });
        },
      );
      const { temperature, max_tokens } = settings;
      const replied = yield* askedAbout(
        fresh,
        ({ prompt }, at) => ask("answer", "writer", begun[at].id, prompt, temperature, max_tokens),
        (draft, told) => {
          const instruction = instructionOf({ messages: draft.prompt });
          return withAnswer(draft, told, (reply) => evolutionFault({ instruction, reply, isEqual: false }));
        },
      );
      for (const [at, { key, prompt, dropped }] of replied.entries())
        if (dropped === null) branches.set(begun[at].id, { key, messages: prompt });
      return yield* offered(replied);
    }
  },
});

function evolution(operator: Operator, instruction: string): string {
  if (operator === "breadth")
    return `Write a new instruction, #Created Prompt#, in the manner of #Given Prompt#: of the same field, but rarer. It is about as long and as hard, can be understood and answered, and is written in the same language. Do not answer either. Write the new instruction alone, without any heading.\n\n#Given Prompt#:\n${instruction}\n\n#Created Prompt#:`;
  return `Rewrite #Given Prompt# into a somewhat harder one, #Rewritten Prompt#, that people can still understand and answer. To do so, ${operators[operator]}. Add 10 to 20 words at most, leave tables and code as they are, keep its language, and do not answer it. Write the new instruction alone, without any heading.\n\n#Given Prompt#:\n${instruction}\n\n#Rewritten Prompt#:`;
}

/** The heading that the request ends with belongs to the request, when it is repeated in front. */
const withoutHeading = (text: string) => text.replace(/^#?(?:rewritten|created) prompt#?:?\s*/iu, "").trim();

const comparison = (one: string, other: string) =>
  `Do these two instructions ask for the same, with the same requirements, as deeply and as broadly? Answer "equal" or "not equal" and nothing else.\n\nThe first:\n${one}\n\nThe second:\n${other}`;

/** What a judge says, or null where it says neither. */
function sameness(text: string): boolean | null {
  const said = /^\W*(not\s+)?equal\b/iu.exec(text);
  return said ? said[1] === undefined : null;
}
