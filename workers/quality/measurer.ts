import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../../db/client";
import { listen } from "../../db/listen";
import { runCaged } from "../../server/child";
import { limits } from "../../server/limits";
import {
  claimView,
  lookAgain,
  QUALITY_CHANNEL,
  renewView,
  SETTLE_MS,
  settleView,
  type View,
} from "../../server/look/look";
import { Rest } from "../rest";

/** A lost notification delays measuring by at most this. */
const POLL_MS = 5000;
const RENEW_MS = 30_000;
/** What was changed while nobody could tell is found so often. */
const AGAIN_MS = 3_600_000;

const saidSchema = z.object({ failed: z.string().nullable() });

/**
 * Measures looks whose votes have changed, one after the other, until `shutdown` aborts. Each in a process of its own:
 * models are fitted for seconds, and meanwhile runs of this worker keep their leases.
 */
export async function measureQuality(
  { db, sql, url, log }: Pick<Database, "db" | "sql"> & { url: string; log: Logger },
  shutdown: AbortSignal,
): Promise<void> {
  const rest = new Rest();
  const stopListening = listen(sql, QUALITY_CHANNEL, { notified: rest.wake, connected: rest.wake });
  shutdown.addEventListener("abort", rest.wake);
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "quality is not measured now");
  let again = 0;
  try {
    while (!shutdown.aborted) {
      if (Date.now() > again) {
        again = Date.now() + AGAIN_MS;
        await lookAgain(db).catch(complain);
      }
      const view = await claimView(db).catch(complain);
      if (view) await measureOne(view).catch(complain);
      // What woke us is too new: it is measured when it has settled.
      else {
        await rest.for(POLL_MS);
        rest.forget();
        await sleep(SETTLE_MS, undefined, { signal: shutdown }).catch(() => {});
      }
    }
  } finally {
    await stopListening();
  }

  async function measureOne(view: View): Promise<void> {
    const began = Date.now();
    const renewing = setInterval(() => void renewView(db, view).catch(complain), RENEW_MS);
    let failed: string | null = null;
    try {
      const { id, projectId, filter, report } = view;
      await runCaged({
        program: "workers/quality/child.ts",
        input: { id, projectId, filter, report },
        set: { DATABASE_URL: url },
        memoryMiB: limits.importMemoryMiB,
        signal: shutdown,
        onMessage: (message) => {
          failed = saidSchema.parse(message).failed;
        },
      });
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    } finally {
      clearInterval(renewing);
    }
    // Left as it is: the lease ends, and a worker that goes on measures it.
    if (shutdown.aborted) return;
    if (failed) log.warn({ project: view.projectId, failed }, "quality could not be measured");
    await settleView(db, view, { tookMs: Date.now() - began, failed });
  }
}
