import type { Logger } from "pino";
import { z } from "zod";
import type { Database } from "../../db/client";
import {
  claimKept,
  KEPT_CHANNEL,
  keepAgain,
  releaseKept,
  renewKept,
  SETTLE_MS,
  settleKept,
} from "../../server/look/kept";
import { attend, runLeased } from "./attend";

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
  const complain = (reason: unknown) => log.warn({ reason: String(reason) }, "an answer is not made now");
  await attend(
    {
      ...{ sql, channel: KEPT_CHANNEL, settleMs: SETTLE_MS, makeOne, complain },
      claim: () => claimKept(db),
      again: () => keepAgain(db),
      isAgainAtStart: false,
    },
    shutdown,
  );

  async function makeOne(kept: NonNullable<Awaited<ReturnType<typeof claimKept>>>): Promise<void> {
    const { id, projectId, kind, input } = kept;
    try {
      await runLeased({
        program: "workers/quality/keep-child.ts",
        input: { id, projectId, kind, input },
        ...{ url, signal: shutdown, complain },
        renew: () => renewKept(db, kept),
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
    }
  }
}
