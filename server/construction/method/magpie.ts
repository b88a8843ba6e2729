import { z } from "zod";
import { answered, askedAbout, drafted, heldAgainst, judgedBy } from "./drafts";
import { Draws } from "./draws";
import {
  asked,
  beginningOf,
  type Candidate,
  type CompleteAsk,
  candidateKeys,
  type Given,
  method,
  offered,
  type Steps,
  textOf,
  untilDry,
  userTurn,
  type WriteAsk,
  writeAsk,
} from "./method";
import { Unlike } from "./unlike";

const qualities = ["very poor", "poor", "average", "good", "excellent"] as const;
/** The place of each word a judge may write. */
const ranks: readonly string[] = qualities;

const options = z.strictObject({
  before: z
    .string()
    .min(1)
    .default("<|im_start|>user\\n")
    .describe(
      "The model's chat template up to where the user's turn begins, special tokens written out and \\n for a new line; by default ChatML's.",
    ),
  end: z.string().min(1).default("<|im_end|>").describe("What ends a turn in this template."),
  temperature: z.number().gt(0).max(2).default(1).describe("Of prompts; answers take the likeliest token."),
  top_p: z.number().gt(0).max(1).default(1).describe("Of prompts."),
  prompt_tokens: z.int().min(8).max(8192).default(512).describe("Of a prompt; one that is cut is dropped."),
  max_tokens: z.int().min(1).max(32_000).default(2048).describe("Of an answer; one that is cut is dropped."),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe("The highest ROUGE-L to any prompt before that is let pass."),
  least_quality: z
    .enum(["any", ...qualities])
    .default("good")
    .describe("Prompts that a judge finds worse are dropped; any asks no judge."),
});
type Options = z.output<typeof options>;

/** Prompts of a batch. */
const BATCH = 32;

/**
 * Prompts out of nothing: an aligned model is given its chat template up to where the user speaks, and goes on as the user
 * would (T 1, top_p 1); then it answers itself at T 0. Dropped are cut prompts, those that write special tokens, that are
 * like one before, or that a judge finds poor. The paper's filters by difficulty, by reward against the base model and
 * by distance of embeddings are the selection's to apply.
 * Source: Z. Xu et al., Magpie, arXiv 2406.08464: 4 million drawn, 300,000 kept.
 */
export const magpie = method({
  id: "magpie",
  title: "Magpie",
  says: "Lets an aligned model write what its users would ask, from nothing but its template, and answer it.",
  use: "For prompts as the model's makers trained on, without seeds. It shows the model's own habits: hold it against real prompts.",
  source: "arXiv 2406.08464",
  makes: "examples",
  version: 1,
  slots: [
    { name: "writer", says: "continues raw text and answers", can: "completion" },
    { name: "judge", says: "rates prompts", can: "chat" },
  ],
  needs: [],
  options,
  unused: ({ least_quality }) => (least_quality === "any" ? ["judge"] : []),
  calls: ({ prompt_tokens, max_tokens, least_quality }, { want: calls }) => [
    { slot: "writer", calls, maxTokens: prompt_tokens },
    ...(least_quality === "any" ? [] : [{ slot: "judge", calls, maxTokens: 8 }]),
    { slot: "writer", calls, maxTokens: max_tokens },
  ],
  run,
});

function* run(settings: Options, { want, seed }: Given): Steps {
  const draws = new Draws(seed);
  const next = candidateKeys();
  const before = new Unlike(settings.threshold);
  let count = 0;
  yield* untilDry(want, function* () {
    const prompts = yield* asked(Array.from({ length: BATCH }, prompting));
    const drafts = prompts.map(({ ask, answer }) => {
      const said = textOf(answer);
      const draft = drafted(
        { key: next(), parents: [], operator: "as a user", asks: [ask.key], facts: {} },
        said,
      );
      const isPlain = "text" in said && !/<\|[^|>]*\|>/u.test(said.text);
      const why = isPlain ? null : "writes special tokens";
      return heldAgainst(judgedBy(draft, { filter: "special tokens", why }), before);
    });
    return yield* offered(yield* answered(yield* rated(drafts), answering));
  });

  function prompting(): CompleteAsk {
    const { temperature, top_p: topP, prompt_tokens: maxTokens } = settings;
    return {
      ...{
        kind: "complete",
        key: `prompt/${++count}`,
        slot: "writer",
        at: 0,
        prompt: settings.before.replaceAll("\\n", "\n"),
      },
      sampling: { temperature, topP, maxTokens, stop: [settings.end], seed: draws.seed() },
    };
  }

  function answering(key: string, messages: WriteAsk["messages"]) {
    return writeAsk(
      draws,
      { key, slot: "writer", messages },
      { temperature: 0, maxTokens: settings.max_tokens },
    );
  }

  function* rated(candidates: readonly Candidate[]) {
    if (settings.least_quality === "any") return [...candidates];
    const least = ranks.indexOf(settings.least_quality);
    return yield* askedAbout(
      candidates,
      ({ key, prompt: [{ content }] }) =>
        writeAsk(
          draws,
          { key: `rate/${key.slice(1)}`, slot: "judge", messages: userTurn(rating(content)) },
          { temperature: 0, maxTokens: 8 },
        ),
      (candidate, { answer }) => {
        const said = /^\W*(very poor|poor|average|good|excellent)\b/iu.exec(beginningOf(answer))?.[1];
        const quality = ranks.indexOf(said?.toLowerCase() ?? "");
        const filter = "quality, from 0 to 4";
        if (quality < 0) return judgedBy(candidate, { filter, why: "no rating" });
        const rated = { ...candidate, facts: { quality: ranks[quality] } };
        return judgedBy(rated, { filter, why: quality < least ? "a poor prompt" : null, figure: quality });
      },
    );
  }
}

const rating = (prompt: string) =>
  `How good is the prompt between the tags, as something that somebody asks an assistant: is it clear, specific and complete? Answer with one of ${qualities.join(", ")}, and nothing else.\n\n<prompt>\n${prompt}\n</prompt>`;
