/** The filters that a recipe may name: each a function of the candidates that are left, its settings and other files. */
import { z } from "zod";
import { textsIn } from "../benchmark/contamination";
import { placesBy } from "../group";
import { InputError } from "../statistics/estimate";
import { bestOfCurve } from "./best-of-n";
import { type Candidate, numberAt, numbersAt, textAt, textOfFields, truthAt, wordsAt } from "./candidate";
import { deitaScore, diverse } from "./diverse";
import { evolutionFault } from "./evolved";
import { exactDuplicates } from "./exact";
import { quotedAt } from "./grounded";
import { followingDifficulty, mostInstructive } from "./ifd";
import { kCenter } from "./k-center";
import { nearDuplicates } from "./near";
import { benchmarkOverlap } from "./overlap";
import { bestAnswers } from "./pairs";
import { noPersonal, personalKinds } from "./personal";
import { saysMinor, scrub } from "./scrub";
import { secretIn } from "./secrets";
import { selfInstruct, usableInstances } from "./self-instruct";
import { semanticDuplicates } from "./semantic";
import { byTags } from "./tags";
import { unitVectors } from "./vectors";

/** Why a candidate went, in words that are the same for all that went for it, and the numbers. */
export interface Verdict {
  readonly why: string;
  readonly [detail: string]: unknown;
}

interface Outcome {
  /** Of each candidate: null where it stays. */
  readonly verdicts: readonly (Verdict | null)[];
  /** What was changed in the candidates that stay; without it, nothing. */
  readonly candidates?: readonly Candidate[];
  /** The same change to a row of another file: later steps compare like with like. */
  readonly changes?: (row: Candidate) => Candidate;
  /** What each candidate was measured by, for a histogram. */
  readonly measured?: { readonly what: string; readonly values: readonly number[] };
  readonly notes?: Readonly<Record<string, unknown>>;
}

export interface Surroundings {
  readonly seed: number;
  /** The fields in which a candidate's text stands. */
  readonly text: readonly string[];
  /** The candidates in the order in which duplicates are told: of two, the earlier stays. */
  readonly order: (candidates: readonly Candidate[]) => number[];
  /** The rows of another file that a step names. */
  readonly file: (path: string) => readonly Candidate[];
}

type Run = (candidates: readonly Candidate[], around: Surroundings) => Outcome;

interface Step {
  /** In one sentence, for a gallery. */
  readonly says: string;
  /** @throws z.ZodError where the settings are none of the step's */
  readonly with: (settings: unknown) => { readonly settings: Record<string, unknown>; readonly run: Run };
}

function step<S extends z.ZodType<Record<string, unknown>>>(
  says: string,
  shape: S,
  run: (candidates: readonly Candidate[], settings: z.output<S>, around: Surroundings) => Outcome,
): Step {
  return {
    says,
    with: (given) => {
      const settings = shape.parse(given);
      return { settings, run: (candidates, around) => run(candidates, settings, around) };
    },
  };
}

const share = z.number().min(0).max(1);
const field = z.string().min(1);
const keep = z.int().positive();
const fields = z.union([field.transform((one) => [one]), z.array(field).min(1)]);
const files = z.union([field.transform((one) => [one]), z.array(field)]).default([]);

const stays = (
  candidates: readonly Candidate[],
  taken: readonly number[],
  why: string,
): (Verdict | null)[] => {
  const kept = new Set(taken);
  return candidates.map((_, index) => (kept.has(index) ? null : { why }));
};

/** Other files' texts, which stay whatever they are like, and then the candidates' in their order. */
function withFixed(
  candidates: readonly Candidate[],
  settings: { readonly text?: readonly string[]; readonly against: readonly string[] },
  around: Surroundings,
) {
  const text = settings.text ?? around.text;
  const fixed = settings.against.flatMap((path) => around.file(path));
  const all = [...fixed, ...candidates];
  return {
    fixed: fixed.length,
    all,
    // A benchmark has fields of its own: where it lacks those of the candidates, all its texts.
    texts: all.map((one, index) =>
      index < fixed.length && !text.every((name) => Object.hasOwn(one.value, name))
        ? textsIn(one.value).join("\n")
        : textOfFields(one, text),
    ),
    order: [...fixed.keys(), ...around.order(candidates).map((index) => fixed.length + index)],
  };
}

function vectorsOf(candidates: readonly Candidate[], name: string) {
  return unitVectors(
    candidates.map((candidate) => numbersAt(candidate, name)),
    (row) => `${candidates[row].place}: ${name}`,
  );
}

export const steps = {
  scrub: step(
    "replaces personal data that has a pattern by placeholders, and drops rows with secrets or of minors",
    z.strictObject({ drop_secrets: z.boolean().default(true), drop_minors: z.boolean().default(true) }),
    (candidates, { drop_secrets, drop_minors }) => {
      const replaced = noPersonal();
      const verdicts: (Verdict | null)[] = [];
      const scrubbed = candidates.map((candidate): Candidate => {
        const texts = textsIn(candidate.value);
        const secret = drop_secrets ? texts.map(secretIn).find((found) => found !== null) : null;
        const isMinor = drop_minors && texts.some(saysMinor);
        verdicts.push(
          secret ? { why: `holds ${secret}` } : isMinor ? { why: "somebody says they are under 18" } : null,
        );
        const { value, counts } = scrub(candidate.value);
        for (const kind of personalKinds) replaced[kind] += counts[kind];
        return { ...candidate, value };
      });
      return {
        ...{ verdicts, candidates: scrubbed, notes: { replaced } },
        changes: (row) => ({ ...row, value: scrub(row.value).value }),
      };
    },
  ),
  exact: step(
    "drops copies: the same but for case, white space and forms of letters",
    z.strictObject({ text: fields.optional(), against: files }),
    (candidates, settings, around) => {
      const { fixed, all, texts, order } = withFixed(candidates, settings, around);
      const found = exactDuplicates(texts, order).slice(fixed);
      return { verdicts: found.map((of) => (of === null ? null : { why: "a copy", of: all[of].place })) };
    },
  ),
  near: step(
    "drops near duplicates: MinHash over runs of five words, checked by exact Jaccard similarity",
    z.strictObject({
      threshold: share.default(0.7),
      recall: z.number().min(0).max(0.9999).default(0.99),
      text: fields.optional(),
      against: files,
    }),
    (candidates, settings, around) => {
      const { fixed, all, texts, order } = withFixed(candidates, settings, around);
      const found = nearDuplicates(texts, { ...settings, order, fixed }).slice(fixed);
      return {
        verdicts: found.map(
          (near) => near && { why: "nearly the same", of: all[near.of].place, similarity: near.similarity },
        ),
      };
    },
  ),
  benchmark: step(
    "drops rows that repeat 13 words of a benchmark, or the whole of a shorter text of it",
    z.strictObject({ against: files, text: fields.optional() }),
    (candidates, { against, text }, around) => {
      const documents = against.flatMap((path) => around.file(path));
      const texts = documents.flatMap((one) =>
        textsIn(one.value).map((found) => ({ found, place: one.place })),
      );
      const found = benchmarkOverlap(
        texts.map((one) => one.found),
        candidates.map((candidate) => textOfFields(candidate, text ?? around.text)),
      );
      return {
        verdicts: found.map(
          (one) => one && { why: "stands in a benchmark", of: texts[one.document].place, words: one.words },
        ),
      };
    },
  ),
  self_instruct: step(
    "drops instructions that a text model cannot follow, or that are like one before (ROUGE-L)",
    z.strictObject({
      instruction: field,
      seeds: files,
      threshold: share.default(0.7),
      words: z.enum(["unicode", "rouge_score"]).default("unicode"),
    }),
    (candidates, { instruction, seeds, threshold, words }, around) => {
      const pool = seeds.flatMap((path) => around.file(path));
      const all = [...pool, ...candidates];
      const texts = all.map((one) => textAt(one, instruction));
      const [own, others] = [texts.slice(0, pool.length), texts.slice(pool.length)];
      const found = selfInstruct(own, others, { tokenizer: words, threshold });
      // The published filter is blind to other scripts: what it would have let pass is said beside.
      const other = words === "unicode" ? "rouge_score" : "unicode";
      const accepted = selfInstruct(own, others, { tokenizer: other, threshold }).filter(
        ({ drop }) => drop === null,
      );
      return {
        verdicts: found.map(
          ({ drop, nearest }) =>
            drop && {
              why: drop,
              ...(nearest.length > 0 && { of: all[nearest[0].of].place, rouge_l: nearest[0].f }),
            },
        ),
        measured: {
          what: "ROUGE-L F1 to the most alike",
          values: found
            .filter(({ drop }) => drop === null || drop === "like another")
            .map(({ nearest }) => nearest[0]?.f ?? 0),
        },
        notes: { words, [`accepted_with_${other}`]: accepted.length },
      };
    },
  ),
  instances: step(
    "drops unusable examples of an instruction, and all of one whose equal inputs have different outputs",
    z.strictObject({ instruction: field, input: field, output: field, most: keep.default(5) }),
    (candidates, { instruction, input, output, most }) => {
      const all = candidates.map((candidate, index) => ({
        index,
        input: textAt(candidate, input),
        output: textAt(candidate, output),
      }));
      const tasks = placesBy(candidates, (candidate) => textAt(candidate, instruction));
      const usable = [...tasks.values()].flatMap((places) =>
        usableInstances(
          places.map((place) => all[place]),
          most,
        ),
      );
      return {
        verdicts: stays(
          candidates,
          usable.map(({ index }) => index),
          "no usable example",
        ),
      };
    },
  ),
  evolved: step(
    "drops evolved instructions that ask nothing new, repeat the operator, or were not answered",
    z.strictObject({ instruction: field, reply: field, equal: field.optional() }),
    (candidates, { instruction, reply, equal }) => ({
      verdicts: candidates.map((candidate) => {
        const why = evolutionFault({
          instruction: textAt(candidate, instruction),
          reply: textAt(candidate, reply),
          isEqual: equal !== undefined && truthAt(candidate, equal),
        });
        return why === null ? null : { why };
      }),
    }),
  ),
  grounded: step(
    "drops rows whose quotation does not stand in their document",
    z.strictObject({ quotation: field, document: field }),
    (candidates, { quotation, document }) => ({
      verdicts: candidates.map((candidate) =>
        quotedAt(textAt(candidate, quotation), textAt(candidate, document)) === null
          ? { why: "the quotation is not in the document" }
          : null,
      ),
    }),
  ),
  score: step(
    "keeps rows whose score is high enough",
    z
      .strictObject({ field, at_least: z.number().optional(), below: z.number().optional() })
      .refine(({ at_least, below }) => at_least !== undefined || below !== undefined, {
        error: "say at_least, below, or both",
      }),
    (candidates, { field: name, at_least, below }) => {
      const values = candidates.map((candidate) => numberAt(candidate, name));
      return {
        verdicts: values.map((score) => {
          if (at_least !== undefined && score < at_least) return { why: `${name} below ${at_least}`, score };
          return below !== undefined && score >= below ? { why: `${name} not below ${below}`, score } : null;
        }),
        measured: { what: name, values },
      };
    },
  ),
  ifd: step(
    "keeps the share of rows whose answer their prompt helps least, below 1 (IFD)",
    z.strictObject({ conditioned: field, alone: field, share: share.default(0.1) }),
    (candidates, { conditioned, alone, share: part }) => {
      const values = candidates.map((candidate) =>
        followingDifficulty(numberAt(candidate, conditioned), numberAt(candidate, alone)),
      );
      const taken = new Set(mostInstructive(values, part));
      return {
        verdicts: values.map((ifd, index) => {
          if (taken.has(index)) return null;
          return { why: ifd >= 1 ? "the prompt does not help" : "the prompt helps more than elsewhere", ifd };
        }),
        measured: { what: "IFD", values },
      };
    },
  ),
  deita: step(
    "keeps the best rows by complexity × quality of which no two are close",
    z.strictObject({ complexity: field, quality: field, embedding: field, keep, limit: share.default(0.9) }),
    (candidates, { complexity, quality, embedding, keep: most, limit }) => {
      const scores = candidates.map((candidate) => turnScores(candidate, complexity, quality));
      const { taken, close } = diverse(scores, vectorsOf(candidates, embedding), { most, limit });
      const kept = new Set(taken);
      return {
        verdicts: candidates.map((_, index) => {
          if (kept.has(index)) return null;
          const near = close.get(index);
          return near
            ? {
                why: "close to a better one",
                of: candidates[near.of].place,
                cosine: near.cosine,
                score: scores[index],
              }
            : { why: "not among the best", score: scores[index] };
        }),
        measured: { what: "complexity × quality", values: scores },
      };
    },
  ),
  k_center: step(
    "keeps rows that cover the space of embeddings",
    z.strictObject({ embedding: field, keep }),
    (candidates, { embedding, keep: most }, { seed }) => {
      const centres = kCenter(vectorsOf(candidates, embedding), { most, seed });
      return {
        verdicts: stays(
          candidates,
          centres.map(({ row }) => row),
          "covered by others",
        ),
        notes: { radius: centres.at(-1)?.distance ?? null },
      };
    },
  ),
  semantic: step(
    "drops rows whose embedding is close to that of a less typical one of their cluster (SemDeDup)",
    z.strictObject({ embedding: field, epsilon: share.default(0.1), clusters: keep.optional() }),
    (candidates, { embedding, epsilon, clusters }, { seed }) => ({
      verdicts: semanticDuplicates(vectorsOf(candidates, embedding), { epsilon, seed, clusters }).map(
        (near) => near && { why: "means the same", of: candidates[near.of].place, cosine: near.cosine },
      ),
    }),
  ),
  tags: step(
    "keeps rows with many tags that together cover them",
    z.strictObject({ tags: field, keep }),
    (candidates, { tags, keep: most }) => ({
      verdicts: stays(
        candidates,
        byTags(
          candidates.map((candidate) => wordsAt(candidate, tags)),
          most,
        ),
        "brings no tag before its turn",
      ),
    }),
  ),
  best: step(
    "keeps the best answer of each prompt (rejection sampling)",
    z.strictObject({
      prompt: field,
      answer: field,
      score: field,
      at_least: z.number().optional(),
      /** A score that is trusted more: with it the report says from which n on the choosing one misleads. */
      gold: field.optional(),
    }),
    (candidates, { prompt, answer, score, at_least, gold }) => {
      const scored = candidates.map((candidate) => ({
        prompt: textAt(candidate, prompt),
        text: textAt(candidate, answer),
        score: numberAt(candidate, score),
      }));
      return {
        verdicts: stays(candidates, bestAnswers(scored, at_least), "not the best of its prompt"),
        measured: { what: score, values: scored.map((one) => one.score) },
        ...(gold !== undefined && { notes: { best_of_n: bestOfCurve(answersOf(scored, candidates, gold)) } }),
      };
    },
  ),
} as const satisfies Record<string, Step>;

export type StepName = keyof typeof steps;

/** Scores may be one number, or one for each turn. */
function turnScores(candidate: Candidate, complexity: string, quality: string): number {
  const [hard, good] = [complexity, quality].map((name) => {
    const isList = Array.isArray(candidate.value[name]);
    return isList ? numbersAt(candidate, name) : [numberAt(candidate, name)];
  });
  if (hard.length !== good.length)
    throw new InputError(
      `${candidate.place}: ${complexity} has ${hard.length} turns and ${quality} ${good.length}; score every turn by both.`,
    );
  return deitaScore(hard.map((value, turn) => ({ complexity: value, quality: good[turn] })));
}

/** The answers of each prompt, by the score that chooses and by the trusted one. */
const answersOf = (
  scored: readonly { readonly prompt: string; readonly score: number }[],
  candidates: readonly Candidate[],
  gold: string,
) =>
  [...placesBy(scored, ({ prompt }) => prompt).values()].map((places) =>
    places.map((place) => ({ proxy: scored[place].score, gold: numberAt(candidates[place], gold) })),
  );
