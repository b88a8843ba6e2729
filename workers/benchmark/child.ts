/**
 * Runs a benchmark in a process of its own, because a run of a graph blocks its thread and what people bring may be
 * made to take all memory. Each answer is told as soon as it is there.
 */
import { z } from "zod";
import type { BenchmarkFigure, BenchmarkGroup, ItemTaint } from "../../db/shape/benchmark";
import { writeJson } from "../../db/shape/written-json";
import type { Figure } from "../../server/benchmark/figures";
import { type Graded, scoreOf } from "../../server/benchmark/graded";
import { groupFields } from "../../server/benchmark/groups";
import { taskOf } from "../../server/benchmark/plan";
import { scoringOf } from "../../server/benchmark/process";
import { fileOnDisk } from "../../server/import/source/file";
import { InputError } from "../../server/statistics/estimate";
import { EngineError } from "../engine/errors";
import { answersTo } from "./answers";
import type { FromBenchmark, ToBenchmark } from "./child-messages";
import { type Question, targetTexts } from "./questions";
import { type Contamination, clusterOf, judged, type Prepared, prepared } from "./run";
import { filesBeside } from "./splits";

/** Documents that are scored together: so many answers, at most, are lost with the machine. */
const together = 64;

process.once("message", async (message: unknown) => {
  const { input } = z.object({ input: z.custom<ToBenchmark>() }).parse(message);
  try {
    await run(input);
  } catch (error) {
    const expected = error instanceof InputError || error instanceof EngineError;
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await send({ kind: "failed", message: expected ? error.message : stack });
  }
  process.exit(0);
});
process.once("disconnect", () => process.exit()); // the parent is gone

async function run({ asked, files, model, adapter, judge, versions, answered }: ToBenchmark): Promise<void> {
  const beside = filesBeside(".");
  const task = taskOf(asked, {
    model,
    ...(adapter !== null && { adapter }),
    ...(judge && { judge: { ...judge, adapter: judge.adapter ?? undefined } }),
    ...(versions.length > 0 && { contamination: { against: versions.map(({ file }) => file) } }),
  });
  const ready = await prepared(task, ".", (file, field) =>
    Object.hasOwn(files, file) ? fileOnDisk(files[file], file) : beside(file, field),
  );
  const { questions } = ready;
  await send({ kind: "documents", documents: questions.length });
  const graded = new Map(answered.map((one) => [one.position, one.graded]));
  const [first] = scoringOf(task).metrics;
  for (const some of portions(ready, graded))
    for await (const { index, answered: one } of answersTo(task, some, ready.model, ready.judge)) {
      const question = some[index];
      const { requests: _, resps, tokens, ...grades } = one;
      graded.set(question.id, grades);
      await send({
        kind: "item",
        item: {
          position: question.id,
          document: writeJson(question.document),
          prompt: question.contexts.join("\n\n"),
          continuations: [...question.continuations],
          target: targetTexts(question),
          replies: resps,
          graded: grades,
          cluster: clusterOf(task, question.document, question.id),
          score: scoreOf(grades, first?.metric),
          failed: Object.values(grades.strict).some(({ failed }) => failed),
          tokens: tokens
            ? readOnce(tokens)
            : ready.model.count([...question.contexts, ...resps.flat().map(String)]),
        },
      });
    }
  const all = questions.map(({ id }) => graded.get(id)).filter((one) => one !== undefined);
  const groups = groupFields(questions.map(({ document }) => document));
  await send({
    kind: "outcome",
    ...outcomeOf(await judged({ ...ready, task: { ...task, groups } }, all), {
      n: questions.length,
      versions,
    }),
  });
}

/** What is not answered yet: texts one after the other, likelihoods some documents at a time. */
function* portions(
  { task, questions }: Prepared,
  graded: ReadonlyMap<number, Graded>,
): Generator<Question[]> {
  const open = questions.filter(({ id }) => !graded.has(id));
  const size = task.output_type === "generate_until" ? Math.max(1, open.length) : together;
  for (let start = 0; start < open.length; start += size) yield open.slice(start, start + size);
}

/** A context is read once for all that may follow it. */
const readOnce = (tokens: readonly (readonly [number, number])[]) =>
  Math.max(...tokens.map(([context]) => context)) + tokens.reduce((sum, [, own]) => sum + own, 0);

const stored = (figures: readonly Figure[]): BenchmarkFigure[] =>
  figures.map(({ stderr: _, value, ...figure }) => ({
    ...figure,
    value: Number.isFinite(value) ? value : null,
  }));

function outcomeOf(
  { figures, groups = {}, contamination }: Awaited<ReturnType<typeof judged>>,
  { n, versions }: { n: number; versions: ToBenchmark["versions"] },
) {
  return {
    figures: stored(figures),
    groups: Object.entries(groups).flatMap(([field, kinds]) =>
      Object.entries(kinds).map(([kind, own]): BenchmarkGroup => ({ field, kind, figures: stored(own) })),
    ),
    ...lookedFor(contamination, n, versions),
  };
}

function lookedFor(found: Contamination | undefined, n: number, versions: ToBenchmark["versions"]) {
  if (!found)
    return {
      contamination: {
        ...{ n, tainted: 0, gram13: 0, share8: 0, exact: 0 },
        ...{ versions: [], clean: [], dirty: [] },
      },
      taints: [],
    };
  const { n: of, tainted, gram13, share8, exact, sources, clean, dirty, documents } = found;
  const idOf = (file: string | undefined) => versions.find((one) => one.file === file)?.id ?? null;
  const placed = (where: string | null) => {
    const [, file, row] = /^(.*), row (\d+)$/s.exec(where ?? "") ?? [];
    return { versionId: idOf(file), row: row === undefined ? null : Number(row) - 1 };
  };
  return {
    contamination: {
      ...{ n: of, tainted, gram13, share8, exact, clean: stored(clean), dirty: stored(dirty) },
      versions: sources.map(({ file, ...counts }) => ({ versionId: idOf(file) ?? "", ...counts })),
    },
    taints: documents.flatMap(({ doc_id, tainted, where, ...taint }): [number, ItemTaint][] =>
      tainted ? [[doc_id, { ...taint, ...placed(where) }]] : [],
    ),
  };
}

/** Resolves when the message is on its way, so that answers leave while the next run blocks this thread. */
function send(message: FromBenchmark): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}
