import { writeJson } from "../../../db/shape/written-json";
import type { SftSpec } from "../spec/spec";
import {
  type HindsightExample,
  type Message,
  type Place,
  parseExample,
  type QualityExample,
  type RankedExample,
  type SftExample,
  type TemplateInputs,
  type Text,
} from "./examples";
import { templateInputs, withPrompt } from "./sides";
import type { TextPart } from "./tokenizer";

/** Something to learn by heart: a row of an SFT file, or one built here whose loss looks at chosen stretches. */
export type Demonstration =
  | SftExample
  | { parts: readonly TextPart[] }
  | ({ messages: Message[]; assistantOnly: true } & TemplateInputs);

/**
 * Demonstrations made from judgements: rows that say which answer is better, how good an answer is or what is
 * wrong with it become SFT rows that say so in words.
 */
export function demonstrationsFrom(
  feedback: SftSpec["feedback"],
  value: unknown,
  place: Place,
): Demonstration[] {
  if (feedback === "chain_of_hindsight") return [chainOfHindsight(parseExample("hindsight", value, place))];
  if (feedback === "quality_conditioned") return qualityConditioned(parseExample("quality", value, place));
  return [parseExample("sft", value, place)];
}

const words = {
  worse: "\n\nA worse answer:\n",
  better: "\n\nA better answer:\n",
  critique: (critique: string) => `\n\nCritique: ${critique}`,
  improve: "This answer is not good enough. Give a better one.",
  improveBy: (critique: string) => `${critique}\n\nGive a better answer.`,
  quality: (quality: string) => `Answer quality: ${quality}.`,
} as const;

/**
 * Chain of Hindsight (Liu et al. 2023, arXiv 2302.02676): the worse answer, what is wrong with it, the better
 * answer, in one sequence; the loss looks at the answers only. In conversations the critique is a user's turn.
 */
export function chainOfHindsight(row: HindsightExample): Demonstration {
  const { prompt, chosen, rejected } = withPrompt(row);
  if (typeof prompt === "string") {
    const critique = row.critique === undefined ? "" : words.critique(row.critique);
    return {
      parts: [
        { text: `${prompt}${words.worse}`, counts: false },
        { text: asText(rejected), counts: true },
        { text: `${critique}${words.better}`, counts: false },
        { text: asText(chosen), counts: true },
      ],
    };
  }
  const content = row.critique === undefined ? words.improve : words.improveBy(row.critique);
  return {
    messages: [...prompt, ...asTurns(rejected), { role: "user", content }, ...asTurns(chosen)],
    ...templateInputs(row),
    assistantOnly: true,
  };
}

/**
 * Quality-conditioned SFT (OpenChat, arXiv 2309.11235): every answer is learnt behind a statement of its
 * quality, so that asking for "good" later gives the better ones. The quality is the row's `quality`, its
 * `label` (good/bad), or for scored rows good for the best score and bad for the others.
 */
export function qualityConditioned(row: QualityExample): SftExample[] {
  const { prompt } = row;
  const answers =
    "completions" in row
      ? row.completions.map((completion, i) => ({ completion, quality: scoredQuality(row, i) }))
      : [{ completion: row.completion, quality: "quality" in row ? row.quality : labelQuality(row.label) }];
  return answers.map(({ completion, quality }) => ({
    prompt: stateQuality(prompt, quality),
    completion,
    ...templateInputs(row),
  }));
}

/** The prompt as it is given to a quality-conditioned model to get answers of that quality. */
function stateQuality(prompt: Text, quality: string): Text {
  const statement = words.quality(quality);
  if (typeof prompt === "string") return `${statement}\n\n${prompt}`;
  const [first, ...rest] = prompt;
  if (first?.role === "system" && typeof first.content === "string") {
    return [{ ...first, content: `${first.content}\n\n${statement}` }, ...rest];
  }
  return [{ role: "system", content: statement }, ...prompt];
}

/** An answer with its reward, and the row it was given in. */
export interface Judged<Row> {
  row: Row;
  completion: Text;
  reward: number;
}

/**
 * Best of n (RAFT, Dong et al. 2023, arXiv 2304.06767): of answers scored by a reward model the best one of each prompt
 * becomes a demonstration. A prompt is asked again only with the same tools and variables of the template.
 */
export function bestOfN<Row extends { prompt: Text } & TemplateInputs>(
  answers: readonly Judged<Row>[],
): Judged<Row>[] {
  const best = new Map<string, Judged<Row>>();
  for (const answer of answers) {
    const { prompt, tools, chat_template_kwargs } = answer.row;
    const key = writeJson([prompt, tools ?? null, chat_template_kwargs ?? null]);
    if (answer.reward > (best.get(key)?.reward ?? Number.NEGATIVE_INFINITY)) best.set(key, answer);
  }
  return [...best.values()];
}

const scoredQuality = ({ scores }: RankedExample, i: number) =>
  labelQuality(scores[i] === Math.max(...scores));
const labelQuality = (good: boolean) => (good ? "good" : "bad");

const asText = (side: Text) => (typeof side === "string" ? side : "");
const asTurns = (side: Text): Message[] => (typeof side === "string" ? [] : side);
