import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** Between two tries of one request, as a program that is told to try again later. */
const RETRY_MS = 200;
/** A request that had no answer for this long will have none. */
const PATIENCE_MS = 240_000;

type Method = "GET" | "POST" | "PUT" | "PATCH";

/** What the platform told its users: the database is held to it afterwards. */
export class Ledger {
  /** The annotation that was acknowledged for each key, and whether its undo was. */
  readonly judgements = new Map<string, { annotationId: string; undone: boolean }>();
  /** Rows of each import that was accepted, by its run. */
  readonly imports = new Map<string, number>();
  /** Requests that got a 5xx and no other answer afterwards. */
  readonly unanswered: string[] = [];
  /** Answers that no user should see: neither done, nor refused with a reason that this soak expects. */
  readonly surprises = new Map<string, number>();
  /** A request sent again counts once here. */
  requests = 0;
  retried = 0;
  serverErrors = 0;
  /** When the latest request was sent that stored a judgement (epoch ms): the whole works again. */
  lastJudged = 0;
}

export interface Answer {
  status: number;
  body: unknown;
}

/**
 * One user of the HTTP API, who sends a request again, unchanged, until it is answered. What makes something new is sent
 * with an Idempotency-Key; a judgement has one of its own.
 */
export class User {
  readonly #url: string;
  readonly #token: string;
  readonly #ledger: Ledger;

  constructor(url: string, token: string, ledger: Ledger) {
    this.#url = url;
    this.#token = token;
    this.#ledger = ledger;
  }

  async send(method: Method, path: string, body?: unknown, key?: string): Promise<Answer> {
    const began = Date.now();
    let failures = 0;
    this.#ledger.requests += 1;
    for (;;) {
      const answer = await this.#once(method, path, body, key);
      if (answer !== null && !isForLater(answer)) {
        if (answer.status >= 400 && ![404, 409].includes(answer.status))
          this.#surprise(
            `${method} ${path.replaceAll(/[0-9a-f-]{36}/g, "…")}: ${answer.status}`,
            answer.body,
          );
        return answer;
      }
      if (answer !== null && answer.status >= 500) {
        failures += 1;
        this.#ledger.serverErrors += 1;
      }
      if (Date.now() - began > PATIENCE_MS) {
        this.#ledger.unanswered.push(
          `${method} ${path} (${failures} × 5xx, last ${answer?.status ?? "none"})`,
        );
        return answer ?? { status: 503, body: null };
      }
      this.#ledger.retried += 1;
      await sleep(RETRY_MS);
    }
  }

  async #once(method: Method, path: string, body: unknown, key: string | undefined): Promise<Answer | null> {
    const isFile = typeof body === "string";
    try {
      const answer = await fetch(`${this.#url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          "content-type": isFile ? "application/octet-stream" : "application/json",
          ...(key && { "idempotency-key": key }),
        },
        ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
    } catch {
      return null; // Nobody there, or cut off within the answer.
    }
  }

  #surprise(what: string, body: unknown): void {
    const told = z
      .object({ detail: z.string().optional(), title: z.string().optional() })
      .safeParse(body).data;
    const line = `${what} ${told?.detail ?? told?.title ?? ""}`;
    this.#ledger.surprises.set(line, (this.#ledger.surprises.get(line) ?? 0) + 1);
  }
}

/** The server asks for the same request later: it is away, busy, or a killed one had begun with it. */
const isForLater = ({ status, body }: Answer) =>
  status >= 500 ||
  status === 429 ||
  (status === 409 && JSON.stringify(body).includes("first request with this Idempotency-Key"));

const claimed = z.object({ tasks: z.array(z.object({ assignmentId: z.string() })) });
const submitted = z.object({ annotationId: z.string(), next: claimed.nullable() });

const random = (below: number) => Math.floor(Math.random() * below);
const chance = (of: number) => Math.random() < of;

/** Judges with a little thought, now and then changes their mind, skips, or gives back. */
export async function rater(
  user: User,
  { projectId, ledger, signal }: { projectId: string; ledger: Ledger; signal: AbortSignal },
): Promise<void> {
  const answers = () => ({
    preference: { type: "preference", outcome: chance(0.5) ? "a" : "b", level: 1 + random(3) },
  });
  const claim = async () => {
    const { body } = await user.send("POST", `/projects/${projectId}/assignments`, { hold: 2 });
    return claimed.safeParse(body).data?.tasks ?? [];
  };
  let tasks = await claim();
  while (!signal.aborted) {
    await sleep(20 + random(120));
    const [task] = tasks;
    if (!task) {
      await sleep(1000);
      tasks = await claim();
      continue;
    }
    const seat = `/assignments/${task.assignmentId}`;
    if (chance(0.03)) {
      await (chance(0.5)
        ? user.send("POST", `${seat}/release`)
        : user.send("POST", `${seat}/skip`, { reason: "Not for me." }));
      tasks = await claim();
      continue;
    }
    const idempotencyKey = randomUUID();
    const began = Date.now();
    const answer = await user.send("POST", `${seat}/annotation`, {
      idempotencyKey,
      answers: answers(),
      next: { hold: 2 },
    });
    const stored = submitted.safeParse(answer.body).data;
    if (answer.status !== 200 || !stored) {
      tasks = await claim();
      continue;
    }
    const entry = { annotationId: stored.annotationId, undone: false };
    ledger.judgements.set(idempotencyKey, entry);
    ledger.lastJudged = Math.max(ledger.lastJudged, began);
    tasks = stored.next?.tasks ?? (await claim());
    const mind = Math.random();
    if (mind < 0.04) {
      const undo = await user.send("POST", `${seat}/undo`, { idempotencyKey });
      entry.undone = undo.status === 200;
      tasks = await claim();
    } else if (mind < 0.08) {
      const key = randomUUID();
      const revised = await user.send("PUT", `${seat}/annotation`, {
        idempotencyKey: key,
        answers: answers(),
      });
      const { annotationId } = z.object({ annotationId: z.string() }).safeParse(revised.body).data ?? {};
      if (revised.status === 200 && annotationId) ledger.judgements.set(key, { annotationId, undone: false });
    }
  }
}

const page = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

/** The manager asks for no more. */
export const MOST_OVERLAP = 4;

/** Goes over the work while it is done: overlap, reserved seats, withdrawn tasks, what is sent back and left out. */
export async function manager(
  user: User,
  { projectId, raterIds, signal }: { projectId: string; raterIds: readonly string[]; signal: AbortSignal },
): Promise<void> {
  const home = `/projects/${projectId}`;
  const some = async (path: string, count: number) => {
    const { body } = await user.send("GET", `${home}${path}`);
    const all = page.safeParse(body).data?.items ?? [];
    return Array.from({ length: Math.min(count, all.length) }, () => all[random(all.length)].id);
  };
  const annotations = (count: number) => some("/annotations?limit=200", count);
  const tasks = (count: number) => some("/tasks?limit=200", count);
  const acts: (() => Promise<unknown>)[] = [
    () => user.send("PATCH", home, { overlap: 1 + random(MOST_OVERLAP) }),
    async () => user.send("POST", `${home}/tasks/priority`, { taskIds: await tasks(5), priority: random(9) }),
    async () =>
      user.send("POST", `${home}/tasks/reserve`, {
        taskIds: await tasks(2),
        raterIds: [raterIds[random(raterIds.length)]],
      }),
    async () => user.send("POST", `${home}/tasks/withdraw`, { taskIds: await tasks(1) }),
    ...["return", "exclude", "include"].map(
      (act) => async () =>
        user.send("POST", `${home}/annotations/${act}`, {
          annotationIds: await annotations(3),
          reason: "Please look at it again.",
        }),
    ),
    () => user.send("GET", `${home}/dashboard`),
  ];
  await sleep(3000); // The first work is there to be managed.
  while (!signal.aborted) {
    await acts[random(acts.length)]();
    await sleep(500 + random(1000));
  }
}

/** Rows of every file that is brought. */
const FILE_ROWS = 40;

/** Brings files as work comes to its end: the pairs of a file are there whole, or none is. */
export async function importer(
  user: User,
  { projectId, ledger, signal }: { projectId: string; ledger: Ledger; signal: AbortSignal },
): Promise<void> {
  const text = (what: string) => `${what} ${"A reply of a few lines, as a model would write it. ".repeat(3)}`;
  while (!signal.aborted) {
    const name = randomUUID();
    const rows = Array.from({ length: FILE_ROWS }, (_, row) => ({
      prompt: `Question ${row} of ${name}?`,
      responses: [text(`First ${row}.`), text(`Second ${row}.`)],
    }));
    const file = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    const uploaded = await user.send("POST", `/projects/${projectId}/uploads`, file);
    const { sha256 } = z.object({ sha256: z.string() }).safeParse(uploaded.body).data ?? {};
    if (sha256) {
      const started = await user.send(
        "POST",
        `/projects/${projectId}/imports`,
        { files: [{ name: `${name}.jsonl`, sha256 }] },
        randomUUID(),
      );
      const run = z.object({ id: z.string() }).safeParse(started.body).data;
      if (run) ledger.imports.set(run.id, FILE_ROWS);
    }
    await sleep(signal.aborted ? 0 : 8000 + random(8000));
  }
}

const runReply = z.object({
  id: z.string(),
  status: z.string(),
  result: z.record(z.string(), z.unknown()).nullable(),
});

/** Fewer could be excluded all, which no version is made of. */
const ENOUGH_TO_TRAIN = 100;

/** Freezes what was judged and trains on it, without end. */
export async function researcher(
  user: User,
  { projectId, ledger, signal }: { projectId: string; ledger: Ledger; signal: AbortSignal },
): Promise<void> {
  const home = `/projects/${projectId}`;
  const started = async (path: string, body: unknown) =>
    runReply.safeParse((await user.send("POST", `${home}${path}`, body, randomUUID())).body).data ?? null;
  /** @returns what the run made, or null when the soak ends before the run does */
  const made = async (path: string, body: unknown, what: string): Promise<string | null> => {
    const run = await started(path, body);
    while (run && !signal.aborted) {
      await sleep(1000);
      const now = runReply.safeParse((await user.send("GET", `${home}/runs/${run.id}`)).body).data;
      if (now && ["failed", "cancelled"].includes(now.status)) return null;
      if (now?.status === "succeeded") return String(now.result?.[what]);
    }
    return null;
  };
  const dataset = await user.send(
    "POST",
    `${home}/datasets`,
    { name: "pairs", kind: "preference" },
    randomUUID(),
  );
  const { id: datasetId } = z.object({ id: z.string() }).parse(dataset.body);
  const modelId = await made(
    "/new-models",
    { name: "tiny", hidden_size: 32, num_hidden_layers: 1, intermediate_size: 64, pretrain_steps: 6 },
    "modelId",
  );
  while (!signal.aborted && ledger.judgements.size < ENOUGH_TO_TRAIN) await sleep(200);
  while (!signal.aborted) {
    const versionId = await made(`/datasets/${datasetId}/versions`, { recipe: {} }, "versionId");
    if (versionId && modelId)
      await made(
        "/training-runs",
        {
          method: chance(0.5) ? "reward" : "preference",
          versionId,
          modelId,
          name: "soak",
          options: { max_steps: 120, save_steps: 20, eval_steps: 60, logging_steps: 10, max_length: 512 },
        },
        "modelId",
      );
    await sleep(signal.aborted ? 0 : 2000);
  }
}
