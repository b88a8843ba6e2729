import { z } from "zod";

export const newTokenSchema = z.object({
  name: z.string().trim().min(1, "Name the token after what uses it.").max(100, "At most 100 characters."),
  /** Days until it ends; null keeps it until it is revoked. */
  days: z.number().int().min(1).max(3650).nullable().default(365),
});

export const tokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  lastUsedAt: z.date().nullable(),
  createdAt: z.date(),
});

/** The only moment at which the token itself is shown. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string() });
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
