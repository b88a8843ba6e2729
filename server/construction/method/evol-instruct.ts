import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { evolutionFault, repeatsOperator } from "../evolved";
import { Draws } from "./draws";
import {
  asked,
  beginningOf,
  type Candidate,
  candidateKeys,
  type FilterVerdict,
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
      const evolutions = (yield* asked(begun.map((one) => one.ask))).map(({ ask, answer }, at) => {
        const said = textOf(answer);
        const text = "text" in said ? withoutHeading(said.text) : "";
        const fault = "fault" in said ? said.fault : text === "" ? "empty" : null;
        return {
          ...{
            ...begun[at],
            text,
            asks: [ask.key],
            dropped: fault ?? (repeatsOperator(text) ? "repeats the operator's words" : null),
          },
          verdicts: verdictsOf({
            "the evolution": fault === null,
            "the operator's words": !repeatsOperator(text),
          }),
        };
      });
      const judged = evolutions.filter(({ dropped }) => dropped === null);
      const equal = yield* asked(
        judged.map(({ id, parent, text }) =>
          ask("equal", "judge", id, userTurn(comparison(instructionOf(parent), text)), 0, 8),
        ),
      );
      const sames = new Map(
        judged.map(({ id }, at) => [
          id,
          { key: equal[at].ask.key, same: sameness(beginningOf(equal[at].answer)) },
        ]),
      );
      const fresh = judged.filter(({ id }) => sames.get(id)?.same === false);
      const replies = yield* asked(
        fresh.map(({ id, parent, text }) =>
          ask(
            "answer",
            "writer",
            id,
            withInstruction(parent.messages, text),
            settings.temperature,
            settings.max_tokens,
          ),
        ),
      );
      const answers = new Map(fresh.map(({ id }, at) => [id, replies[at]]));
      return yield* offered(
        evolutions.map((one): Candidate => {
          const key = next();
          const prompt = one.text === "" ? [] : withInstruction(one.parent.messages, one.text);
          const all = {
            ...{ key, parents: [one.parent.key], operator: one.operator, prompt, pair: null, nearest: null },
            facts: { round },
          };
          if (one.dropped !== null)
            return { ...all, responses: [], asks: one.asks, verdicts: one.verdicts, dropped: one.dropped };
          const same = sames.get(one.id);
          const told = answers.get(one.id);
          const isNew = { filter: "asks something new", keeps: same?.same === false, figure: null };
          const asks = [...one.asks, ...(same ? [same.key] : []), ...(told ? [told.ask.key] : [])];
          if (!told)
            return {
              ...{ ...all, responses: [], asks, verdicts: [...one.verdicts, isNew] },
              dropped: same?.same ? "asks the same as its parent" : "no verdict on what it asks",
            };
          const said = textOf(told.answer);
          const fault =
            "fault" in said
              ? said.fault
              : evolutionFault({ instruction: one.text, reply: said.text, isEqual: false });
          if (fault === null) branches.set(one.id, { key, messages: prompt });
          return {
            ...{ ...all, asks, dropped: fault },
            responses:
              "text" in said ? [{ text: said.text, by: { slot: "writer", at: 0 }, score: null }] : [],
            verdicts: [...one.verdicts, isNew, { filter: "the answer", keeps: fault === null, figure: null }],
          };
        }),
      );
    }
  },
});

/** In their order up to the first that does not keep. */
function verdictsOf(filters: Readonly<Record<string, boolean>>): FilterVerdict[] {
  const all = Object.entries(filters).map(([filter, keeps]) => ({ filter, keeps, figure: null }));
  const first = all.findIndex(({ keeps }) => !keeps);
  return first < 0 ? all : all.slice(0, first + 1);
}

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
