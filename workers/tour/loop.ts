import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Message } from "../../db/shape/content";
import { datasetManifestSchema } from "../../db/shape/dataset";
import { type HeldOut, heldOutSchema } from "../../db/shape/model";
import { randomFor } from "../../server/demo/random";
import { blindTaskSchema, claimedSchema } from "../../server/seat/schema";
import { type ConcordApi, type RunReply, runReplySchema } from "../cli/api";
import type { KnownPair, PairSource } from "./pairs";

const withId = z.looseObject({ id: z.string() });
const metricsSchema = z.array(
  z.object({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) }),
);
/** Over JSON dates are texts; the demo does not read them. */
const claimedReply = claimedSchema.extend({
  tasks: z.array(blindTaskSchema.extend({ leasedUntil: z.unknown() })),
});
const submittedReply = z.looseObject({ next: claimedReply.nullable() });
type Task = z.infer<typeof claimedReply>["tasks"][number];

/** Sizes and options of the demo's models: small enough for two cores, large enough to learn. */
export interface LoopOptions {
  model: Record<string, number>;
  sft: Record<string, unknown>;
  reward: Record<string, unknown>;
  preference: Record<string, unknown>;
  evaluationPrompts: number;
}

export interface Trained {
  modelId: string;
  seconds: number;
  /** First and last value of each curve. */
  curves: Record<string, { first: number; last: number; best: number }>;
  heldOut: HeldOut | null;
}

export interface LoopReport {
  source: string;
  imported: number;
  judged: {
    judgements: number;
    perSecond: number;
    /** Judgements that were given against the known answer, on purpose. */
    slips: number;
    /** Judgements of the second rater, who is the label of the file. */
    labels: number;
  };
  version: z.infer<typeof datasetManifestSchema> & { sha256: string; total: number };
  /** Of the held-out pairs, those whose better reply is the longer one: what length alone would get right. */
  longerIsBetter: { count: number; of: number };
  sft: Trained;
  reward: Trained;
  preference: Trained;
  evaluation: { tasks: number };
  seconds: Record<string, number>;
}

/** The whole loop, through the public API: import, judge, freeze, SFT, reward model, DPO, and back to the experts. */
export async function runLoop(
  api: ConcordApi,
  source: PairSource,
  options: LoopOptions,
  say: (line: string) => void,
): Promise<LoopReport> {
  const seconds: Record<string, number> = {};
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    say(step);
    const from = performance.now();
    const result = await work();
    seconds[step] = (performance.now() - from) / 1000;
    return result;
  };
  const project = await api.call(withId, "POST", "/projects", {
    name: "The loop",
    overlap: 1,
    questions: [
      { id: "better", type: "preference", label: "Which response is better?", points: 2, required: true },
    ],
  });
  const home = `/projects/${project.id}`;
  const finished = (run: RunReply) => api.finished(project.id, run.id);

  const imported = await timed("import", () =>
    // The answers come by judging; in this order, neither place gives one away.
    importRows(api, project.id, source, ({ prompt, better, worse }) => ({
      prompt,
      responses: [better, worse].sort(),
    })),
  );
  const judged = await timed("judge", () => replay(api, home, source.pairs));
  const labels = await timed("second rater", () =>
    importRows(api, project.id, source, ({ prompt, better, worse }) => ({
      prompt,
      chosen: [{ role: "assistant", content: better }],
      rejected: [{ role: "assistant", content: worse }],
    })),
  );
  const version = await timed("freeze", async () => {
    const dataset = await api.call(withId, "POST", `${home}/datasets`, { name: "pairs", kind: "preference" });
    const recipe = { split: { seed: 42, train: 0.85, validation: 0.15, test: 0 } };
    const { result } = await finished(
      await api.call(runReplySchema, "POST", `${home}/datasets/${dataset.id}/versions`, { recipe }),
    );
    return api.call(
      z.looseObject({
        id: z.string(),
        sha256: z.string(),
        rows: z.number(),
        manifest: datasetManifestSchema,
      }),
      "GET",
      `${home}/versions/${String(result?.versionId)}`,
    );
  });
  const base = await timed("new model", async () => {
    const made = await api.call(runReplySchema, "POST", `${home}/new-models`, {
      name: "from-nothing",
      ...options.model,
    });
    return String((await finished(made)).result?.modelId);
  });

  const train = async (
    method: "sft" | "reward" | "preference",
    modelId: string,
    given: Record<string, unknown>,
  ): Promise<Trained> => {
    const run = await finished(
      await api.call(runReplySchema, "POST", `${home}/training-runs`, {
        method,
        versionId: version.id,
        modelId,
        name: `demo-${method}`,
        options: given,
      }),
    );
    const curves = await api.call(metricsSchema, "GET", `${home}/runs/${run.id}/metrics?maxPoints=50000`);
    const { heldOut } = await api.call(
      z.looseObject({ heldOut: heldOutSchema.nullable() }),
      "GET",
      `${home}/models/${String(run.result?.modelId)}`,
    );
    return {
      modelId: String(run.result?.modelId),
      seconds: Number(run.result?.seconds),
      heldOut,
      curves: Object.fromEntries(
        curves.map(({ name, points }) => {
          const values = points.map(([, value]) => value);
          return [name, { first: values[0], last: values[values.length - 1], best: Math.max(...values) }];
        }),
      ),
    };
  };
  const sft = await timed("SFT", () => train("sft", base, options.sft));
  const reward = await timed("reward model", () => train("reward", sft.modelId, options.reward));
  const preference = await timed("DPO", () => train("preference", sft.modelId, options.preference));
  const evaluation = await timed("blind comparison", async () => {
    const run = await api.call(runReplySchema, "POST", `${home}/evaluations`, {
      modelId: preference.modelId,
      opponentId: sft.modelId,
      prompts: options.evaluationPrompts,
      sampling: { max_new_tokens: 32, do_sample: true, temperature: 0.7 },
    });
    return { tasks: Number((await finished(run)).result?.tasks) };
  });
  return {
    source: source.name,
    imported,
    judged: { ...judged, perSecond: judged.judgements / seconds.judge, labels },
    version: { ...version.manifest, sha256: version.sha256, total: version.rows },
    longerIsBetter: await longerOfHeldOut(api, home, version.id),
    sft,
    reward,
    preference,
    evaluation,
    seconds,
  };
}

async function importRows(
  api: ConcordApi,
  projectId: string,
  { pairs }: PairSource,
  toRow: (pair: KnownPair) => Record<string, unknown>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "concord-pairs-"));
  try {
    const file = join(folder, "pairs.jsonl");
    await writeFile(file, pairs.map((pair) => `${JSON.stringify(toRow(pair))}\n`).join(""));
    const files = [await api.upload(projectId, file)];
    const run = await api.call(runReplySchema, "POST", `/projects/${projectId}/imports`, {
      files,
      badRows: "skip",
    });
    await api.finished(projectId, run.id);
    return pairs.length;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** People slip; without it there would be no disagreement to measure. */
const SLIPS = 0.05;
const keyOf = (prompt: readonly Pick<Message, "role" | "content">[]) =>
  JSON.stringify(prompt.map(({ role, content }) => [role, content]));

/** A rater who knows: takes every task and prefers the reply that the data prefers, but for a slip now and then. */
async function replay(
  api: ConcordApi,
  home: string,
  pairs: readonly KnownPair[],
): Promise<{ judgements: number; slips: number }> {
  const better = new Set(pairs.map(({ prompt, better }) => `${keyOf(prompt)} ${better}`));
  let judgements = 0;
  let slips = 0;
  const answerTo = ({ prompt, responses }: Task) => {
    const key = keyOf(prompt.messages);
    const slip = randomFor("demo-slip", key).uniform() < SLIPS;
    if (slip) slips++;
    const first = better.has(`${key} ${responses[0].content}`) !== slip;
    return { better: { type: "preference", outcome: first ? "a" : "b", level: 1 } };
  };
  let { tasks } = await api.call(claimedReply, "POST", `${home}/assignments`, { hold: 1 });
  while (tasks.length > 0) {
    const [task] = tasks;
    const { next } = await api.call(submittedReply, "POST", `/assignments/${task.assignmentId}/annotation`, {
      answers: answerTo(task),
      idempotencyKey: `demo-${task.assignmentId}`,
      next: { hold: 1 },
    });
    judgements++;
    tasks = next?.tasks ?? [];
  }
  return { judgements, slips };
}

async function longerOfHeldOut(api: ConcordApi, home: string, versionId: string) {
  const rowsSchema = z.array(
    z.looseObject({
      index: z.number(),
      row: z.looseObject({
        chosen: z.array(z.looseObject({ content: z.string() })),
        rejected: z.array(z.looseObject({ content: z.string() })),
      }),
    }),
  );
  let count = 0;
  let of = 0;
  for (let afterIndex = -1; ; ) {
    const rows = await api.call(
      rowsSchema,
      "GET",
      `${home}/versions/${versionId}/rows?split=validation&limit=500&afterIndex=${afterIndex}`,
    );
    for (const { row } of rows) if (row.chosen[0].content.length > row.rejected[0].content.length) count++;
    of += rows.length;
    const last = rows.at(-1);
    if (!last || rows.length < 500) return { count, of };
    afterIndex = last.index;
  }
}
