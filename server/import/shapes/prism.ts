import { z } from "zod";
import type { Message } from "../../../db/shape/content";
import { assistantTurn, toPrompt, userTurn } from "../conversation";
import { better, judgement, rankingQuestion, ratingQuestion } from "../questions";
import type { ImportRecord } from "../schema";
import { idSchema } from "./fields";
import { defineShape, otherColumns } from "./shape";
import { flag, judgeNamed, numeric } from "./spelling";

const scoreQuestion = {
  ...ratingQuestion("score", "How good is the response?", [{ id: "score", label: "Score" }], 100, false),
  min: 1,
};

const row = z.looseObject({
  utterance_id: idSchema,
  interaction_id: idSchema,
  conversation_id: idSchema,
  user_id: idSchema,
  user_prompt: z.string(),
  model_response: z.string(),
  model_name: z.string().nullish(),
  score: numeric.nullish(),
  if_chosen: flag,
});
type Utterance = z.output<typeof row>;

const columns = new Set(Object.keys(row.shape));

/** PRISM's utterances: the rows of one interaction are the replies that one person saw side by side. */
export const prism = defineShape({
  id: "prism",
  title: "PRISM utterances",
  looksLike:
    "interaction_id, user_prompt, model_response, score (1 to 100) and if_chosen, a row for each reply",
  example: {
    utterance_id: "t1",
    interaction_id: "i1",
    conversation_id: "c1",
    user_id: "u1",
    user_prompt: "How many moons has Mars?",
    model_response: "Two.",
    model_name: "model-a",
    score: 90,
    if_chosen: true,
  },
  fields: ["interaction_id", "user_prompt", "model_response", "if_chosen"],
  row,
  open: () => {
    let seen: Utterance[] = [];
    /** The turns before: what the person asked, and the reply they went on with. */
    let before: { conversation: string; messages: Message[] } = { conversation: "", messages: [] };
    const finish = (): ImportRecord[] => {
      const [first] = seen;
      if (!first) return [];
      if (before.conversation !== first.conversation_id)
        before = { conversation: first.conversation_id, messages: [] };
      const messages = [...before.messages, userTurn(first.user_prompt)];
      const record = interaction(seen, messages);
      const chosen = seen.find(({ if_chosen }) => if_chosen);
      before.messages = chosen ? [...messages, assistantTurn(chosen.model_response)] : [];
      seen = [];
      return [record];
    };
    return {
      row(utterance) {
        const complete = seen[0]?.interaction_id === utterance.interaction_id ? [] : finish();
        seen.push(utterance);
        return complete;
      },
      end: finish,
    };
  },
});

function interaction(utterances: readonly Utterance[], messages: Message[]): ImportRecord {
  const [first] = utterances;
  const scores = utterances.map(({ score }) => score ?? null);
  const chosen = utterances.map(({ if_chosen }) => if_chosen);
  const decided = chosen.some((is) => is) && chosen.some((is) => !is);
  const answered = [
    ...(decided ? [choice(chosen)] : []),
    ...(scores.some((score) => score !== null)
      ? [[scoreQuestion, { type: "rating" as const, values: { score: scores } }] as const]
      : []),
  ];
  return {
    prompt: toPrompt(messages, {
      externalId: first?.interaction_id,
      metadata: { conversation_id: first?.conversation_id },
    }),
    responses: utterances.map((utterance) => ({
      content: utterance.model_response,
      source: utterance.model_name ?? undefined,
      externalId: utterance.utterance_id,
      metadata: otherColumns(utterance, columns),
    })),
    judgements: answered.length > 0 && first ? [judgement(judgeNamed(first.user_id), ...answered)] : [],
  };
}

/** The chosen reply is better than each of the others, of which nothing more is said than their scores. */
function choice(chosen: readonly boolean[]) {
  if (chosen.length === 2) return better(chosen[0] ? "a" : "b");
  return [rankingQuestion, { type: "ranking" as const, ranks: chosen.map((is) => (is ? 1 : 2)) }] as const;
}
