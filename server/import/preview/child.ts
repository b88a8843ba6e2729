import { z } from "zod";
import { writeJson } from "../../../db/shape/written-json";
import { storeFromEnvironment } from "../../artifact/store";
import { env } from "../../env";
import type { ImportOptions } from "../schema";
import { fileInStore } from "../source/artifact";
import { lookAt } from "./look";
import type { StoredFile } from "./preview";

/** Looks at uploaded files in a process of its own; see preview.ts. */
const messageSchema = z.object({
  input: z.object({ files: z.array(z.custom<StoredFile>()), options: z.custom<ImportOptions>() }),
});

process.once("message", async (message: unknown) => {
  const { files, options } = messageSchema.parse(message).input;
  const store = storeFromEnvironment(env());
  const previews = await lookAt(
    files.map((file) => fileInStore(store, file)),
    options,
  );
  // As text: a message between processes has no numbers as they were written.
  process.send?.(writeJson(previews), () => process.exit(0));
});
