import { z } from "zod";
import { deskKeysSchema } from "../../db/shape/desk";
import { languages } from "../../db/shape/language";
import { projectRoleSchema } from "./role";

const nameSchema = z.string().trim().min(1, "Enter a name.").max(200, "At most 200 characters.");
export const emailSchema = z
  .string()
  .trim()
  .max(254, "An e-mail address has at most 254 characters.")
  .pipe(z.email("Enter an e-mail address, such as ada@example.org."));
export const passwordSchema = z
  .string()
  .min(12, "A password needs at least 12 characters.")
  .max(128, "At most 128 characters.");

export const personSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  isAdmin: z.boolean(),
  hasPassword: z.boolean(),
  /** Another address they asked for and have not proved yet. */
  wantedEmail: z.string().nullable(),
  disabledAt: z.date().nullable(),
  createdAt: z.date(),
});
export type Person = z.infer<typeof personSchema>;

export const invitationSchema = z.object({
  name: nameSchema,
  email: emailSchema,
  isAdmin: z.boolean().default(false),
});

/** A one-time sign-in link, as it is handed out: its secret is shown once and never stored. */
export const signInLinkSchema = z.object({
  personId: z.uuid(),
  /** Path below the address of this instance. */
  path: z.string(),
  expiresAt: z.date(),
});

export const memberSchema = z.object({
  personId: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: projectRoleSchema,
  disabledAt: z.date().nullable(),
  createdAt: z.date(),
});

/** How somebody works at the desk. */
export const deskHabitsSchema = z.object({
  /** Actions with another key than the usual one. */
  keys: deskKeysSchema,
  /** Whether the keys were practised, or the trainer was skipped. */
  practised: z.boolean(),
  /** In which the site speaks to them; null: as their browser asks. */
  language: z.enum(languages).nullable(),
});
export type DeskHabits = z.infer<typeof deskHabitsSchema>;
export const deskChangeSchema = deskHabitsSchema.partial();

export const profileSchema = z.object({ name: nameSchema });

/** Proof that somebody who holds a session knows the password, too. */
export const proofSchema = z.object({ currentPassword: z.string().max(200) });
export const codeSchema = z
  .string()
  .trim()
  .regex(/^\d{3}\s?\d{3}$/, "A code has six digits.");

export const sessionSchema = z.object({
  id: z.uuid(),
  address: z.string(),
  agent: z.string(),
  createdAt: z.date(),
  seenAt: z.date(),
  /** The one that asks. */
  isThis: z.boolean(),
});
