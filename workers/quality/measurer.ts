import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../../db/client";
import {
  claimView,
  lookAgain,
  QUALITY_CHANNEL,
  renewView,
  SETTLE_MS,
  type Stage,
  settleView,
  stages,
  type View,
} from "../../server/look/look";
import { attend, runLeased } from "./attend";

const saidSchema = z.object({ failed: z.string().nullable() });

/**
 * Measures looks whose votes have changed until `shutdown` aborts: agreement of one after the other, and beside it the
 * raters' figures of one after the other. Each in a process of its own: models are fitted for seconds, and meanwhile
 * runs of this worker keep their leases.
 */
export async function measureQuality(
  { db, sql, url, log }: Pick<Database, "db" | "sql"> & { url: string; log: Logger },
  shutdown: AbortSignal,
): Promise<void> {
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "quality is not measured now");
  await Promise.all(
    stages.map((stage) =>
      attend(
        {
          ...{ sql, channel: QUALITY_CHANNEL, settleMs: SETTLE_MS[stage], complain },
          claim: () => claimView(db, stage),
          makeOne: (view) => measureOne(view, stage),
          ...(stage === "agreement" && { again: () => lookAgain(db) }),
          isAgainAtStart: true,
        },
        shutdown,
      ),
    ),
  );

  async function measureOne(view: View, stage: Stage): Promise<void> {
    const began = Date.now();
    let failed: string | null = null;
    try {
      const { id, projectId, filter, report } = view;
      await runLeased({
        program: "workers/quality/child.ts",
        input: { id, projectId, filter, report, stage },
        ...{ url, signal: shutdown, complain },
        renew: () => renewView(db, view, stage),
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
    await settleView(db, view, { stage, tookMs: Date.now() - began, failed });
  }
}
