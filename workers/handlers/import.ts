import { createReadStream } from "node:fs";
import { join } from "node:path";
import { importFiles, requireImportable } from "../../server/import/import";
import { importSpecSchema } from "../../server/import/schema";
import { surveyImport } from "../../server/import/survey";
import { uploadedFiles } from "../../server/import/upload";
import type { Handler } from "../handler";
import { rateOf } from "../rate";

/** Reads the files once to find every problem, and again to write them in one transaction. */
export const importUpload: Handler = async ({ run, db, store, folder, progress, signal, attach }) => {
  const { files, ...spec } = importSpecSchema.parse(run.spec);
  if (!run.projectId) throw new Error("An import belongs to a project.");
  const sources = await uploadedFiles(db, store, files);
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  const reading = rateOf("bytes");
  const paths = { problems: join(folder, "problems.jsonl"), rejected: join(folder, "rejected.jsonl") };
  const { questions, ...survey } = await surveyImport({
    sources,
    options: spec.options,
    problemsPath: paths.problems,
    rejectedPath: paths.rejected,
    onProgress: (_, read) => progress(reading(read, bytes, "Checking")),
    signal,
  });
  const listed = Object.keys(survey.problems).length > 0;
  if (listed) await attach("problems.jsonl", "application/jsonl", createReadStream(paths.problems));
  if (survey.rejectedRows > 0)
    await attach("rejected.jsonl", "application/jsonl", createReadStream(paths.rejected));
  if (spec.dryRun) return { survey };

  requireImportable(survey, spec.badRows);
  const writing = rateOf("rows");
  const counts = await importFiles(
    db,
    { personId: run.createdBy },
    {
      projectId: run.projectId,
      runId: run.id,
      spec,
      sources,
      questions,
      onProgress: (rows) => progress(writing(rows, survey.rows, "Writing")),
      signal,
    },
  );
  return { survey, counts };
};
