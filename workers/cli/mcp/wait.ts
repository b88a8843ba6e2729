import { setTimeout as sleep } from "node:timers/promises";
import { type ConcordApi, type RunReply, runReplySchema } from "../api";

const POLL_MS = 500;
/** Clients give a call up after 60 s. */
const AT_MOST_MS = 45_000;

const isOver = ({ status }: RunReply) => status !== "queued" && status !== "running";

/**
 * What a look ahead found, for whoever decides. One that takes longer than a client waits keeps nobody from deciding.
 * @throws what it says against the wish
 */
export function foreseen(look: RunReply, words: (result: RunReply["result"]) => string): string {
  if (!isOver(look)) return `not known yet; run tells it under ${look.id} once it is over`;
  if (look.status === "succeeded") return words(look.result);
  throw new Error(`${look.title} ${look.status}: ${look.error ?? "no reason given"}`);
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
