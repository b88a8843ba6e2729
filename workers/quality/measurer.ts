import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../../db/client";
import {
  claimView,
  lookAgain,
  QUALITY_CHANNEL,
  renewView,
  SETTLE_MS,
  settleView,
  type View,
} from "../../server/look/look";
import { attend, runLeased } from "./attend";

const saidSchema = z.object({ failed: z.string().nullable() });

/**
 * Measures looks whose votes have changed, one after the other, until `shutdown` aborts. Each in a process of its own:
 * models are fitted for seconds, and meanwhile runs of this worker keep their leases.
 */
export async function measureQuality(
  { db, sql, url, log }: Pick<Database, "db" | "sql"> & { url: string; log: Logger },
  shutdown: AbortSignal,
): Promise<void> {
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "quality is not measured now");
  await attend(
    {
      ...{ sql, channel: QUALITY_CHANNEL, settleMs: SETTLE_MS, makeOne: measureOne, complain },
      claim: () => claimView(db),
      again: () => lookAgain(db),
      isAgainAtStart: true,
    },
    shutdown,
  );

  async function measureOne(view: View): Promise<void> {
    const began = Date.now();
    let failed: string | null = null;
    try {
      const { id, projectId, filter, report } = view;
      await runLeased({
        program: "workers/quality/child.ts",
        input: { id, projectId, filter, report },
        ...{ url, signal: shutdown, complain },
        renew: () => renewView(db, view),
        onMessage: (message) => {
          failed = saidSchema.parse(message).failed;
        },
      });
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    // Left as it is: the lease ends, and a worker that goes on measures it.
    if (shutdown.aborted) return;
    if (failed) log.warn({ project: view.projectId, failed }, "quality could not be measured");
    await settleView(db, view, { tookMs: Date.now() - began, failed });
  }
}
