import { type Figure, NO_VOTES, VOTES } from "./figure";

/** What the map of texts is coloured by. */
export const meaningFigures = {
  leastAgreement: {
    name: "Least agreement on a prompt",
    is: "Of the pairs of a prompt's responses the one on which raters agree least: the share of its votes behind the most frequent outcome.",
    counts: `${VOTES} Pairs with two votes or more, of every question.`,
    leftOut: `Prompts without such a pair, and those that the model has not read or that are not drawn. ${NO_VOTES}`,
    interval: null,
    by: "server/meaning/meaning.ts textMap",
    query: `select t.prompt_id as prompt, min(p.agreement) as least from pair p join task t on t.id = p.task_id
where p.project_id = :project and p.votes >= 2 group by 1`,
    fields: ["meaning.map agreement[]"],
  },
} as const satisfies Record<string, Figure>;
