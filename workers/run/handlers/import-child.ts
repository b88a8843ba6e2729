import { z } from "zod";
import { connect } from "../../../db/client";
import { outlast } from "../../../db/outage";
import { keepBytes } from "../../../server/artifact/keep";
import { storeFromEnvironment } from "../../../server/artifact/store";
import { env } from "../../../server/env";
import { attachArtifact } from "../../../server/run/file";
import { logRun } from "../../../server/run/log";
import type { Run } from "../../../server/run/run";
import { importUpload } from "./import";
import { type FromImport, failureOf } from "./import-caged";

/** One import in a process of its own; see import-caged.ts. The worker holds its lease and ends it. */
const messageSchema = z.object({ input: z.object({ run: z.custom<Run>(), folder: z.string() }) });

const tell = (message: FromImport) =>
  new Promise<void>((resolve) => {
    process.send?.(message, () => resolve());
  });

/** Often enough for a limit of minutes; nothing else runs while a reader does not come back. */
const ALIVE_MS = 5000;

process.once("message", async (message: unknown) => {
  const { run, folder } = messageSchema.parse(message).input;
  const { db, sql } = connect(process.env.DATABASE_URL ?? "", { max: 3 });
  const store = storeFromEnvironment(env());
  const gone = new AbortController();
  // A worker that was killed: its lease ends, and another one imports.
  process.once("disconnect", () => process.exit(1));
  setInterval(() => void tell({ alive: true }), ALIVE_MS).unref();
  const kept = (action: () => Promise<void>) => outlast(action, gone.signal);
  try {
    const result = await importUpload({
      run,
      db,
      sql,
      store,
      folder,
      signal: gone.signal,
      stop: gone.signal,
      progress: (progress) => void tell({ progress }),
      log: (level, text) => kept(() => logRun(db, { runId: run.id, level, message: text })),
      metrics: async () => {},
      attach: async (name, mediaType, bytes) => {
        const stored = await keepBytes(db, store, { bytes, mediaType });
        await kept(() => attachArtifact(db, { runId: run.id, name, stored: { ...stored, mediaType } }));
        return stored;
      },
    });
    await tell({ result });
  } catch (error) {
    await tell(failureOf(error));
  }
  process.exit(0);
});
