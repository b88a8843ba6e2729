import pino from "pino";
import { database } from "@/db/client";
import { storeFromEnvironment } from "@/server/artifact/store";
import { env } from "@/server/env";
import { handlers } from "@/workers/run/handlers";
import { runWorker } from "@/workers/run/worker";

/** A worker process for tests to kill, which sends training runs to the cluster. */
const [id, folder] = process.argv.slice(2);
const { db, sql } = database();
await runWorker(
  {
    id,
    name: id,
    db,
    sql,
    store: storeFromEnvironment(env()),
    folder,
    capabilities: { engines: [], clusters: ["ray"], devices: [], memoryBytes: 1e9, options: {} },
    lanes: [],
    clusterKinds: ["sft", "reward", "preference", "kto"],
    log: pino({ level: "silent" }),
    handlers,
  },
  new AbortController().signal,
);
