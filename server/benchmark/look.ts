import { z } from "zod";
import type { Db } from "../../db/client";
import type { AskedBenchmark } from "../../db/shape/benchmark";
import { parseRowJson } from "../../db/shape/written-json";
import { runCaged, STORE_VARIABLES, TooMuch } from "../child";
import { invalid } from "../errors";
import { limits } from "../limits";
import { getModel } from "../model/model";
import { paceOf, uploadedFiles } from "./benchmark";
import { type BenchmarkLook, lookSchema } from "./schema";

let running = 0;
const waiting: (() => void)[] = [];

/** Characters of a token, about: English has four, and most other languages fewer. */
const CHARACTERS_A_TOKEN = 4;

/**
 * What uploaded files hold, and what asking a model about them comes to. A process of its own reads them: what people
 * bring may be made to take all memory.
 * @param suite null: found out from the files
 */
export async function lookAtBenchmark(
  db: Db,
  {
    projectId,
    modelId,
    suite,
    ...asked
  }: Omit<AskedBenchmark, "suite"> & { projectId: string; modelId: string; suite: string | null },
): Promise<BenchmarkLook> {
  await getModel(db, { projectId, modelId });
  const stored = await uploadedFiles(db, { projectId, files: asked.files });
  const size = stored.reduce((sum, file) => sum + file.size, 0);
  if (size > limits.benchmarkBytes)
    throw invalid(
      `The files have ${Math.ceil(size / 1e6)} MB; a benchmark is read whole and may have ${Math.floor(limits.benchmarkBytes / 1e6)} MB.`,
    );
  let look: BenchmarkLook | null = null;
  if (running >= limits.previewsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    await runCaged({
      program: "workers/benchmark/look-child.ts",
      input: { asked: { ...asked, suite }, sizes: stored.map(({ size }) => size) },
      also: STORE_VARIABLES,
      memoryMiB: limits.benchmarkMemoryMiB,
      timeMs: limits.previewMs,
      onMessage: (message) => {
        look = lookSchema.parse(parseRowJson(z.string().parse(message)));
      },
    });
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    throw invalid(`To look at these files takes ${error.message}, which is more than they may. Split them.`);
  } finally {
    running--;
    waiting.shift()?.();
  }
  return withSeconds(look, await paceOf(db, { projectId, modelId }));
}

function withSeconds(look: BenchmarkLook | null, pace: number | null): BenchmarkLook {
  if (look === null) throw new Error("The look at a benchmark's files ended without a word.");
  const { plan } = look;
  if (plan === null || pace === null || pace === 0) return look;
  const tokens = plan.characters / CHARACTERS_A_TOKEN + plan.writes;
  return { ...look, plan: { ...plan, seconds: tokens / pace } };
}
