import { randomUUID } from "node:crypto";
import { hostname, totalmem } from "node:os";
import { join } from "node:path";
import { database } from "../db/client";
import { storeFromEnvironment } from "../server/artifact/store";
import { env } from "../server/env";
import { log } from "../server/log";
import { handlers } from "./handlers";
import { engineOptions, installedEngines } from "./training/engines";
import { runWorker } from "./worker";

/** One worker process: claims runs until it is told to stop. */
const shutdown = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => shutdown.abort());
// The supervisor was killed. Listening for it alone must not keep the worker alive.
process.once("disconnect", () => shutdown.abort());
process.channel?.unref();

const { db, sql, close } = database();
await runWorker(
  {
    id: randomUUID(),
    name: `${hostname()}:${process.pid}`,
    db,
    sql,
    store: storeFromEnvironment(env()),
    folder: join(env().CONCORD_DATA, "runs"),
    capabilities: {
      engines: installedEngines(),
      devices: ["cpu"],
      memoryBytes: totalmem(),
      options: engineOptions(),
    },
    handlers,
    lanes: [
      ["import", "freeze", "export", "push"],
      ["sft", "reward", "preference", "kto"],
      ["generate", "score", "judge", "evaluate", "new_model", "preview", "chat"],
    ],
    log,
  },
  shutdown.signal,
);
await close();
