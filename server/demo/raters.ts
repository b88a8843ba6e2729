import { type Random, randomFor } from "./random";

/**
 * Demo raters: programs that judge the demo project, so that agreement, bias and reliability pages show
 * something true on the first day. They see the author's own quality marks (1 to 5) through noise, and carry
 * a slight position and length bias on purpose: both can be found again in the statistics.
 */
export interface DemoRater {
  id: string;
  /** Always says "demo": nobody must take these judgements for a person's. */
  name: string;
  languages: readonly string[];
  /** Domains in which this rater sees quality with half the noise and explains the judgement. */
  expertise: readonly string[];
  /** Standard deviation of the perceived quality, in marks. */
  noise: number;
  /** Marks added to the response shown first. */
  positionBias: number;
  /** Marks added for each doubling of length over the mean of the responses shown. */
  lengthBias: number;
  wordsPerMinute: number;
}

export const demoRaters = [
  {
    id: "demo-quill",
    name: "Ottilie Quill (demo)",
    languages: ["en", "de", "nl"],
    expertise: ["writing", "linguistics", "history", "law", "ethics"],
    noise: 0.5,
    positionBias: 0.05,
    lengthBias: 0.05,
    wordsPerMinute: 260,
  },
  {
    id: "demo-sum",
    name: "Baldwin Sum (demo)",
    languages: ["en", "fr", "zh", "ja"],
    expertise: ["mathematics", "statistics", "data-analysis", "science", "finance"],
    noise: 0.6,
    positionBias: 0.1,
    lengthBias: 0.05,
    wordsPerMinute: 230,
  },
  {
    id: "demo-salve",
    name: "Dr Petra Salve (demo)",
    languages: ["en", "es", "ar", "hi", "pt"],
    expertise: ["medicine", "safety", "cooking", "education"],
    noise: 0.6,
    positionBias: 0.1,
    lengthBias: 0.15,
    wordsPerMinute: 240,
  },
  {
    id: "demo-bracket",
    name: "Ivo Bracket (demo)",
    languages: ["en", "ru", "ko", "it", "zh", "ja", "ar"],
    expertise: ["programming", "data-analysis", "customer-support", "travel"],
    noise: 0.8,
    positionBias: 0.2,
    lengthBias: 0.1,
    wordsPerMinute: 300,
  },
  {
    id: "demo-hastings",
    name: "Milo Hastings (demo)",
    languages: ["en", "de", "fr", "es", "pt", "hi", "ru", "ko", "it", "nl"],
    expertise: [],
    noise: 1.6,
    positionBias: 0.4,
    lengthBias: 0.35,
    wordsPerMinute: 420,
  },
] as const satisfies readonly DemoRater[];

/** What a demo rater judges: responses in the order in which they are shown. */
export interface DemoTask {
  id: string;
  domain: string;
  responses: readonly { content: string; quality: number }[];
  /** The author's sentence about what makes the best response best; null where not all responses are shown. */
  note: string | null;
}

/** Answers in shown order, as the demo project's form takes them. */
export interface DemoJudgement {
  comparison:
    | { type: "preference"; outcome: "a" | "b"; level: 1 | 2 | 3 }
    | { type: "preference"; outcome: "tie" | "both_bad" }
    | { type: "ranking"; ranks: number[] };
  rationale: { type: "text"; text: string; chips: DemoChip[] };
  /** Time on the task, from reading speed. */
  seconds: number;
}

type DemoChip = "correct" | "complete" | "clear" | "safe" | "format";

/** Perceived differences, in marks, below which a rater calls it a tie, slightly or clearly better. */
const TIE = 0.4;
const SLIGHT = 1.1;
const CLEAR = 2.3;
/** Two responses perceived below this mark are both bad. */
const USABLE = 1.8;

/**
 * The judgement of `rater` on `task`: a 7-point preference with tie and both bad for two responses, a ranking
 * with ties for more. Deterministic: the same rater, task and order always give the same judgement.
 */
export function judge(rater: DemoRater, task: DemoTask): DemoJudgement {
  const perceived = task.responses.map((response, index) => {
    const noise = randomFor("demo-perception", rater.id, task.id, response.content).normal();
    const position = index === 0 ? rater.positionBias : 0;
    return (
      response.quality + noise * noiseIn(rater, task.domain) + position + lengthEffect(rater, task, response)
    );
  });
  const random = randomFor("demo-judgement", rater.id, task.id);
  return {
    comparison: perceived.length === 2 ? prefer(perceived[0], perceived[1]) : rank(perceived),
    rationale: rationale(rater, task, perceived, random),
    seconds: readingTime(rater, task, random),
  };
}

function noiseIn(rater: DemoRater, domain: string): number {
  return rater.expertise.includes(domain) ? rater.noise / 2 : rater.noise;
}

function lengthEffect(rater: DemoRater, task: DemoTask, response: { content: string }): number {
  const mean = task.responses.reduce((sum, { content }) => sum + content.length, 0) / task.responses.length;
  return rater.lengthBias * Math.log2(response.content.length / mean);
}

function prefer(a: number, b: number): DemoJudgement["comparison"] {
  if (a < USABLE && b < USABLE) return { type: "preference", outcome: "both_bad" };
  const gap = Math.abs(a - b);
  if (gap < TIE) return { type: "preference", outcome: "tie" };
  return {
    type: "preference",
    outcome: a > b ? "a" : "b",
    level: gap < SLIGHT ? 1 : gap < CLEAR ? 2 : 3,
  };
}

/** Competition ranks (1, 1, 3): a response ties with the one above it when it is hardly worse. */
function rank(perceived: readonly number[]): DemoJudgement["comparison"] {
  const order = perceived.map((_, index) => index).sort((i, j) => perceived[j] - perceived[i]);
  const ranks = perceived.map(() => 1);
  order.forEach((index, place) => {
    if (place === 0) return;
    const above = order[place - 1];
    ranks[index] = perceived[above] - perceived[index] < TIE ? ranks[above] : place + 1;
  });
  return { type: "ranking", ranks };
}

/** Experts often quote the reason in their own field, when they saw what the author saw; others tick chips. */
function rationale(
  rater: DemoRater,
  task: DemoTask,
  perceived: readonly number[],
  random: Random,
): DemoJudgement["rationale"] {
  const best = Math.max(...task.responses.map(({ quality }) => quality));
  const agrees = task.responses[perceived.indexOf(Math.max(...perceived))].quality === best;
  const explains = agrees && rater.expertise.includes(task.domain) && random.uniform() < 0.5;
  return { type: "text", text: explains ? (task.note ?? "") : "", chips: chipsFor(task, random) };
}

function chipsFor(task: DemoTask, random: Random): DemoChip[] {
  const spread =
    Math.max(...task.responses.map((r) => r.quality)) - Math.min(...task.responses.map((r) => r.quality));
  const sensitive = ["medicine", "safety", "cooking", "ethics"].includes(task.domain);
  const likely: [DemoChip, number][] = [
    ["correct", spread >= 2 ? 0.8 : 0.3],
    ["complete", 0.4],
    ["clear", 0.3],
    ["safe", sensitive ? 0.6 : 0.03],
    ["format", 0.12],
  ];
  return likely.filter(([, probability]) => random.uniform() < probability).map(([chip]) => chip);
}

/** Words for spaced scripts; two characters a word for Chinese, Japanese and Korean. */
function readingTime(rater: DemoRater, task: DemoTask, random: Random): number {
  const words = task.responses.reduce((sum, { content }) => {
    const cjk = content.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu);
    return sum + content.split(/\s+/).length + (cjk?.length ?? 0) / 2;
  }, 0);
  const deciding = 6 * Math.exp(0.5 * random.normal());
  return Math.round(deciding + (words / rater.wordsPerMinute) * 60);
}
