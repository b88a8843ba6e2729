import { z } from "zod";
import { exactKey } from "../exact";
import { Draws } from "./draws";
import {
  asked,
  type Candidate,
  candidateKeys,
  type InputPrompt,
  instructionOf,
  method,
  offered,
  textOf,
  throughAll,
  withInstruction,
  writeAsk,
} from "./method";

const options = z.strictObject({
  samples: z.int().min(1).max(64).default(1).describe("Answers of each model to a prompt."),
  systems: z
    .array(z.string().trim().min(1))
    .default([])
    .describe(
      "What the system says: one is drawn for each answer, and stands in its prompt. Orca has 16. Empty: nothing.",
    ),
  rationale: z
    .boolean()
    .default(false)
    .describe("Asks for the way to the answer first; it is kept in a field of its own."),
  verify: z
    .enum(["none", "exact", "number"])
    .default("none")
    .describe(
      "Keeps what agrees with the response by a person: letter by letter but for case, or in its last number.",
    ),
  temperature: z.number().min(0).max(2).default(0.7).describe("Of the answers."),
  max_tokens: z.int().min(1).max(32_000).default(1024).describe("Of an answer; one that is cut is dropped."),
});

const marker = "Answer:";

/**
 * Answers of k models, n of each, to prompts that there are: with a library of what the system says (Orca), with the
 * reasons before the answer (distilled step by step), checked by rule against a person's answer where there is one
 * (rejection of wrong ways, as in RFT). One answer to a prompt that was given before is no second example.
 * Sources: S. Mukherjee et al., Orca, arXiv 2306.02707; C.-Y. Hsieh et al., arXiv 2305.02301; Z. Yuan et al., arXiv
 * 2308.01825.
 */
export const distilled = method({
  id: "distilled-answers",
  title: "Distilled answers",
  says: "Lets stronger models answer prompts that there are, with their reasons if wanted.",
  use: "For teaching a small model what a large one knows. Verify by rule where prompts have a right answer; elsewhere people look.",
  source: "arXiv 2306.02707, 2305.02301",
  makes: "examples",
  version: 1,
  slots: [{ name: "teachers", says: "answers the prompts", can: "chat", isMany: true }],
  needs: ["prompts"],
  options,
  alsoNeeds: ({ verify }) => (verify === "none" ? [] : ["responses"]),
  calls: ({ samples, max_tokens: maxTokens }, { want, bound, inputs: { prompts } }) => [
    { slot: "teachers", calls: Math.min(want, prompts.length * samples * (bound.teachers ?? 1)), maxTokens },
  ],
  *run(settings, { inputs, want, seed, bound }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    const each = settings.samples * bound.teachers;
    const { temperature, max_tokens: maxTokens } = settings;
    yield* throughAll(inputs.prompts, { want, each }, function* (some) {
      const of = some.flatMap((prompt) =>
        Array.from({ length: each }, (_, place) => {
          const at = Math.floor(place / settings.samples);
          const messages = spoken(prompt);
          const ask = {
            ...{ key: `answer/${prompt.id}/${at}.${place % settings.samples}`, slot: "teachers", at },
            messages: settings.rationale ? asksForReasons(messages) : messages,
          };
          return { prompt, messages, ask: writeAsk(draws, ask, { temperature, maxTokens }) };
        }),
      );
      const told = yield* asked(of.map(({ ask }) => ask));
      const before = new Set<string>();
      return yield* offered(
        told.map(({ ask, answer }, place): Candidate => {
          const { prompt, messages } = of[place];
          const said = textOf(answer);
          const all = {
            ...{ key: next(), parents: [prompt.id], operator: "answer", prompt: messages, pair: null },
            ...{ asks: [ask.key], nearest: null },
          };
          const read = "fault" in said ? said : settings.rationale ? parted(said.text) : { text: said.text };
          if ("fault" in read)
            return {
              ...{ ...all, responses: [], facts: {}, dropped: read.fault },
              verdicts: [{ filter: "the answer", keeps: false, figure: null }],
            };
          const known = `${prompt.id}\n${read.text}`;
          const isFirst = !before.has(known);
          before.add(known);
          const isRight = agrees(settings.verify, read.text, prompt);
          return {
            ...all,
            responses: [{ text: read.text, by: { slot: "teachers", at: ask.at }, score: null }],
            verdicts: [
              { filter: "the answer", keeps: true, figure: null },
              ...(isRight === null
                ? []
                : [{ filter: "agrees with the person's", keeps: isRight, figure: null }]),
              { filter: "given for the first time", keeps: isFirst, figure: null },
            ],
            dropped: isRight === false ? "not the person's answer" : isFirst ? null : "given before",
            facts: "rationale" in read ? { rationale: read.rationale } : {},
          };
        }),
      );
    });

    function spoken({ messages }: InputPrompt): InputPrompt["messages"] {
      if (settings.systems.length === 0 || messages[0]?.role === "system") return messages;
      return [{ role: "system", content: draws.pick(settings.systems) }, ...messages];
    }
  },
});

/** Said behind the user's last words: no row of training data holds it. */
const asksForReasons = (messages: InputPrompt["messages"]) =>
  withInstruction(
    messages,
    `${instructionOf({ messages })}\n\nThink step by step first. Then write "${marker}" and after it the answer alone.`,
  );

/** Reasons and answer, told apart by the last marker. */
function parted(
  text: string,
): { readonly text: string; readonly rationale: string } | { readonly fault: string } {
  const at = text.lastIndexOf(marker);
  const [rationale, answer] =
    at < 0 ? ["", ""] : [text.slice(0, at).trim(), text.slice(at + marker.length).trim()];
  if (answer === "") return { fault: "no answer after its reasons" };
  return rationale === "" ? { fault: "no reasons before its answer" } : { text: answer, rationale };
}

/** Whether an answer agrees with the person's by a rule; null where none is asked for. */
function agrees(rule: "none" | "exact" | "number", text: string, { response }: InputPrompt): boolean | null {
  if (rule === "none" || response === null) return null;
  if (rule === "exact") return exactKey(text) === exactKey(response);
  const [own, other] = [text, response].map(lastNumber);
  return own !== null && own === other;
}

/** Commas between digits part thousands. */
function lastNumber(text: string): number | null {
  const found = text
    .replace(/(?<=\d),(?=\d{3})/g, "")
    .match(/-?\d+(?:\.\d+)?/g)
    ?.at(-1);
  return found === undefined ? null : Number(found);
}
