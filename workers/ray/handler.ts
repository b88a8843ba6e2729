import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingMethod } from "../../db/shape/training";
import type { Model } from "../../server/model/schema";
import { attachArtifact } from "../../server/run/file";
import type { TrainSpec } from "../../server/training/schema";
import { runYaml } from "../../server/training/training";
import type { Work } from "../run/handler";
import { Follower } from "../training/follower";
import { openFolders } from "../training/models";
import type { Output } from "../training/outputs";
import { writeTemplate } from "../training/rows";
import { fetchFiles } from "./files";
import { inputPaths, sendInputs } from "./inputs";
import { scalingOf } from "./resources";
import { trainOnCluster } from "./train";

const OUTPUT = "output/output/";
/** Only a resumed training reads it. */
const OPTIMIZER = /\/(optimizer\.pt|scheduler\.pt|rng_state.*\.pth|training_args\.bin)$/;

/** A training run whose spec says `cluster: ray`: its inputs go to the store, and what comes out stays there. */
export async function trainOnRay(
  work: Work,
  {
    method,
    start,
    spec,
    evalRows,
  }: { method: TrainingMethod; start: Model; spec: TrainSpec; evalRows: number },
): Promise<{ followed: Follower; outputs: Output[] }> {
  const { db, run, folder } = work;
  await sendInputs(work, start, { evalRows, chatTemplate: spec.chatTemplate });
  const yaml = runYaml(method, spec.options, {
    model: inputPaths.model,
    adapter: start.format === "adapter" ? inputPaths.adapter : null,
    eval: evalRows > 0,
    chatTemplate: await writeTemplate(folder, spec.chatTemplate),
  });
  await writeFile(join(folder, "run.yaml"), yaml);
  // The base model comes to this machine only where its samples are wanted.
  const folders =
    spec.samplePrompts.length > 0 ? await openFolders(work, start) : { model: folder, adapter: null };
  const { follower, files } = await trainOnCluster(work, {
    runYaml: yaml,
    scaling: scalingOf(spec.options),
    follow: () =>
      new Follower(work, folders, spec.samplePrompts, (path) =>
        fetchFiles(work, ({ path: name }) => name.startsWith(`output/${path}/`) && !OPTIMIZER.test(name)),
      ),
  });
  const outputs = files
    .filter(({ path }) => path.startsWith(OUTPUT))
    .map(({ path, sha256, size }) => ({
      name: path.slice(OUTPUT.length),
      keep: (as: string, mediaType: string) =>
        attachArtifact(db, { runId: run.id, name: as, stored: { sha256, size, mediaType } }),
    }));
  return { followed: follower, outputs };
}
