import type { ArtifactStore, Stored } from "../../artifact/store";
import type { SourceFile } from "./file";

/** An uploaded file, read from the artifact store. */
export function fileInStore(
  store: ArtifactStore,
  { name, sha256, size }: Stored & { name: string },
): SourceFile {
  return {
    name,
    size,
    async *read(start = 0, end = size) {
      if (start < end) yield* await store.open(sha256, { start, end: end - 1 });
    },
  };
}
