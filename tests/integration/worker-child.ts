import pino from "pino";
import { connect } from "@/db/client";
import { folderStore } from "@/server/artifact/store";
import { rateOf } from "@/workers/run/rate";
import { runWorker } from "@/workers/run/worker";

/** A worker process for tests to kill: its one handler counts to the number in the spec, slowly, saving as it goes. */
const [url, folder, id] = process.argv.slice(2);
const { db, sql } = connect(url, { max: 3 });
const rate = rateOf("steps");
await runWorker(
  {
    id,
    name: id,
    db,
    sql,
    store: folderStore(folder),
    folder,
    capabilities: { engines: ["onnx"], devices: ["cpu"], memoryBytes: 1e9, options: {} },
    lanes: [["export"]],
    log: pino({ level: "silent" }),
    handlers: {
      async export({ run, progress, log, signal }) {
        const from = run.progress?.done ?? 0;
        await log("info", `from ${from}`);
        const total = Number(run.spec.total);
        for (let done = from + 1; done <= total; done++) {
          signal.throwIfAborted();
          await new Promise((resolve) => setTimeout(resolve, 100));
          progress(rate(done, total));
        }
        return { total };
      },
    },
  },
  new AbortController().signal,
);
