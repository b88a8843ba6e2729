import type { Figure } from "./figure";

const on = (...fields: string[]) => fields.map((field) => `construction.get ${field}`);

/** What a data run made, and how people find it. */
export const constructionFigures = {
  dataRunKept: {
    name: "Kept by filters",
    is: "Of the candidates that a data run made, those that each of its filters let pass. A reply out of which no row could be read is a candidate too, and was dropped.",
    counts: "Every candidate of the run, in the order in which the method made them.",
    leftOut: "Nothing.",
    interval: null,
    by: "server/construction/run.ts getDataRun",
    query: `select count(*) filter (where dropped is null) as kept, count(*) filter (where dropped is not null) as dropped
from candidate where run_id = :run`,
    fields: on("kept", "dropped", "yields[].from", "yields[].made", "yields[].kept"),
  },
  dataRunFilters: {
    name: "What filters removed",
    is: "For each filter the candidates that it was asked about and those that it dropped; and why candidates were dropped, each once.",
    counts:
      "A candidate is shown to filters one after the other; those after the one that drops it are not asked.",
    leftOut: "Candidates that no filter was asked about, because there was no reply to read.",
    interval: null,
    by: "server/construction/run.ts getDataRun",
    fields: on("filters[].asked", "filters[].dropped", "reasons[].count"),
  },
  candidateVerdicts: {
    name: "What a filter measured",
    is: "Of one candidate: whether each filter let it pass, and the number that the filter went by, where it has one; of likeness, how alike the most alike one of those kept before is.",
    counts:
      "The filters that were asked about it, in their order; the first that does not keep it is why it was dropped.",
    leftOut: "Filters after that one.",
    interval: null,
    by: "server/construction/review.ts listCandidates",
    fields: [
      "construction.candidates items[].verdicts[].figure",
      "construction.candidates items[].content.nearest.figure",
    ],
  },
  dataRunPass: {
    name: "Passed by people",
    is: "Of the kept candidates that were drawn for people and decided, the share that was accepted as it was. What had to be edited did not pass.",
    counts:
      "The last decision on each drawn candidate. Which are drawn hangs on the recipe's seed and the candidate's name; without an audit share all are.",
    leftOut:
      "Drawn ones that wait, and those whose source was withdrawn before anybody decided on them; decisions on others; candidates that filters dropped.",
    interval: "Wilson's 95 % interval of the share.",
    by: "server/construction/run.ts getDataRun",
    query: `select count(*) filter (where decision is not null or not (
    exists (select from unnest(source_prompts) s (id) where s.id not in (select id from prompt))
    or exists (select from unnest(source_annotations) s (id) where s.id not in (select id from admitted)))) as drawn,
  count(*) filter (where decision = 'accepted') as accepted,
  count(*) filter (where decision = 'edited') as edited, count(*) filter (where decision = 'rejected') as rejected
from candidate where run_id = :run and audited and dropped is null`,
    fields: on(
      ...["drawn", "accepted", "edited", "rejected", "pass.share", "pass.low", "pass.high"].map(
        (field) => `audit.${field}`,
      ),
    ),
  },
  versionDataRuns: {
    name: "Rows of data runs",
    is: "Rows of a dataset's version that rest on candidates of a data run, and how many of those a person looked at.",
    counts:
      "Each row of the version once for each run, whether a person accepted its candidate or it was taken over unseen.",
    leftOut: "Rows of nothing but people's own words or imported ones.",
    interval: null,
    by: "server/construction/review.ts runsBehindVersion",
    query: `select count(distinct r.index) as rows,
  count(distinct r.index) filter (where c.decision is not null) as reviewed
from dataset_row r join candidate c on c.annotation_id = any(r.annotation_ids)
where r.version_id = :version group by c.run_id order by c.run_id`,
    fields: ["construction.behind [].rows", "construction.behind [].reviewed"],
  },
  dataRunUsed: {
    name: "Used",
    is: "Rows of the run that are part of the project: prompts with a demonstration or a comparison, for datasets to take. And those that nobody looked at and that could be taken over.",
    counts: "Accepted and edited candidates, and those taken over under an audit share.",
    leftOut: "A row whose prompt or judgement was deleted since.",
    interval: null,
    by: "server/construction/run.ts getDataRun",
    query: "select count(*) as used from candidate where run_id = :run and annotation_id is not null",
    fields: on("used", "unreviewed"),
  },
  dataRunCost: {
    name: "Asked, and cost",
    is: "What the run asked of models, how much of it had no reply, and US dollars for the replies of endpoints at their prices. Models of the registry cost nothing.",
    counts: "Each ask once, however often it was tried.",
    leftOut:
      "Of the cost, replies that another run of the same recipe had paid for; it is not told where a price is not known.",
    interval: null,
    by: "server/construction/run.ts getDataRun",
    query: `select count(*) as asks, count(*) filter (where failure is not null) as "failedAsks"
from data_ask where run_id = :run`,
    fields: on("inputs", "asks", "failedAsks", "cost"),
  },
} as const satisfies Record<string, Figure>;
