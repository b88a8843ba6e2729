import { z } from "zod";
import { limits } from "../../limits";
import { previewBy } from "../../preview";
import { type FilePreview, filePreviewSchema, type ImportOptions } from "../schema";

/** A file of the artifact store under the name it was uploaded with. */
export interface StoredFile {
  name: string;
  sha256: string;
  size: number;
}

/** The first rows of uploaded files and what the files are taken for. */
export const previewFiles = (files: readonly StoredFile[], options: ImportOptions): Promise<FilePreview[]> =>
  previewBy(z.array(filePreviewSchema), {
    program: "server/import/preview/child.ts",
    input: { files, options },
    memoryMiB: limits.previewMemoryMiB,
  });
