/** Workers take runs of one queue one after the other; queues go side by side. */
export const runQueues = [
  "data",
  "training",
  "models",
  "endpoints",
  "judging",
  "construction",
  "search",
] as const;
export type RunQueue = (typeof runQueues)[number];

interface RunKindDescription {
  /** How people see it called. */
  title: string;
  queue: RunQueue;
  /** What there is when it has succeeded. */
  makes: string;
  /** The procedures that queue it: they hold the shape of its spec, and the right that it takes. */
  launchedBy: readonly string[];
  /** A run that belongs to the page which asked for it is left out of lists. */
  listed: boolean;
}

/**
 * Every kind of run. A new one is an entry here, a handler in workers/run/handlers, and its line in their index:
 * queues, titles, the HTTP API and the column of the table follow.
 */
const described = {
  import: {
    title: "Import",
    queue: "data",
    makes: "prompts, responses and judgements, or a survey of what would be made",
    launchedBy: ["import.start"],
    listed: true,
  },
  freeze: {
    title: "Freeze",
    queue: "data",
    makes: "a version of a dataset",
    launchedBy: ["dataset.freeze"],
    listed: true,
  },
  export: {
    title: "Export",
    queue: "data",
    makes: "files of a version or of a model, to be downloaded",
    launchedBy: ["dataset.export", "model.export"],
    listed: true,
  },
  push: {
    title: "Push to Hub",
    queue: "data",
    makes: "a commit to a repository of the Hugging Face Hub",
    launchedBy: ["dataset.push", "model.push"],
    listed: true,
  },
  sft: {
    title: "SFT",
    queue: "training",
    makes: "a model that writes",
    launchedBy: ["training.launch", "training.sweep"],
    listed: true,
  },
  reward: {
    title: "Reward model",
    queue: "training",
    makes: "a model that scores",
    launchedBy: ["training.launch", "training.sweep"],
    listed: true,
  },
  preference: {
    title: "Preference tuning",
    queue: "training",
    makes: "a model that writes",
    launchedBy: ["training.launch", "training.sweep"],
    listed: true,
  },
  kto: {
    title: "KTO",
    queue: "training",
    makes: "a model that writes",
    launchedBy: ["training.launch", "training.sweep"],
    listed: true,
  },
  generate: {
    title: "Generate",
    queue: "models",
    makes: "responses to prompts of the project",
    launchedBy: ["evaluation.generate"],
    listed: true,
  },
  score: {
    title: "Score",
    queue: "models",
    makes: "rewards of responses, and the order of the open seats",
    launchedBy: ["evaluation.score"],
    listed: true,
  },
  embed: {
    title: "Embed",
    queue: "models",
    makes: "what a model makes of the texts of the project, to search by meaning",
    launchedBy: ["meaning.embed"],
    listed: true,
  },
  search: {
    title: "Search",
    queue: "search",
    makes: "the texts that mean most nearly the same",
    launchedBy: ["meaning.search"],
    listed: false,
  },
  evaluate: {
    title: "Evaluate",
    queue: "models",
    makes: "blind tasks that compare two models",
    launchedBy: ["evaluation.start"],
    listed: true,
  },
  benchmark: {
    title: "Benchmark",
    queue: "models",
    makes: "figures of a model on a benchmark, with every item",
    launchedBy: ["benchmark.start"],
    listed: true,
  },
  new_model: {
    title: "New model",
    queue: "models",
    makes: "a small model with random weights",
    launchedBy: ["model.make"],
    listed: true,
  },
  preview: {
    title: "Preview",
    queue: "models",
    makes: "a look at the first batch and the cost of a training run",
    launchedBy: ["training.preview"],
    listed: false,
  },
  chat: {
    title: "Chat",
    queue: "models",
    makes: "one turn of a conversation",
    launchedBy: ["evaluation.chat"],
    listed: false,
  },
  probe: {
    title: "Probe",
    queue: "endpoints",
    makes: "what is known of an endpoint, or an answer to try it",
    launchedBy: ["endpoint.add", "endpoint.probe"],
    listed: false,
  },
  judge: {
    title: "Judge",
    queue: "judging",
    makes: "verdicts of a judge on tasks of the project",
    launchedBy: ["judge.run", "judge.succeed"],
    listed: true,
  },
  judge_try: {
    title: "Try a judge",
    queue: "judging",
    makes: "verdicts of settings that are no judge yet on ten items, to look at",
    launchedBy: ["judge.try"],
    listed: false,
  },
  guard: {
    title: "Guard",
    queue: "judging",
    makes: "verdicts of a judge on attempts of the red team",
    launchedBy: ["redTeam.guard"],
    listed: true,
  },
  construct: {
    title: "Data run",
    queue: "construction",
    makes: "candidates for training data, with what each filter found, for people to look at",
    launchedBy: ["construction.start"],
    listed: true,
  },
  collect: {
    title: "Collect",
    queue: "data",
    makes: "a report of what was taken away because nobody needs it",
    launchedBy: ["collection.start", "project.delete"],
    listed: false,
  },
} as const satisfies Record<string, RunKindDescription>;

export type RunKind = keyof typeof described;

export const runKinds: Readonly<Record<RunKind, RunKindDescription>> = described;

const isRunKind = (name: string): name is RunKind => name in described;

export const runKindNames: readonly RunKind[] = Object.keys(described).filter(isRunKind);

export const kindsOf = (queue: RunQueue): readonly RunKind[] =>
  runKindNames.filter((kind) => runKinds[kind].queue === queue);

/** What lists of runs show. */
export const listedKinds: RunKind[] = runKindNames.filter((kind) => runKinds[kind].listed);

/**
 * - `queued`    waits for `availableAt` and a worker that can do it
 * - `running`   a worker holds the lease and renews it; past `leasedUntil` another worker takes it over
 * - `succeeded` / `failed` / `cancelled` are final
 */
export const runStatuses = ["queued", "running", "succeeded", "failed", "cancelled"] as const;
