import type { Figure } from "./figure";

const LIST = "endpoint.list [].spent.";
const ledger = (columns: string) => `select ${columns} from endpoint_attempt a
join endpoint e on e.id = a.endpoint_id and e.removed_at is null
where e.project_id = :project group by e.id`;

const USED = "endpoint.usage [].";
/** Both sources of use, of the last thirty days in UTC. */
const used = (ofEndpoints: string, ofModels: string) => `select ${ofEndpoints} from endpoint_attempt a
join endpoint e on e.id = a.endpoint_id
where e.project_id = :project and a.started_at >= date_trunc('day', now(), 'UTC') - interval '29 days'
union all
select ${ofModels} from model_call
where project_id = :project and created_at >= date_trunc('day', now(), 'UTC') - interval '29 days'`;

/** What requests to models of others came to. */
export const endpointFigures = {
  endpointRequests: {
    name: "Requests",
    is: "Requests that went out to the endpoint since it was added, and how each ended.",
    counts:
      "Every attempt, probes and tries too, written down before it goes out. Unknown: nobody saw its end, because its worker was killed, it was cancelled or its answer broke off; what is under way is among them.",
    leftOut: "Calls whose reply was stored already: they are not asked again.",
    interval: null,
    by: "server/endpoint/ledger.ts receiptsOfProject",
    query: ledger(`count(*) as requests, count(*) filter (where outcome = 'answered') as answered,
  count(*) filter (where outcome = 'failed') as failed,
  count(*) filter (where coalesce(outcome, 'unknown') = 'unknown') as unknown`),
    fields: ["requests", "answered", "failed", "unknown"].map((field) => `${LIST}${field}`),
  },
  endpointTokens: {
    name: "Tokens",
    is: "Tokens of prompts, of which some came from the provider's cache, and of replies.",
    counts:
      "What the provider told with each reply; what a model thinks before it writes is among the reply's.",
    leftOut: "Requests that were not answered, and replies without a word about tokens.",
    interval: null,
    by: "server/endpoint/ledger.ts receiptsOfProject",
    query: ledger(
      `coalesce(sum(input), 0) as input, coalesce(sum(cached), 0) as cached, coalesce(sum(output), 0) as output`,
    ),
    fields: ["input", "cached", "output"].map((field) => `${LIST}${field}`),
  },
  endpointCost: {
    name: "Cost",
    is: "US dollars for the tokens of replies, at the prices that the endpoint had at that time. The provider's bill decides.",
    counts: "Each reply once; what came from the provider's cache at its own price.",
    leftOut:
      "Replies whose tokens or prices are not known (unpriced). Unknown requests stand beside, with what they cost at most: a token for each byte, and the longest reply.",
    interval: null,
    by: "server/endpoint/ledger.ts receiptsOfProject",
    query:
      ledger(`coalesce(sum(cost), 0) as cost, count(*) filter (where outcome = 'answered' and cost is null) as unpriced,
  coalesce(sum(bound) filter (where coalesce(outcome, 'unknown') = 'unknown'), 0) as "unknownCost"`),
    fields: ["cost", "unpriced", "unknownCost"].map((field) => `${LIST}${field}`),
  },
  usageRequests: {
    name: "Requests",
    is: "Requests to models in the days that are shown, and how many of them were answered.",
    counts:
      "Of models at endpoints every attempt, probes and tries too, also where the endpoint was removed since; of the project's own models every call that a program made. A day begins at midnight in UTC.",
    leftOut:
      "Calls whose reply was stored already; what runs asked of models without an endpoint. The accounts of the project's own models are kept for 90 days.",
    interval: null,
    by: "server/endpoint/usage.ts usageOf",
    query: used(
      "count(*) as requests, count(*) filter (where outcome = 'answered') as answered",
      "count(*), count(*) filter (where status = 'done')",
    ),
    fields: ["requests", "answered"].map((field) => `${USED}${field}`),
  },
  usageTokens: {
    name: "Tokens",
    is: "Tokens of prompts, of which some came from the provider's cache, and of replies, in the days that are shown.",
    counts: "What the provider told with each reply; of the project's own models what its worker counted.",
    leftOut: "Requests whose provider said nothing about tokens.",
    interval: null,
    by: "server/endpoint/usage.ts usageOf",
    query: used(
      "coalesce(sum(input), 0) as input, coalesce(sum(cached), 0) as cached, coalesce(sum(output), 0) as output",
      "coalesce(sum(input_tokens), 0), 0, coalesce(sum(output_tokens), 0)",
    ),
    fields: ["input", "cached", "output"].map((field) => `${USED}${field}`),
  },
  usageCost: {
    name: "Cost",
    is: "US dollars for the tokens of replies in the days that are shown, at the prices that each endpoint had at that time. The provider's bill decides.",
    counts: "Each reply once. The project's own models cost nothing here: your machines do.",
    leftOut:
      "Replies whose tokens or prices are not known (unpriced). Requests whose end nobody saw stand beside, with what they cost at most.",
    interval: null,
    by: "server/endpoint/usage.ts usageOf",
    query: used(
      `coalesce(sum(cost), 0) as cost, count(*) filter (where outcome = 'answered' and cost is null) as unpriced,
  coalesce(sum(bound) filter (where coalesce(outcome, 'unknown') = 'unknown'), 0) as "unknownCost"`,
      "coalesce(sum(0), 0), 0, 0",
    ),
    fields: ["cost", "unpriced", "unknownCost"].map((field) => `${USED}${field}`),
  },
} as const satisfies Record<string, Figure>;
