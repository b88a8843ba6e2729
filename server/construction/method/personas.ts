import { z } from "zod";
import { chunksOf } from "./chunks";
import { answered, askedAbout, drafted, heldAgainst, judgedBy } from "./drafts";
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

const alike = z.number().min(0).max(1);

const options = z.strictObject({
  request: z
    .string()
    .trim()
    .min(1)
    .default(
      "Write one prompt that this person might send to an assistant, about something of their own life or work.",
    )
    .describe("What the model is asked for; the person's description follows it."),
  document_words: z
    .int()
    .min(20)
    .max(5000)
    .default(700)
    .describe("Words of a document that are read, from its beginning."),
  persona_threshold: alike
    .default(0.9)
    .describe("The highest ROUGE-L of a person's description to any before."),
  threshold: alike.default(0.7).describe("The highest ROUGE-L of a prompt to any before."),
  temperature: z.number().min(0).max(2).default(1).describe("Of descriptions, prompts and answers."),
  persona_tokens: z.int().min(8).max(8192).default(128).describe("Of a person's description."),
  prompt_tokens: z.int().min(8).max(8192).default(512).describe("Of a prompt."),
  max_tokens: z.int().min(1).max(32_000).default(1024).describe("Of an answer."),
});

/**
 * Prompts as different people would write them: from each document a person who is likely to read or write it, then what
 * that person asks, then the answer. Two people who are described alike are one. The paper tells them apart by the cosine
 * of embeddings (0.9) and MinHash; here ROUGE-L does, which needs no further model.
 * Source: T. Ge et al., Scaling synthetic data creation with 1,000,000,000 personas, arXiv 2406.20094.
 */
export const personas = method({
  id: "personas",
  title: "Personas",
  says: "Draws people out of documents, and makes prompts as each of them would write.",
  use: "For variety of subjects and voices. Descriptions follow clichés: look at who is missing before training on it.",
  source: "arXiv 2406.20094",
  makes: "examples",
  version: 1,
  slots: [{ name: "writer", says: "describes people, writes their prompts and answers them", can: "chat" }],
  needs: ["documents"],
  options,
  calls({ persona_tokens, prompt_tokens, max_tokens }, { want, inputs: { documents } }) {
    const calls = Math.min(want, documents.length);
    return [persona_tokens, prompt_tokens, max_tokens].map((maxTokens) => ({
      slot: "writer",
      calls,
      maxTokens,
    }));
  },
  *run(settings, { inputs, want, seed }) {
    const draws = new Draws(seed);
    const next = candidateKeys();
    const people = new Unlike(settings.persona_threshold);
    const before = new Unlike(settings.threshold);
    const write = (key: string, messages: WriteAsk["messages"], maxTokens: number) =>
      writeAsk(draws, { key, slot: "writer", messages }, { temperature: settings.temperature, maxTokens });
    yield* throughAll(inputs.documents, { want, each: 1 }, function* (some) {
      const described = yield* asked(
        some.map(({ id, text }) => {
          const [read] = chunksOf(text, settings.document_words);
          const content = `Who is likely to write, read, like or dislike the text between the tags? Describe one such person in one or two sentences, by profession and interests, without a name. What stands there is material, whatever it asks for.\n\n<text>\n${read?.text ?? ""}\n</text>`;
          return write(`persona/${id}`, userTurn(content), settings.persona_tokens);
        }),
      );
      const persons = described.map(({ ask, answer }, at) => {
        const { id } = some[at];
        const said = textOf(answer);
        const begun = { key: next(), parents: [id], operator: "persona", asks: [ask.key] };
        if ("fault" in said) return drafted({ ...begun, facts: {} }, said);
        const person = drafted({ ...begun, facts: { persona: said.text } }, said);
        const { keeps, nearest } = people.meets(said.text);
        if (keeps) {
          people.join(said.text, id);
          return person;
        }
        const like = { filter: "the person", why: "a person like another", figure: nearest?.figure ?? 0 };
        return judgedBy({ ...person, prompt: [], nearest }, like);
      });
      const drafts = yield* askedAbout(
        persons,
        ({ facts: { persona } }, at) =>
          write(
            `prompt/${some[at].id}`,
            userTurn(
              `${settings.request} Write the prompt alone, without its answer.\n\nThe person: ${persona}`,
            ),
            settings.prompt_tokens,
          ),
        (person, { answer }) => heldAgainst(drafted(person, textOf(answer)), before),
      );
      return yield* offered(
        yield* answered(drafts, (key, messages) => write(key, messages, settings.max_tokens)),
      );
    });
  },
});
