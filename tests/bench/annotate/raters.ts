import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** A request is sent again, unchanged, until it is answered: as the desk's outbox does. */
const RETRY_MS = 100;

const claimed = z.object({
  tasks: z.array(z.object({ assignmentId: z.string() })),
  nothing: z.string().nullable(),
});
const submitted = z.object({ annotationId: z.string(), next: claimed });

export interface Ledger {
  /** The annotation that the platform acknowledged for each key. */
  acknowledged: Map<string, string>;
  /** Milliseconds from sending a submission to having the next task. */
  latencies: number[];
  retries: number;
  refused: string[];
}

export const emptyLedger = (): Ledger => ({
  acknowledged: new Map(),
  latencies: [],
  retries: 0,
  refused: [],
});

export interface Api {
  post(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
}

/** The HTTP API as one person, over connections that stay open. */
export function apiOf(url: string, token: string, agent: Agent): Api {
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(body);
        const outgoing = request(
          `${url}/api/v1${path}`,
          {
            agent,
            method: "POST",
            headers: {
              authorization: `Bearer ${token}`,
              "content-type": "application/json",
              "content-length": Buffer.byteLength(text),
            },
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("error", reject);
            response.on("end", () => {
              const status = response.statusCode ?? 0;
              try {
                resolve({ status, body: JSON.parse(Buffer.concat(parts).toString() || "null") });
              } catch {
                resolve({ status: 502, body: null });
              }
            });
          },
        );
        outgoing.on("error", reject);
        outgoing.end(text);
      }),
  };
}

export const keepAlive = (connections: number) => new Agent({ keepAlive: true, maxSockets: connections });

/** Sends until there is an answer that is not about a server that is away. */
async function insist(api: Api, ledger: Ledger, path: string, body: unknown) {
  for (;;) {
    const answer = await api.post(path, body).catch(() => null);
    if (answer && answer.status < 500 && answer.status !== 429) return answer;
    ledger.retries += 1;
    await sleep(RETRY_MS);
  }
}

/** A rater who decides at once, until `signal` or until there is nothing left; the last submission is awaited. */
export async function rate(
  api: Api,
  { projectId, ledger, signal }: { projectId: string; ledger: Ledger; signal: AbortSignal },
): Promise<void> {
  const claim = async () =>
    claimed.parse((await insist(api, ledger, `/projects/${projectId}/assignments`, { hold: 1 })).body);
  let held = await claim();
  while (!signal.aborted) {
    const [task] = held.tasks;
    if (!task) return;
    const key = randomUUID();
    const outcome = Math.random() < 0.5 ? "a" : "b";
    const level = 1 + Math.floor(Math.random() * 3);
    const began = performance.now();
    const answer = await insist(api, ledger, `/assignments/${task.assignmentId}/annotation`, {
      idempotencyKey: key,
      answers: { preference: { type: "preference", outcome, level } },
      shownAt: new Date().toISOString(),
      visibleMs: 1,
      next: { hold: 1 },
    });
    if (answer.status === 200) {
      const { annotationId, next } = submitted.parse(answer.body);
      ledger.latencies.push(performance.now() - began);
      ledger.acknowledged.set(key, annotationId);
      held = next;
    } else {
      ledger.refused.push(`${answer.status} ${JSON.stringify(answer.body)}`);
      held = await claim();
    }
  }
}
