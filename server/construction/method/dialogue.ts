import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { Draws } from "./draws";
import {
  asked,
  type Candidate,
  candidateKeys,
  type InputPrompt,
  method,
  offered,
  textOf,
  throughAll,
  userTurn,
  writeAsk,
} from "./method";

const options = z
  .strictObject({
    turns: z.int().min(2).max(20).default(4).describe("What the user says, the opening included, at most."),
    least_turns: z
      .int()
      .min(1)
      .max(20)
      .default(2)
      .describe("Answers of a dialogue at least; a shorter one is dropped."),
    temperature: z.number().min(0).max(2).default(0.7).describe("Of both sides."),
    user_tokens: z.int().min(8).max(8192).default(256).describe("Of what the user says."),
    max_tokens: z.int().min(1).max(32_000).default(1024).describe("Of an answer."),
  })
  .refine(({ turns, least_turns }) => least_turns <= turns, {
    path: ["least_turns"],
    error: "a dialogue has no more answers than turns of the user",
  });

const END = "END";
const ends = new RegExp(`^\\W*${END}\\b`, "u");
/** What nobody says to an assistant. */
const asAssistant =
  /\b(?:as an ai|language model|how (?:can|may) i (?:help|assist) you|i(?:'d| would) be happy to (?:help|assist))\b/iu;

interface Dialogue {
  readonly prompt: InputPrompt;
  readonly asks: string[];
  /** What is said, from the prompt on. */
  readonly messages: Message[];
  answers: number;
  /** Why it went no further; null while it goes on, or where it came to its end. */
  fault: string | null;
  isOver: boolean;
}

/**
 * Dialogues of two models: one answers, the other plays the user from the prompt on, until it writes the end marker, one of
 * them says again what was said, or it has had its turns. One that breaks off keeps what was said before, where that is enough; one
 * in which the user speaks as an assistant, as such models slip into, is dropped whole.
 * Sources: C. Xu et al., Baize, arXiv 2304.01196; N. Ding et al., UltraChat, arXiv 2305.14233.
 */
export const dialogue = method({
  id: "dialogue",
  title: "Two-agent dialogue",
  says: "Carries prompts on to dialogues: one model answers, another plays the user.",
  use: "For conversations of several turns from single prompts. Look at the user's side: it thanks and agrees more than people do.",
  source: "arXiv 2304.01196, 2305.14233",
  makes: "examples",
  version: 1,
  slots: [
    { name: "assistant", says: "answers", can: "chat" },
    { name: "user", says: "plays the user", can: "chat" },
  ],
  needs: ["prompts"],
  options,
  calls({ turns, user_tokens, max_tokens }, { want, inputs: { prompts } }) {
    const calls = Math.min(want, prompts.length);
    return [
      { slot: "assistant", calls: calls * turns, maxTokens: max_tokens },
      { slot: "user", calls: calls * (turns - 1), maxTokens: user_tokens },
    ];
  },
  *run(settings, { inputs, want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    yield* throughAll(inputs.prompts, { want, each: 1 }, function* (some) {
      const all = some.map(
        (prompt): Dialogue => ({
          prompt,
          asks: [],
          messages: [...prompt.messages],
          answers: 0,
          fault: null,
          isOver: false,
        }),
      );
      for (let turn = 1; turn <= settings.turns; turn++) {
        if (turn > 1) yield* say("user", turn, all, settings.user_tokens);
        yield* say("assistant", turn, all, settings.max_tokens);
      }
      return yield* offered(all.map(candidate));
    });

    function* say(slot: "user" | "assistant", turn: number, all: readonly Dialogue[], maxTokens: number) {
      const going = all.filter(({ isOver }) => !isOver);
      const { temperature } = settings;
      const asks = going.map(({ prompt, messages }) => {
        const read = slot === "user" ? userTurn(playing(messages)) : messages;
        const key = `${slot}/${prompt.id}/${turn}`;
        return writeAsk(draws, { key, slot, messages: read }, { temperature, maxTokens });
      });
      for (const [at, { ask, answer }] of (yield* asked(asks)).entries()) {
        const one = going[at];
        one.asks.push(ask.key);
        const said = textOf(answer);
        if ("fault" in said) [one.fault, one.isOver] = [said.fault, true];
        else if (repeats(said.text, one))
          [one.fault, one.isOver] = [slot === "user" ? null : "the assistant repeats what was said", true];
        else if (slot === "assistant") {
          one.messages.push({ role: "assistant", content: said.text });
          one.answers++;
        } else if (asAssistant.test(said.text))
          [one.fault, one.isOver, one.answers] = ["the user speaks as an assistant", true, 0];
        else if (ends.test(said.text)) one.isOver = true;
        else one.messages.push({ role: "user", content: said.text });
      }
    }

    function candidate({ prompt, asks, messages, answers, fault }: Dialogue): Candidate {
      const keeps = answers >= settings.least_turns;
      const last = messages.findLastIndex(
        ({ role }, at) => role === "assistant" && at >= prompt.messages.length,
      );
      return {
        ...{ key: next(), parents: [prompt.id], operator: "dialogue", pair: null, asks, nearest: null },
        prompt: last < 0 ? prompt.messages : messages.slice(0, last),
        responses:
          last < 0 ? [] : [{ text: messages[last].content, by: { slot: "assistant", at: 0 }, score: null }],
        verdicts: [{ filter: "answers", keeps, figure: answers }],
        dropped: keeps ? null : (fault ?? "too short"),
        facts: { turns: answers },
      };
    }
  },
});

/** Two models that have nothing left to say tell each other the same. */
const repeats = (text: string, { messages }: Dialogue): boolean =>
  messages.some(({ role, content }) => role !== "system" && content.trim() === text);

function playing(messages: readonly Message[]): string {
  const turns = messages
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => `[${role}]\n${content}`);
  return `Below is a conversation of a user with an assistant. You are the user. Write what you say next, in the language of the user and about the same matter: ask further, doubt, or ask for a change. Write that alone. If nothing is left to ask, write ${END}.\n\n${turns.join("\n\n")}`;
}
