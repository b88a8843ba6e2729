import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../../db/client";
import { listen } from "../../db/listen";
import { runCaged } from "../../server/child";
import { limits } from "../../server/limits";
import {
  claimKept,
  KEPT_CHANNEL,
  keepAgain,
  releaseKept,
  renewKept,
  SETTLE_MS,
  settleKept,
} from "../../server/look/kept";
import { Rest } from "../rest";

/** A lost notification delays an answer by at most this. */
const POLL_MS = 5000;
const RENEW_MS = 30_000;
/** What was changed while nobody could tell is found so often. */
const AGAIN_MS = 3_600_000;

/** What the process that reckons says of an error that nobody expects. */
const defectSchema = z.object({ defect: z.string() });

/**
 * Reckons what is asked of large projects, one after the other, until `shutdown` aborts. Each in a process of its own:
 * it takes seconds, and meanwhile runs of this worker keep their leases.
 */
export async function keepAnswers(
  { db, sql, url, log }: Pick<Database, "db" | "sql"> & { url: string; log: Logger },
  shutdown: AbortSignal,
): Promise<void> {
  const rest = new Rest();
  const stopListening = listen(sql, KEPT_CHANNEL, { notified: rest.wake, connected: rest.wake });
  shutdown.addEventListener("abort", rest.wake);
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "an answer is not made now");
  let again = Date.now() + AGAIN_MS;
  try {
    while (!shutdown.aborted) {
      if (Date.now() > again) {
        again = Date.now() + AGAIN_MS;
        await keepAgain(db).catch(complain);
      }
      const kept = await claimKept(db).catch(complain);
      if (kept) await makeOne(kept).catch(complain);
      else {
        await rest.for(POLL_MS);
        rest.forget();
        await sleep(SETTLE_MS, undefined, { signal: shutdown }).catch(() => {});
      }
    }
  } finally {
    await stopListening();
  }

  async function makeOne(kept: NonNullable<Awaited<ReturnType<typeof claimKept>>>): Promise<void> {
    const { id, projectId, kind, input } = kept;
    const renewing = setInterval(() => void renewKept(db, kept).catch(complain), RENEW_MS);
    try {
      await runCaged({
        program: "workers/quality/keep-child.ts",
        input: { id, projectId, kind, input },
        set: { DATABASE_URL: url },
        memoryMiB: limits.importMemoryMiB,
        signal: shutdown,
        onMessage: (told) => {
          const { data } = defectSchema.safeParse(told);
          if (data) log.error({ project: projectId, kind, ...data }, "an answer could not be made");
        },
      });
    } catch (error) {
      // A worker that goes on makes it.
      if (shutdown.aborted) return await releaseKept(db, kept);
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ project: projectId, kind, message }, "an answer could not be made");
      await settleKept(db, kept, { madeAt: new Date(), answer: null, failed: { code: null, message } });
    } finally {
      clearInterval(renewing);
    }
  }
}
