import { z } from "zod";

export const auditFilterSchema = z.object({
  personId: z.uuid().optional(),
  projectId: z.uuid().optional(),
  /** `noun.verb`, or only the noun with its point. */
  action: z.string().max(100).optional(),
  targetId: z.string().max(100).optional(),
  from: z.coerce.date().optional(),
  until: z.coerce.date().optional(),
});
export type AuditFilter = z.infer<typeof auditFilterSchema>;

export const auditEntrySchema = z.object({
  id: z.uuid(),
  at: z.date(),
  /** Null: the system itself. */
  personId: z.uuid().nullable(),
  personName: z.string().nullable(),
  tokenId: z.uuid().nullable(),
  /** Where the request came from. */
  address: z.string().nullable(),
  projectId: z.uuid().nullable(),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string(),
  /** What it is called now; null for what is gone or has no name. */
  targetName: z.string().nullable(),
  /** The name of the project now; null outside a project, and when it is gone. */
  projectName: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
