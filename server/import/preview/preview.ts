import { z } from "zod";
import { parseRowJson } from "../../../db/shape/written-json";
import { runCaged, STORE_VARIABLES, TooMuch } from "../../child";
import { invalid } from "../../errors";
import { limits } from "../../limits";
import { type FilePreview, filePreviewSchema, type ImportOptions } from "../schema";

/** A file of the artifact store under the name it was uploaded with. */
export interface StoredFile {
  name: string;
  sha256: string;
  size: number;
}

const previewsSchema = z.array(filePreviewSchema);

let running = 0;
const waiting: (() => void)[] = [];

/**
 * The first rows of uploaded files and what the files are taken for. A process of its own looks at them: a small file
 * may be made to take gigabytes and minutes, and the site answers everybody.
 */
export async function previewFiles(
  files: readonly StoredFile[],
  options: ImportOptions,
): Promise<FilePreview[]> {
  if (running >= limits.previewsAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    let previews: FilePreview[] = [];
    await runCaged({
      program: "server/import/preview/child.ts",
      input: { files, options },
      also: STORE_VARIABLES,
      memoryMiB: limits.previewMemoryMiB,
      timeMs: limits.previewMs,
      onMessage: (message) => {
        previews = previewsSchema.parse(parseRowJson(z.string().parse(message)));
      },
    });
    return previews;
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    throw invalid(`To look at these files takes ${error.message}, which is more than they may. Split them.`);
  } finally {
    running--;
    waiting.shift()?.();
  }
}
