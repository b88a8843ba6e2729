import { tmpdir } from "node:os";
import pino from "pino";
import { connect } from "@/db/client";
import { folderStore } from "@/server/artifact/store";
import { construct } from "@/workers/run/handlers/construct";
import { runWorker } from "@/workers/run/worker";

/** A worker process that makes candidates, for tests to kill. */
const [url, id] = process.argv.slice(2);
const { db, sql } = connect(url, { max: 4 });
await runWorker(
  {
    ...{ id, name: id, db, sql, store: folderStore(tmpdir()), folder: tmpdir(), handlers: { construct } },
    capabilities: { engines: [], devices: [], memoryBytes: 1e9, options: {} },
    lanes: [["construct"]],
    log: pino({ level: "silent" }),
  },
  new AbortController().signal,
);
