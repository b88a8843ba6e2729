import { tmpdir } from "node:os";
import pino from "pino";
import { connect } from "@/db/client";
import { folderStore } from "@/server/artifact/store";
import { judge } from "@/workers/run/handlers/judge";
import { runWorker } from "@/workers/run/worker";

/** A worker process that judges, for tests to kill. */
const [url, id] = process.argv.slice(2);
const { db, sql } = connect(url, { max: 4 });
await runWorker(
  {
    ...{ id, name: id, db, sql, store: folderStore(tmpdir()), folder: tmpdir(), handlers: { judge } },
    capabilities: { engines: [], devices: [], memoryBytes: 1e9, options: {} },
    lanes: [["judge"]],
    log: pino({ level: "silent" }),
  },
  new AbortController().signal,
);
