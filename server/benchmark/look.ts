import type { Db } from "../../db/client";
import type { AskedBenchmark } from "../../db/shape/benchmark";
import { invalid } from "../errors";
import { limits } from "../limits";
import { getModel } from "../model/model";
import { previewBy } from "../preview";
import { paceOf, uploadedFiles } from "./benchmark";
import { type BenchmarkLook, CHARACTERS_A_TOKEN, lookSchema } from "./schema";

/**
 * What uploaded files hold, and what asking a model about them comes to.
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
  if (asked.judgeModelId) await getModel(db, { projectId, modelId: asked.judgeModelId });
  const stored = await uploadedFiles(db, { projectId, files: asked.files });
  const size = stored.reduce((sum, file) => sum + file.size, 0);
  if (size > limits.benchmarkBytes)
    throw invalid(
      `The files have ${Math.ceil(size / 1e6)} MB; a benchmark is read whole and may have ${Math.floor(limits.benchmarkBytes / 1e6)} MB.`,
    );
  const look = await previewBy(lookSchema, {
    program: "workers/benchmark/look-child.ts",
    input: { asked: { ...asked, suite }, sizes: stored.map(({ size }) => size) },
    memoryMiB: limits.benchmarkMemoryMiB,
  });
  return withSeconds(look, await paceOf(db, { projectId, modelId }));
}

function withSeconds(look: BenchmarkLook, pace: number | null): BenchmarkLook {
  const { plan } = look;
  if (plan === null || pace === null || pace === 0) return look;
  const tokens = plan.characters / CHARACTERS_A_TOKEN + plan.writes;
  return { ...look, plan: { ...plan, seconds: tokens / pace } };
}
