import type { Figure } from "./figure";

const TAKEN =
  "Judgements that the recipe takes, in force when the version was frozen: not excluded or sent back, of raters whose consent stood, and within the recipe's filters.";
const NOT_TAKEN =
  "What the filters do not admit, such as flagged judgements and models' where people are asked; what was undone, replaced, excluded or sent back; raters who withdrew consent.";
const BY_PROMPT =
  "95 %, clustered by prompt, since what belongs to one prompt is not independent: a ratio of sums, its linearised variance × G/(G−1), Student's t(G−1) on the logit scale; Wilson's on the number of prompts where they do not differ. None of one prompt, and none in versions of a time before they counted by prompt.";

const manifest = (...fields: string[]) => fields.map((field) => `dataset.version manifest.${field}`);
const share = (name: string) =>
  manifest(
    ...["of", "count", "interval.prompts", "interval.low", "interval.high"].map(
      (field) => `${name}.${field}`,
    ),
  );

/** Figures of a dataset version, on its page and in the cards of what is exported. They never change. */
export const datasetFigures = {
  versionRows: {
    name: "Rows",
    is: "Rows of the version, in all and of each split. A split is drawn by prompt: all rows of a prompt are in one.",
    counts: TAKEN,
    leftOut: "What gave no row; it is counted by its reason.",
    interval: null,
    by: "server/dataset/freeze.ts freezeVersion",
    query: `select count(*) as rows, count(*) filter (where split = 'train') as train,
  count(*) filter (where split = 'validation') as validation, count(*) filter (where split = 'test') as test
from dataset_row where version_id = :version`,
    fields: [
      "dataset.version rows",
      "dataset.count rows.*",
      ...manifest("rows.*"),
      "dataset-card Rows",
      "model-card Rows",
      "model.lineage version.rows",
    ],
  },
  versionPrompts: {
    name: "Prompts",
    is: "Prompts that gave at least one row, in all, of each language and of each domain.",
    counts: "Each prompt once, however many rows it gave.",
    leftOut: "Prompts without a row.",
    interval: null,
    by: "server/dataset/statistics.ts ManifestBuilder",
    query: `select count(distinct prompt_id) as prompts from dataset_row where version_id = :version`,
    fields: [
      ...manifest("prompts", "languages.*", "domains.*"),
      "dataset-card Prompts",
      "model-card Prompts",
    ],
  },
  versionGround: {
    name: "Annotations behind the rows",
    is: "Judgements that at least one row rests on, and the raters who gave them.",
    counts:
      "Each judgement once, however many rows rest on it: also one that was outvoted, and an adjudication.",
    leftOut: "Judgements whose comparisons gave no row, and those of a weight of 0.",
    interval: null,
    by: "server/dataset/statistics.ts ManifestBuilder",
    query: `select count(distinct n.id) as annotations, count(distinct n.rater_id) as raters
from dataset_row r join annotation n on n.id = any(r.annotation_ids) where r.version_id = :version`,
    fields: [
      ...manifest("annotations", "raters"),
      ...["dataset-card", "model-card"].flatMap((card) => [
        `${card} Annotations behind the rows`,
        `${card} Annotators`,
      ]),
      "model.lineage version.annotations",
    ],
  },
  versionLeftOut: {
    name: "Left out, and why",
    is: "What the filters admit and gave no row, by the rule of the recipe that left it out.",
    counts:
      "Comparisons, votes, replies, groups of replies or prompts, as each line says: they are not added up.",
    leftOut: NOT_TAKEN,
    interval: null,
    by: "server/dataset/schema.ts leftOutLines",
    fields: [...manifest("dropped.*"), "dataset-card Left out"],
  },
  versionAgreement: {
    name: "Raw agreement of two votes",
    is: "Of all comparisons of two raters of one pair, the share that came out the same. What chance alone would give is not taken off.",
    counts: `${TAKEN} Also where they gave no row: without comparisons that were dropped because raters differ, agreement would look perfect. Weights do not matter here.`,
    leftOut: `Adjudications, whose authors have seen the votes; pairs with one vote. ${NOT_TAKEN}`,
    interval:
      "95 %: the estimate without one prompt at a time (jackknife), Student's t with one degree less than prompts, on Fisher's z. None where everybody agreed, and none in versions of a time before they counted by prompt.",
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [
      ...share("agreement"),
      "dataset-card Raw agreement of two votes",
      "model-card Raw agreement of two votes",
    ],
  },
  versionAlpha: {
    name: "Krippendorff's α",
    is: "How far raters agree on which of two replies is better, beyond chance: 1 is full, 0 is what chance gives. Nominal over better, worse, tie and both bad; where it was drawn which reply stood first, each pair counts in both orientations.",
    counts: `${TAKEN} Also where they gave no row: of comparisons with votes of two raters or more.`,
    leftOut: `Adjudications, whose authors have seen the votes; pairs with one vote. ${NOT_TAKEN}`,
    interval:
      "95 %: the estimate without one prompt at a time (jackknife), Student's t with one degree less than prompts, on Fisher's z. None where everybody agreed; versions of a time before it was computed have no α.",
    by: "server/dataset/agreement.ts PairVotes",
    fields: [
      ...manifest(...["estimate", "low", "high", "n"].map((field) => `alpha.${field}`)),
      "dataset-card Krippendorff's α",
      "model-card Krippendorff's α",
    ],
  },
  versionFirstShown: {
    name: "First-shown response wins",
    is: "Of the votes that prefer one response, the share for the one shown first (left or top). Far from 50 % it is position bias.",
    counts: `${TAKEN} Also where they gave no row. Only votes for one of the two, where it is known what stood first.`,
    leftOut: `Ties and both bad; votes whose order an import does not tell; adjudications. ${NOT_TAKEN}`,
    interval:
      "95 %, clustered by prompt, as the other shares of the version: a recipe may take models and imports, whose order nobody drew anew for each vote.",
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [...share("firstShownWins"), "dataset-card First-shown response wins"],
  },
  chosenLonger: {
    name: "Chosen longer than rejected",
    is: "Of the rows with a chosen and a rejected reply, the share whose chosen one has more characters. Far from 50 %, a model may learn length.",
    counts: "Rows of pairs: each once; a tied pair that gives a row in each direction counts twice.",
    leftOut: "Rows of other kinds.",
    interval: BY_PROMPT,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [
      ...share("chosenLonger"),
      "dataset-card Chosen longer than rejected",
      "model-card Chosen longer than rejected",
    ],
  },
  labelledGood: {
    name: "Labelled good",
    is: "Of the rows with a label, the share whose reply is labelled good.",
    counts: "Rows of replies with a good or bad label.",
    leftOut:
      "Replies whose comparisons gave no label; they are counted by their reason. Rows of other kinds.",
    interval: BY_PROMPT,
    by: "server/dataset/statistics.ts ManifestBuilder",
    query: `select count(*) as "of", count(*) filter (where row->>'label' = 'true') as count
from dataset_row where version_id = :version and row->'label' is not null`,
    fields: [...share("positive"), "dataset-card Labelled good"],
  },
  oppositeReplies: {
    name: "Replies with opposite verdicts",
    is: "Of the replies that comparisons found good or bad, the share of those with a verdict for and one against them.",
    counts: "Replies of rows with a label, and those that were left out because their verdicts are at odds.",
    leftOut: "Replies of which comparisons say nothing. Rows of other kinds.",
    interval: BY_PROMPT,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [...share("oppositeReplies"), "dataset-card Replies with opposite verdicts"],
  },
  oppositeTexts: {
    name: "Same texts of several sources with opposite verdicts",
    is: "Of the comparisons of the same two texts that came from several sources, the share whose sources had opposite verdicts before they were counted together.",
    counts: "Pairs of texts that were compared more than once under different sources.",
    leftOut:
      "Pairs of texts that were compared under one source each; all, where replies of the same text are not one.",
    interval: BY_PROMPT,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [...share("oppositeTexts"), "dataset-card Same texts of several sources with opposite verdicts"],
  },
  rowForms: {
    name: "Forms of rows",
    is: "Rows of each split that have the same traits, such as a tool call or several turns: what decides which layouts hold them.",
    counts: "Each row once, with all its traits.",
    leftOut: "Traits that nobody knew when the version was frozen.",
    interval: null,
    by: "server/dataset/plan.ts FormCounter",
    fields: manifest("forms.counts[].rows"),
  },
  replyLengths: {
    name: "Length of the replies",
    is: "How many replies of the rows have a length in each bin: bins double, and a bin says what its lengths stay below.",
    counts:
      "Characters of all messages of a reply; chosen and good replies apart from rejected and bad ones.",
    leftOut: "Prompts.",
    interval: null,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: manifest("lengths.chosen[]", "lengths.rejected[]"),
  },
  votesWon: {
    name: "Votes won, by source",
    is: "Of the votes that prefer one of two responses, the share for the response of the source, whatever it was compared with.",
    counts: `${TAKEN} Also where they gave no row. A vote counts once for each of its two sources.`,
    leftOut: `Ties and both bad; adjudications. ${NOT_TAKEN}`,
    interval: BY_PROMPT,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: share("wins.*"),
  },
  effectiveRows: {
    name: "Effective rows",
    is: "As how many rows of equal weight the weighted rows of all splits count: (Σw)²/Σw² (Kish 1965, § 8.2), to a tenth.",
    counts: "Each row with its weight.",
    leftOut: "Nothing: versions whose rows have no weights have no such number.",
    interval: null,
    by: "server/dataset/statistics.ts ManifestBuilder",
    fields: [...manifest("effectiveRows"), "dataset-card Effective rows"],
  },
  versionChange: {
    name: "Change from the version before",
    is: "Rows that this version has and the one before has not, the other way round, those of both whose margin or raters differ, and those that went to another split.",
    counts: "A row is the same in two versions if it says the same of the same replies.",
    leftOut: "Nothing: none for a first version.",
    interval: null,
    by: "server/dataset/dataset.ts diffToPrevious",
    fields: ["added", "removed", "changed", "moved"].map((field) => `dataset.diff ${field}`),
  },
} as const satisfies Record<string, Figure>;
