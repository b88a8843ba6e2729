import { mkdir, readdir, stat } from "node:fs/promises";
import { z } from "zod";
import { recipeSchema } from "../../../db/shape/dataset";
import { datasetKinds } from "../../../db/shape/dataset-kinds";
import { trainingMethods } from "../../../db/shape/training";
import { exportFormats, exportLayouts } from "../../../server/dataset/schema";
import { previewSchema } from "../../../server/training/schema";
import { type ConcordApi, type RunReply, runReplySchema } from "../api";
import type { Gate } from "./gate";
import { foreseen, settled, told } from "./wait";

/** What a tool works with. */
interface Hands {
  api: ConcordApi;
  gate: Gate;
}

/** A tool of the MCP server: a verb of the API as an assistant uses it. */
interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  /** It changes something: a client shows that. */
  changes: boolean;
  /** @returns what is told, as JSON, or a sentence */
  call(hands: Hands, input: unknown): Promise<unknown>;
}

type Made<Input extends z.ZodObject> = Omit<Tool, "input" | "call"> & {
  input: Input;
  run(hands: Hands, input: z.infer<Input>): Promise<unknown>;
};

const tool = <Input extends z.ZodObject>({ run, ...made }: Made<Input>): Tool => ({
  ...made,
  call: (hands, given) => run(hands, made.input.parse(given)),
});

const projectId = z.uuid().describe("As list_projects tells it.");
const confirm = z
  .boolean()
  .default(false)
  .describe("Only after the person has seen what the call without it told, and agreed.");
const project = z.strictObject({ projectId });

const named = z.object({ id: z.string(), name: z.string() });
const projectsReply = z.object({ items: z.array(named.extend({ role: z.string().nullish() })) });
const dashboardReply = z.object({
  tasks: z.unknown(),
  seats: z.unknown(),
  pace: z.object({ lastHour: z.number(), lastDay: z.number() }),
  forecast: z.unknown(),
  raters: z.array(z.looseObject({})),
  questions: z.array(z.looseObject({})),
});
const datasetReply = named.extend({
  kind: z.string(),
  newest: z.object({ id: z.string(), version: z.number(), rows: z.number() }).nullish(),
});
const modelReply = named.extend({ method: z.string().nullish(), format: z.string().nullish() });
const curvesReply = z.array(
  z.object({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
);

const dashboardOf = (api: ConcordApi, id: string) =>
  api.call(dashboardReply, "GET", `/projects/${id}/dashboard`);

const listProjects = tool({
  name: "list_projects",
  title: "Projects",
  description: "The projects the token may see: id, name, role.",
  input: z.strictObject({}),
  changes: false,
  run: async ({ api }) => (await api.call(projectsReply, "GET", "/projects")).items,
});

const listDatasets = tool({
  name: "list_datasets",
  title: "Datasets",
  description:
    "Datasets of a project, each with its newest frozen version. Exports and training name a version.",
  input: project,
  changes: false,
  run: ({ api }, input) => api.call(z.array(datasetReply), "GET", `/projects/${input.projectId}/datasets`),
});

const listModels = tool({
  name: "list_models",
  title: "Models",
  description: "Models of a project. A training run starts from one of them.",
  input: project,
  changes: false,
  run: ({ api }, input) => api.call(z.array(modelReply), "GET", `/projects/${input.projectId}/models`),
});

const progress = tool({
  name: "progress",
  title: "Progress",
  description: "How the judging goes: tasks, seats, pace, when it will be done, and each rater's work.",
  input: project,
  changes: false,
  async run({ api }, input) {
    const { tasks, seats, pace, forecast, raters } = await dashboardOf(api, input.projectId);
    return { tasks, seats, lastHour: pace.lastHour, lastDay: pace.lastDay, forecast, raters };
  },
});

const agreement = tool({
  name: "agreement",
  title: "Agreement",
  description:
    "How far raters agree, for each question that compares responses: outcomes, raw agreement with its 95 % interval, how often the response shown first won, and each rater's agreement with the others.",
  input: project,
  changes: false,
  run: async ({ api }, input) => (await dashboardOf(api, input.projectId)).questions,
});

const run = tool({
  name: "run",
  title: "A run",
  description:
    "How a run stands: an import, a freeze, an export or a training run. Waits up to 45 seconds for its end.",
  input: z.strictObject({ projectId, runId: z.uuid() }),
  changes: false,
  async run({ api }, input) {
    const found = await api.call(runReplySchema, "GET", `/projects/${input.projectId}/runs/${input.runId}`);
    return told(await settled(api, input.projectId, found));
  },
});

const importFiles = tool({
  name: "import",
  title: "Import files",
  description:
    "Bring in prompts, responses and judgements from files of this machine (JSONL, JSON, CSV, TSV, Parquet). A dry run comes first, always: it tells what was recognised, the counts and every problem. With dryRun false the files are imported after the person has agreed.",
  input: z.strictObject({
    projectId,
    files: z
      .array(z.string().min(1))
      .min(1)
      .max(20)
      .describe("Paths on the machine on which this server runs."),
    dryRun: z.boolean().default(true),
    badRows: z.enum(["refuse", "skip"]).default("refuse"),
    seats: z.int().min(0).max(100).optional().describe("How many raters shall judge each new task."),
    confirm,
  }),
  changes: true,
  async run({ api, gate }, { projectId, files: paths, dryRun, confirm, ...how }) {
    const files: { name: string; sha256: string }[] = [];
    for (const path of paths) {
      if (!(await stat(path).catch(() => null))?.isFile())
        throw new Error(`${path} is no file on this machine.`);
      files.push(await api.upload(projectId, path));
    }
    const start = async (dry: boolean) =>
      settled(
        api,
        projectId,
        await api.call(runReplySchema, "POST", `/projects/${projectId}/imports`, {
          files,
          dryRun: dry,
          ...how,
        }),
      );
    if (dryRun) return told(await start(true));
    const held = await gate.holds({
      tool: "import",
      input: { projectId, files, ...how },
      confirm,
      async question() {
        const says = foreseen(await start(true), (result) => JSON.stringify(result));
        return `Import ${files.map(({ name }) => name).join(", ")}? The dry run says: ${says}`;
      },
    });
    return held ?? told(await start(false));
  },
});

const freeze = tool({
  name: "freeze",
  title: "Freeze a version",
  description:
    "Freeze a version of a dataset from the judgements as they stand; makes the dataset if there is none of that name. A version is never changed afterwards, so the person has to agree.",
  input: z.strictObject({
    projectId,
    dataset: z.string().min(1).max(120).describe("Its name."),
    kind: z.enum(datasetKinds).default("preference"),
    recipe: recipeSchema,
    confirm,
  }),
  changes: true,
  async run({ api, gate }, { projectId, dataset: name, kind, recipe, confirm }) {
    const path = `/projects/${projectId}/datasets`;
    const known = (await api.call(z.array(datasetReply), "GET", path)).find((one) => one.name === name);
    const what = known
      ? `the dataset ${name}, which has ${known.newest?.version ?? 0} versions`
      : `a new dataset ${name}`;
    const held = await gate.holds({
      tool: "freeze",
      input: { projectId, name, kind, recipe },
      confirm,
      question: async () =>
        `Freeze a version of ${what} (${known?.kind ?? kind})? It stays as it is for good. Recipe: ${JSON.stringify(recipe)}.`,
    });
    if (held !== undefined) return held;
    const { id } = known ?? (await api.call(named, "POST", path, { name, kind }));
    const started = await api.call(runReplySchema, "POST", `${path}/${id}/versions`, { recipe });
    return told(await settled(api, projectId, started));
  },
});

const launch = tool({
  name: "launch",
  title: "Start a training run",
  description:
    "Train a model on a frozen version. First a preview is made: steps, memory, seconds a step. It costs machine time, so the person has to agree.",
  input: z.strictObject({
    projectId,
    method: z.enum(trainingMethods),
    versionId: z.uuid().describe("A frozen version, as list_datasets tells it."),
    modelId: z.uuid().describe("The model to start from, as list_models tells it."),
    name: z.string().trim().min(1).max(120).describe("The name of the model that comes out."),
    options: z.record(z.string(), z.unknown()).default({}).describe("TRL's options by name."),
    confirm,
  }),
  changes: true,
  async run({ api, gate }, { projectId, confirm, ...spec }) {
    const path = `/projects/${projectId}`;
    const held = await gate.holds({
      tool: "launch",
      input: { projectId, ...spec },
      confirm,
      async question() {
        const looking = await api.call(runReplySchema, "POST", `${path}/training-previews`, spec);
        const cost = foreseen(await settled(api, projectId, looking), costOf);
        return `Start the ${spec.method} run ${spec.name}? Its cost: ${cost}.`;
      },
    });
    if (held !== undefined) return held;
    const started = await api.call(runReplySchema, "POST", `${path}/training-runs`, spec);
    return told(started);
  },
});

/** What a preview says that a run will take. */
function costOf(result: RunReply["result"]): string {
  const { data } = previewSchema.safeParse(result);
  if (!data) return "not known";
  const { steps, rows, memoryBytes, secondsPerStep } = data;
  const pace = secondsPerStep === null ? "" : `, about ${secondsPerStep.toFixed(1)} s a step`;
  return `${steps} steps on ${rows} rows, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory${pace}`;
}

const compare = tool({
  name: "compare",
  title: "Compare runs",
  description: "Training runs side by side: the last and the lowest and highest value of every metric.",
  input: z.strictObject({ projectId, runIds: z.array(z.uuid()).min(2).max(10) }),
  changes: false,
  run: async ({ api }, input) =>
    Promise.all(
      input.runIds.map(async (runId) => {
        const path = `/projects/${input.projectId}/runs/${runId}`;
        const { title, status, error } = await api.call(runReplySchema, "GET", path);
        const curves = await api.call(curvesReply, "GET", `${path}/metrics`);
        const metrics = curves.flatMap(({ name, points }) => {
          const values = points.map(([, value]) => value);
          const last = points.at(-1);
          if (!last) return [];
          return [
            [name, { step: last[0], last: last[1], low: Math.min(...values), high: Math.max(...values) }],
          ];
        });
        return { runId, title, status, error, metrics: Object.fromEntries(metrics) };
      }),
    ),
});

const exportVersion = tool({
  name: "export",
  title: "Export a version",
  description: "Write a frozen version's files and download them into a new or empty folder of this machine.",
  input: z.strictObject({
    projectId,
    versionId: z.uuid().describe("A frozen version, as list_datasets tells it."),
    folder: z.string().min(1).describe("A folder that is empty or not there yet."),
    format: z.enum(exportFormats).default("parquet"),
    layout: z.enum(exportLayouts).default("trl"),
  }),
  changes: true,
  async run({ api }, { projectId, folder, ...spec }) {
    await mkdir(folder, { recursive: true });
    // An assistant overwrites nothing that somebody has there.
    if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty. Name another folder.`);
    const started = await api.call(runReplySchema, "POST", `/projects/${projectId}/exports`, spec);
    const over = await settled(api, projectId, started);
    if (over.status !== "succeeded") return told(over);
    const files: string[] = [];
    for (const file of await api.files(projectId, over.id))
      files.push(await api.download(projectId, over.id, file, folder));
    return { ...told(over), files };
  },
});

export const tools: readonly Tool[] = [
  listProjects,
  listDatasets,
  listModels,
  importFiles,
  progress,
  agreement,
  freeze,
  launch,
  run,
  compare,
  exportVersion,
];
