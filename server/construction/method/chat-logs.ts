import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { textsIn } from "../../benchmark/contamination";
import { exactKey } from "../exact";
import { personalKinds } from "../personal";
import { type Scrubbed, saysMinor, scrub } from "../scrub";
import { secretIn } from "../secrets";
import {
  type Candidate,
  candidateKeys,
  type Filtering,
  filtered,
  type InputPrompt,
  method,
  offered,
  throughAll,
} from "./method";
import { LIKE_ANOTHER } from "./unlike";

const field = z.string().trim().min(1);
const options = z.strictObject({
  consent: field
    .default("consent")
    .describe(
      "The field that says whether who wrote agreed to this use: true, yes or 1. Nothing else counts.",
    ),
  record: z
    .array(field)
    .max(20)
    .default([])
    .describe(
      "Fields that the record of consent must have besides, such as its date and scope; they are kept.",
    ),
  answers: z
    .enum(["last", "every"])
    .default("last")
    .describe(
      "Whether the last answer of a conversation becomes an example, or each with what was said before.",
    ),
  least_letters: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe("Letters and digits of an answer, at least."),
  drop_secrets: z
    .boolean()
    .default(true)
    .describe("Whether conversations with keys and passwords go; else these are replaced."),
  drop_minors: z
    .boolean()
    .default(true)
    .describe("Whether conversations go in which somebody says they are under 18."),
});
type Options = z.output<typeof options>;

/**
 * Conversations of people who agreed to it, without what tells who they are as far as that has a pattern: the same thing
 * is the same placeholder through a conversation, and what it stood for is kept nowhere in the candidates. Of a
 * conversation that has no consent, or holds a secret, or is a minor's, not a word is kept. No model is asked.
 * Sources: W. Zhao et al., WildChat, arXiv 2405.01470 (consent, then scrubbing); N. Mireshghallah et al., Trust no bot,
 * arXiv 2407.11438 (what scrubbing by pattern leaves).
 */
export const chatLogs = method({
  id: "chat-logs",
  title: "Consented chat logs",
  says: "Makes examples of conversations whose writers agreed, with e-mail, phone, card and other patterned personal data replaced.",
  use: "For what people really ask. Names of persons and what is told in words have no pattern: reviewers must look at each, beside the log as it was. The logs stay prompts of the project until you delete them.",
  source: "arXiv 2405.01470, 2407.11438",
  makes: "examples",
  version: 1,
  slots: [],
  needs: ["prompts"],
  options,
  calls: () => [],
  *run(settings, { inputs, want }) {
    const next = candidateKeys();
    const before = new Map<string, string>();
    yield* throughAll(inputs.prompts, { want, each: 1 }, function* (some) {
      return yield* offered(some.flatMap((row) => examplesOf(row, settings, { next, before })));
    });
  },
});

interface Run {
  readonly next: () => string;
  /** Which candidate has a text, by what it is to someone who counts copies. */
  readonly before: Map<string, string>;
}

function examplesOf(row: InputPrompt, settings: Options, { next, before }: Run): Candidate[] {
  const turns: Message[] = [
    ...row.messages,
    ...(row.response?.trim() ? [{ role: "assistant" as const, content: row.response }] : []),
  ];
  const answered = turns.flatMap(({ role, content }, at) =>
    role === "assistant" && content.trim() !== "" && turns[at - 1]?.role === "user" ? [at] : [],
  );
  const admission = admissionOf(row, turns, answered.length > 0, settings);
  const begun = { parents: [row.id], operator: "conversation", asks: [], pair: null };
  if (admission.some(({ why }) => why !== null))
    return [
      {
        ...{ ...begun, key: next(), prompt: [], responses: [], nearest: null, facts: {} },
        ...filtered(admission),
      },
    ];
  const record = [settings.consent, ...settings.record].map((name) => [name, row.fields[name]] as const);
  const { value, counts } = scrub({ turns, record });
  return (settings.answers === "last" ? answered.slice(-1) : answered).map((at): Candidate => {
    const key = next();
    const prompt = value.turns.slice(0, at);
    const text = value.turns[at].content.trim();
    const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
    const copy = exactKey([...prompt.map(({ role, content }) => `${role} ${content}`), text].join("\n"));
    const of = before.get(copy);
    const made: Candidate = {
      ...{ ...begun, key, prompt, responses: [{ text, by: null, score: null }] },
      nearest: of === undefined ? null : { of, figure: 1 },
      facts: { ...Object.fromEntries(value.record), ...replaced(counts) },
      ...filtered([
        ...admission,
        { filter: "replaced", why: null, figure: personalKinds.reduce((sum, kind) => sum + counts[kind], 0) },
        { filter: "length", why: letters < settings.least_letters ? "too short" : null, figure: letters },
        { filter: "the answer", why: declines(text) ? "the reply declines" : null },
        { filter: "copies", why: of === undefined ? null : LIKE_ANOTHER },
      ]),
    };
    if (made.dropped === null) before.set(copy, key);
    return made;
  });
}

/** What a conversation must be before anything of it is kept. */
function admissionOf(
  { fields }: InputPrompt,
  turns: readonly Message[],
  isAnswered: boolean,
  settings: Options,
): Filtering[] {
  const said = (name: string) => (Object.hasOwn(fields, name) ? fields[name].trim() : "");
  const consent = said(settings.consent);
  const texts = textsIn(turns);
  return [
    {
      filter: "consent",
      why:
        consent === ""
          ? "no consent on record"
          : /^(?:true|yes|1)$/i.test(consent)
            ? null
            : "consent was not given",
    },
    {
      filter: "record of consent",
      why: settings.record.some((name) => said(name) === "") ? "the record of consent is incomplete" : null,
    },
    { filter: "turns", why: isAnswered ? null : "nothing is answered" },
    {
      filter: "secrets",
      why: settings.drop_secrets && texts.some((text) => secretIn(text) !== null) ? "holds a secret" : null,
    },
    {
      filter: "age",
      why: settings.drop_minors && texts.some(saysMinor) ? "somebody says they are under 18" : null,
    },
  ];
}

/** How many different ones of each kind were replaced in the whole conversation, for kinds of which some were. */
const replaced = (counts: Scrubbed<unknown>["counts"]): Record<string, number> =>
  Object.fromEntries(
    personalKinds.flatMap((kind) => (counts[kind] > 0 ? [[`${kind} replaced`, counts[kind]]] : [])),
  );

const refusals = [
  /^\W*(?:(?:i['’]m |i am )?(?:very |so )?sorry|unfortunately|as an ai)\b[^\n]{0,100}\b(?:can['’]?t|cannot|unable|not able|won['’]t)\b/i,
  /^\W*i (?:can['’]?t|cannot|won['’]t|am unable to|am not able to) (?:help|assist|comply|provide|fulfil|do that)/i,
  /^\W*(?:es )?tut mir leid[^\n]{0,100}\b(?:kann|darf)\b[^\n]{0,60}\bnicht\b/i,
  /^\W*(?:je suis )?désolée?[^\n]{0,100}\bne (?:peux|suis) pas\b/i,
  /^\W*lo siento[^\n]{0,100}\bno puedo\b/i,
];

/** Whether an answer begins as refusals do in English, German, French and Spanish. */
const declines = (text: string): boolean => refusals.some((pattern) => pattern.test(text));
