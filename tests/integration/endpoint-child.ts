import { connect } from "@/db/client";
import { endpointOf } from "@/workers/text/endpoint";
import { runCalls } from "@/workers/text/runner";
import { numbered } from "./numbered-calls";

/** A process that makes calls, for tests to kill. */
const [url, projectId, endpointId, runId, count] = process.argv.slice(2);
const { db, close } = connect(url, { max: 4 });
const opened = await endpointOf(db, { projectId, endpointId });
await runCalls({
  ...{ db, endpoint: opened.endpoint, pace: opened.pace, model: opened.model() },
  ...{ runId, cap: null, signal: new AbortController().signal },
  calls: numbered(Number(count)),
  onSettled: async () => {},
});
await close();
