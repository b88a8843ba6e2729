import { z } from "zod";

/** A machine's token as admins see it; the token itself is shown once, when it is made. */
export const machineTokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});
export type MachineToken = z.infer<typeof machineTokenSchema>;

export const newMachineTokenSchema = z.object({ name: z.string().trim().min(1).max(120) });
