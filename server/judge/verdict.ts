import type { Reply } from "../../db/shape/endpoint";
import type { JudgeFailure, Settlement } from "../../db/shape/judge";
import { massOn, plainToken } from "../endpoint/label-mass";
import { derivePreferences, toCanonical } from "../form/answers";
import type { Label } from "../form/kind/kind";
import { type Answer, answerTo, kindOf, type Question } from "../form/schema";
import { worth } from "../statistics/judge/compared";
import { type AskingVersion, askedOf, TOOL } from "./request";

/** What a reply says, in canonical order; or why it says no verdict. */
export type Said = { answer: Answer; p: number | null; mass: number | null } | Failed;

interface Failed {
  failure: JudgeFailure;
  reason: string;
}

const failed = (failure: JudgeFailure, reason: string): Failed => ({ failure, reason });

/**
 * Reads a judge's reply.
 * @param order what was shown: position i was canonical response order[i]
 */
export function verdictOf(version: AskingVersion, order: readonly number[], reply: Reply): Said {
  if (reply.finishReason === "refused") return failed("refused", "The model declined to judge.");
  if (reply.finishReason === "filtered") return failed("filtered", "The provider withheld the reply.");
  if (reply.finishReason === "error") return failed("error", "The reply broke off.");
  const asked = askedOf(version, order.length);
  const canonical = (answer: Answer): Answer => {
    const { id } = version.question;
    return toCanonical([version.question], { [id]: answer }, order)[id];
  };
  if (version.verdictBy === "logprobs") {
    if (!("labels" in asked)) return failed("unparsed", "The question has no labels of one token.");
    return byLogprobs(version.question, labelsOf(asked.labels, canonical), reply);
  }
  if (reply.finishReason === "length")
    return failed("truncated", "The reply was cut before its end: allow more tokens.");
  const found =
    version.verdictBy === "marker" ? markedIn(version, asked, reply.text) : givenIn(version, reply);
  if ("failure" in found) return found;
  const answer = "labels" in asked ? labelled(asked.labels, found.verdict) : asked.read(found.verdict);
  if (!answer) return failed("unparsed", `The verdict is none that was asked for: ${short(found.verdict)}`);
  const said = canonical(answer);
  return { answer: said, p: scoreOf(version.question, said), mass: null };
}

/** Of two responses how far an answer is for the canonical first: 1, 0, or ½ for neither. Null for other questions. */
export function scoreOf(question: Question, answer: Answer): number | null {
  const pairs = derivePreferences([question], { [question.id]: answer }, null);
  return pairs.length === 1 ? worth[pairs[0].outcome] : null;
}

const labelsOf = (labels: readonly Label<Answer>[], canonical: (answer: Answer) => Answer) =>
  labels.map(({ label, answer }) => ({ label, answer: canonical(answer) }));

/**
 * p(label) = Σ exp over its forms ÷ Σ over all labels' forms, at the first token that is not blank. What lies elsewhere
 * says nothing of the verdict; how little it left is `mass`.
 */
function byLogprobs(
  question: Question,
  labels: readonly { label: string; answer: Answer }[],
  { logprobs, text }: Reply,
): Said {
  const first = logprobs?.find(({ token }) => plainToken(token) !== "");
  if (!first)
    return failed(
      "unparsed",
      logprobs ? `The reply is blank: ${short(text)}` : "The model told no log-probabilities.",
    );
  const shares = labels.map(({ label }) => massOn(first, label));
  const mass = shares.reduce((sum, share) => sum + share, 0);
  if (!(mass > 0))
    return failed("unparsed", `No label is among the likeliest first tokens; it began ${short(first.token)}`);
  const { answer } = labels[shares.indexOf(Math.max(...shares))];
  const scores = labels.map((each) => scoreOf(question, each.answer));
  const p = scores.some((score) => score === null)
    ? null
    : scores.reduce<number>((sum, score, index) => sum + ((score ?? 0) * shares[index]) / mass, 0);
  return { answer, p, mass: Math.min(1, mass) };
}

/** The verdict of a reply that is JSON, or calls the tool. */
function givenIn({ verdictBy }: AskingVersion, { text, toolCalls }: Reply): { verdict: unknown } | Failed {
  const written = verdictBy === "tool" ? toolCalls?.find(({ name }) => name === TOOL)?.arguments : text;
  if (written === undefined) return failed("unparsed", `The model called no tool, but wrote ${short(text)}`);
  const value = parsed(unfenced(written));
  if (typeof value !== "object" || value === null || !("verdict" in value))
    return failed("unparsed", `The reply holds no verdict: ${short(written)}`);
  return { verdict: value.verdict };
}

/**
 * The verdict in double brackets. The last one counts, for models weigh verdicts before they give one; where degrees are
 * asked for, as Arena-Hard has it, different ones are none. What a model thought before it answered is no answer.
 */
function markedIn({ rubric }: AskingVersion, asked: Asked, text: string): { verdict: unknown } | Failed {
  const answer = text.replace(/<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/gi, "");
  const none = failed("unparsed", `The reply holds no verdict in double brackets: ${short(answer)}`);
  if (!("labels" in asked)) {
    const from = answer.lastIndexOf("[[{");
    const to = answer.indexOf("}]]", from);
    return from < 0 || to < 0 ? none : { verdict: parsed(answer.slice(from + 2, to + 1)) };
  }
  const marked = [...answer.matchAll(/\[\[([^[\]]{1,80})\]\]/g)].flatMap(([, inner]) => {
    const label = asked.labels.find((each) => plainToken(each.label) === plainToken(spelt(inner)));
    return label ? [label.label] : [];
  });
  const different = [...new Set(marked)];
  if (different.length === 0) return none;
  if (rubric.degrees && different.length > 1)
    return failed("contradictory", `The reply gives several verdicts: ${different.join(", ")}`);
  return { verdict: marked[marked.length - 1] };
}

type Asked = ReturnType<typeof askedOf>;

/** Signs for "much better" that models write for `>>`. */
const spelt = (label: string) => label.replaceAll("\u226b", ">>").replaceAll("\u22d9", ">>>");

const labelled = (labels: readonly Label<Answer>[], verdict: unknown): Answer | null =>
  typeof verdict === "string"
    ? (labels.find(({ label }) => plainToken(label) === plainToken(spelt(verdict)))?.answer ?? null)
    : null;

const unfenced = (text: string) => /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/.exec(text)?.[1] ?? text;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SAID_CHARACTERS = 200;
const short = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `“${(text ?? "").replace(/\s+/g, " ").trim().slice(0, SAID_CHARACTERS)}”`;
};

/**
 * What the verdicts on one task come to: `strict` by the question's own rule over the orders, `soft` by the mean of p.
 * @returns null where they settle nothing
 */
export function settledBy(
  { question, settles }: { question: Question; settles: Settlement },
  verdicts: readonly { order: readonly number[]; answer: Answer; p: number | null }[],
): Answer | null {
  const judging = kindOf(question.type).judging;
  if (!judging || verdicts.length === 0) return null;
  const scores = verdicts.flatMap(({ p }) => (p === null ? [] : [p]));
  if (settles === "soft" && judging.byScores && scores.length === verdicts.length) {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return judging.byScores(question, [mean, 1 - mean]);
  }
  const orders = new Map<string, Answer[]>();
  for (const { order, answer } of verdicts) {
    const given = answerTo(question.type, question, { [question.id]: answer });
    if (!given) return null;
    const key = order.join(" ");
    orders.set(key, [...(orders.get(key) ?? []), given]);
  }
  return judging.settle(question, [...orders.values()]);
}
