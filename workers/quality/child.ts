import { z } from "zod";
import { connect } from "../../db/client";
import { qualityFilterSchema, qualityReportSchema } from "../../db/shape/quality";
import { keepReport } from "../../server/look/look";
import { measure } from "../../server/quality/measure";

/** One look, measured in a process of its own; see measurer.ts. The worker holds its lease and ends it. */
const messageSchema = z.object({
  input: z.object({
    id: z.uuid(),
    projectId: z.uuid(),
    filter: qualityFilterSchema,
    report: qualityReportSchema.nullable().catch(null),
  }),
});

process.once("message", async (message: unknown) => {
  // A worker that was killed: its lease ends, and another one measures.
  process.once("disconnect", () => process.exit(1));
  const { id, report, ...look } = messageSchema.parse(message).input;
  const { db } = connect(process.env.DATABASE_URL ?? "", { max: 3 });
  let failed: string | null = null;
  try {
    await measure(db, look, { known: report, tell: (now) => keepReport(db, { id }, now) });
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
