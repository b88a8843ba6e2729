import { z } from "zod";
import { toMessages, toPrompt } from "../conversation";
import {
  critiqueQuestion,
  fileLabel,
  judgement,
  leaning,
  ratingQuestion,
  rationaleQuestion,
  written,
} from "../questions";
import type { Judgement } from "../schema";
import type { RowValue } from "../source/row";
import { describePrompt, hasPrompt, promptFields, promptMessages } from "./fields";
import { defineShape, eachRow, otherColumns } from "./shape";
import { annotator, languageTag, listOf, numeric } from "./spelling";

const attributes = [
  { id: "helpfulness", label: "Helpfulness" },
  { id: "correctness", label: "Correctness" },
  { id: "coherence", label: "Coherence" },
  { id: "complexity", label: "Complexity" },
  { id: "verbosity", label: "Verbosity" },
] as const;
const attributeFields = {
  helpfulness: numeric.nullish(),
  correctness: numeric.nullish(),
  coherence: numeric.nullish(),
  complexity: numeric.nullish(),
  verbosity: numeric.nullish(),
};
const attributeNames = attributes.map(({ id }) => id);
const attributesQuestion = ratingQuestion("helpsteer", "Rate the response.", attributes, 4, false);
const ratedColumns = ["response", ...attributeNames];

/** HelpSteer and HelpSteer 2: one reply, rated from 0 to 4 on five attributes. */
export const helpSteerRatings = defineShape({
  id: "helpsteer",
  title: "Rated responses (HelpSteer)",
  looksLike: "prompt, response and ratings of helpfulness, correctness, coherence, complexity or verbosity",
  example: {
    prompt: "How many moons has Mars?",
    response: "Two.",
    helpfulness: 4,
    correctness: 4,
    coherence: 4,
    complexity: 1,
    verbosity: 0,
  },
  fields: ["response"],
  when: (row) => hasPrompt(row) && attributeNames.some((name) => Object.hasOwn(row, name)),
  row: z.looseObject({
    ...promptFields,
    response: z.string(),
    ...attributeFields,
  }),
  open: eachRow((row) => {
    const ratings = attributeNames.flatMap((name) => {
      const value = row[name];
      return value === null || value === undefined ? [] : [{ name, value }];
    });
    return [
      {
        prompt: describePrompt(promptMessages(row), row, ratedColumns),
        responses: [{ content: row.response, metadata: {} }],
        judgements:
          ratings.length > 0
            ? [
                judgement(fileLabel, [
                  attributesQuestion,
                  {
                    type: "rating",
                    values: Object.fromEntries(ratings.map(({ name, value }) => [name, [value]])),
                  },
                ]),
              ]
            : [],
      },
    ];
  }),
});

const strength = numeric.pipe(z.number().int().min(-3).max(3));

interface Opinion {
  strength: number;
  reason?: string | null;
  critique?: string;
}

/** One label for each annotator; without any, the verdict of the file as a whole. */
function verdicts(opinions: readonly Opinion[], overall: Opinion | null): Judgement[] {
  const said = (opinion: Opinion) => [
    leaning(opinion.strength),
    ...(opinion.reason ? [written(rationaleQuestion, opinion.reason)] : []),
    ...(opinion.critique ? [written(critiqueQuestion, opinion.critique)] : []),
  ];
  if (opinions.length > 0)
    return opinions.map((opinion, index) => judgement(annotator(index), ...said(opinion)));
  return overall ? [judgement(fileLabel, ...said(overall))] : [];
}

/** What the annotators' labels were summed up to says nothing more, once they are there themselves. */
function without(row: RowValue, always: ReadonlySet<string>, summed: readonly string[], individual: boolean) {
  const rest = otherColumns(row, always);
  if (!individual) for (const name of summed) delete rest[name];
  return rest;
}

const comparedColumns = new Set(["prompt", "response_1", "response_2", "all_preferences_unprocessed"]);
const comparedSums = ["preference_strength", "preference_elaboration"];

/** HelpSteer 2's preferences: from −3, response 1 much better, to 3, response 2 much better. */
export const helpSteer2Preference = defineShape({
  id: "helpsteer2_preference",
  title: "HelpSteer 2 preferences",
  looksLike: "prompt, response_1, response_2 and preference_strength (−3 to 3)",
  example: {
    prompt: "How many moons has Mars?",
    response_1: "Two.",
    response_2: "One.",
    preference_strength: -3,
    preference_elaboration: "The first is right.",
  },
  fields: ["prompt", "response_1", "response_2", "preference_strength"],
  row: z.looseObject({
    prompt: z.string(),
    response_1: z.string(),
    response_2: z.string(),
    preference_strength: strength,
    preference_elaboration: z.string().nullish(),
    all_preferences_unprocessed: listOf(
      z.looseObject({ strength, elaboration: z.string().nullish() }),
    ).optional(),
  }),
  open: eachRow((row) => {
    const opinions = (row.all_preferences_unprocessed ?? []).map(({ strength, elaboration }) => ({
      strength,
      reason: elaboration,
    }));
    return [
      {
        prompt: toPrompt(toMessages(row.prompt, "prompt", "user"), {
          metadata: without(row, comparedColumns, comparedSums, opinions.length > 0),
        }),
        responses: [row.response_1, row.response_2].map((content) => ({ content, metadata: {} })),
        judgements: verdicts(opinions, {
          strength: row.preference_strength,
          reason: row.preference_elaboration,
        }),
      },
    ];
  }),
});

const contextColumns = new Set([
  "context",
  "response1",
  "response2",
  "individual_preference",
  "domain",
  "language",
]);
const contextSums = ["overall_preference"];

/** HelpSteer 3's preferences: a conversation, two replies, and what each annotator said of them. */
export const helpSteer3Preference = defineShape({
  id: "helpsteer3_preference",
  title: "HelpSteer 3 preferences",
  looksLike: "context, response1, response2 and overall_preference (−3 to 3)",
  example: {
    context: [{ role: "user", content: "How many moons has Mars?" }],
    response1: "Two.",
    response2: "One.",
    overall_preference: -3,
    language: "english",
  },
  fields: ["context", "response1", "response2", "overall_preference"],
  row: z.looseObject({
    context: z.unknown(),
    response1: z.string(),
    response2: z.string(),
    overall_preference: strength,
    individual_preference: listOf(
      z.looseObject({
        score: strength,
        reasoning: z.string().nullish(),
        feedback1: z.string().nullish(),
        feedback2: z.string().nullish(),
      }),
    ).optional(),
    domain: z.string().nullish(),
    language: z.string().nullish(),
  }),
  open: eachRow((row) => {
    const opinions = (row.individual_preference ?? []).map(
      ({ score, reasoning, feedback1, feedback2 }): Opinion => ({
        strength: score,
        reason: reasoning,
        critique: feedback(feedback1, feedback2),
      }),
    );
    return [
      {
        prompt: toPrompt(toMessages(row.context, "context", "user"), {
          domain: row.domain ?? undefined,
          language: languageTag(row.language),
          metadata: without(row, contextColumns, contextSums, opinions.length > 0),
        }),
        responses: [row.response1, row.response2].map((content) => ({ content, metadata: {} })),
        judgements: verdicts(opinions, { strength: row.overall_preference }),
      },
    ];
  }),
});

function feedback(first: string | null | undefined, second: string | null | undefined): string | undefined {
  const parts = [first && `Response 1: ${first}`, second && `Response 2: ${second}`].filter(Boolean);
  return parts.length > 0 ? parts.join("\n\n") : undefined;
}
