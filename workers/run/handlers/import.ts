import { createReadStream } from "node:fs";
import { join } from "node:path";
import { checkFiles, importFiles } from "../../../server/import/import";
import { importSpecSchema } from "../../../server/import/schema";
import { fileInStore } from "../../../server/import/source/artifact";
import { Surveyor } from "../../../server/import/survey";
import { uploads } from "../../../server/import/upload";
import { scoreIncoming } from "../../../server/score/incoming";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Imports uploaded files, or says what would happen. Problems and rows left out become files of the run. */
export const importUpload = handler(importSpecSchema, async (work) => {
  const { run, db, projectId, store, folder, progress, signal, attach } = work;
  const { files, ...spec } = work.spec;
  const found = await uploads(db, { projectId, files });
  const sources = found.map((file) => fileInStore(store, file));
  const size = sources.reduce((sum, source) => sum + source.size, 0);
  const paths = { problems: join(folder, "problems.jsonl"), rejected: join(folder, "rejected.jsonl") };
  const surveyor = await Surveyor.open(sources, spec.options, paths);
  const rate = rateOf("rows");
  const input = {
    projectId,
    runId: run.id,
    spec,
    sources,
    surveyor,
    // Rows are counted; how many there will be follows from the share of the bytes already read.
    onProgress: (rows: number, bytes: number) =>
      progress(rate(rows, bytes > 0 ? Math.round((rows * size) / bytes) : undefined)),
    signal,
  };
  const { survey } = surveyor;
  try {
    if (spec.dryRun) return { survey, seats: await checkFiles(db, input) };
    const actor = { personId: run.createdBy };
    const done = await importFiles(db, actor, input);
    await scoreIncoming(db, actor, { projectId, afterRunId: run.id });
    await work.log("info", done.seats.says);
    return { survey, ...done };
  } finally {
    await surveyor.close();
    if (Object.keys(survey.problems).length > 0)
      await attach("problems.jsonl", "application/jsonl", createReadStream(paths.problems));
    if (survey.rejectedRows > 0)
      await attach("rejected.jsonl", "application/jsonl", createReadStream(paths.rejected));
  }
});
