import { setPriority } from "node:os";
import { z } from "zod";
import { connect } from "../../db/client";
import { qualityFilterSchema, qualityReportSchema } from "../../db/shape/quality";
import { keepReport, stages } from "../../server/look/look";
import { measureAgreement, measureRaters, withAgreement, withRaters } from "../../server/quality/measure";

/** Whoever waits for a page, or for agreement, comes before the raters' figures. */
const BEHIND_OTHERS = 10;

/** One stage of one look, measured in a process of its own; see measurer.ts. The worker holds its lease and ends it. */
const messageSchema = z.object({
  input: z.object({
    id: z.uuid(),
    projectId: z.uuid(),
    filter: qualityFilterSchema,
    report: qualityReportSchema.nullable().catch(null),
    stage: z.enum(stages),
  }),
});

process.once("message", async (message: unknown) => {
  // A worker that was killed: its lease ends, and another one measures.
  process.once("disconnect", () => process.exit(1));
  const { id, report, stage, ...look } = messageSchema.parse(message).input;
  const { db } = connect(process.env.DATABASE_URL ?? "", { max: 3 });
  let failed: string | null = null;
  try {
    if (stage === "agreement") {
      const agreed = await measureAgreement(db, look, report);
      await keepReport(db, { id }, (known) => withAgreement(known, agreed));
    } else {
      setPriority(BEHIND_OTHERS);
      const made = await measureRaters(db, look, report);
      if (made) await keepReport(db, { id }, (known) => withRaters(known, made));
    }
  } catch (error) {
    failed =
      error instanceof Error
        ? error.cause instanceof Error
          ? error.cause.message
          : error.message
        : String(error);
  }
  process.send?.({ failed }, () => process.exit(0));
});
