import { setTimeout as sleep } from "node:timers/promises";
import { type ConcordApi, type RunReply, runReplySchema } from "../api";

const POLL_MS = 500;
/** Clients give a call up after 60 s. */
const AT_MOST_MS = 45_000;

export const isOver = ({ status }: RunReply) => status !== "queued" && status !== "running";

/** @throws its error for a run that is not over or ended otherwise */
export function succeeded(run: RunReply): RunReply {
  if (run.status === "succeeded") return run;
  throw new Error(`${run.title} ${run.status}: ${run.error ?? "ask with run how it stands"}`);
}

/** @returns the run when it is over, or as it stands when a client would not wait longer */
export async function settled(api: ConcordApi, projectId: string, { id }: RunReply): Promise<RunReply> {
  const until = Date.now() + AT_MOST_MS;
  for (;;) {
    const run = await api.call(runReplySchema, "GET", `/projects/${projectId}/runs/${id}`);
    if (isOver(run) || Date.now() > until) return run;
    await sleep(POLL_MS);
  }
}

/** A run as an assistant is told of it. */
export function told(run: RunReply) {
  const { id, title, status, progress, result, error } = run;
  return {
    runId: id,
    title,
    status,
    ...(isOver(run) ? { result, error } : { progress, next: "Ask with run until it is over." }),
  };
}
