import { z } from "zod";
import { raterKinds } from "../../db/shape/people";
import { languageSchema } from "../content/schema";
import { projectRoleSchema } from "../people/role";

/** What a rater knows. An empty list means any: prompts of every language, of every domain. */
export const skillsSchema = z.object({
  languages: z.array(languageSchema).max(50),
  domains: z.array(z.string().trim().min(1).max(100)).max(50),
});
export type Skills = z.infer<typeof skillsSchema>;

/** Whoever judges or has judged in a project. */
export const raterSchema = skillsSchema.extend({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(raterKinds),
  /** Set for a person of this instance. */
  personId: z.uuid().nullable(),
  /** Null for a person who is no longer a member, and for everybody who is no person. */
  role: projectRoleSchema.nullable(),
  consentWithdrawnAt: z.date().nullable(),
});
export type Rater = z.infer<typeof raterSchema>;

export const raterNoteSchema = z.object({
  id: z.uuid(),
  text: z.string(),
  /** Who wrote it; null where nobody of this instance did. */
  by: z.string().nullable(),
  at: z.date(),
});
export type RaterNote = z.infer<typeof raterNoteSchema>;
