import { z } from "zod";
import { admin, router } from "../trpc";
import { listAudit } from "./list";
import { auditEntrySchema, auditFilterSchema } from "./schema";

export const auditRouter = router({
  list: admin
    .meta({ rest: { method: "GET", path: "/audit", summary: "Who changed what, newest first" } })
    .input(
      auditFilterSchema.extend({
        cursor: z.uuid().optional(),
        limit: z.number().int().min(1).max(500).default(100),
      }),
    )
    .output(z.object({ items: z.array(auditEntrySchema), nextCursor: z.uuid().nullable() }))
    .query(({ ctx, input }) => listAudit(ctx.db, input)),
});
