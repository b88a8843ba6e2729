import { z } from "zod";
import { touchedSchema } from "../model/schema";

const amount = z.object({ count: z.number().int(), bytes: z.number() });

/** What becomes of a person's consent to the use of their judgements. */
export const consentChoices = ["withdrawn", "kept"] as const;

/** What erasing a person would take, and what would stay. */
export const personErasureSchema = z.object({
  name: z.string(),
  email: z.string(),
  goes: z.object({
    sessions: z.number().int(),
    tokens: z.number().int(),
    links: z.number().int(),
    accounts: z.number().int(),
    secondFactors: z.number().int(),
    secrets: z.number().int(),
    emailChanges: z.number().int(),
    memberships: z.number().int(),
    savedViews: z.number().int(),
    /** What they wrote to reviewers, or to raters as a reviewer. */
    remarks: z.number().int(),
    normingRemarks: z.number().int(),
    /** That they took part in attacks on models, and how long model text stood before them. */
    redTeam: z.number().int(),
    /** Entries of the audit log that say where they were. */
    addresses: z.number().int(),
  }),
  /** By project: what stays under a pseudonym, and what holds it. */
  stays: z.array(
    z.object({
      projectId: z.uuid(),
      project: z.string(),
      raterId: z.uuid(),
      pseudonym: z.string(),
      judgements: z.number().int(),
      touched: touchedSchema,
    }),
  ),
});
export type PersonErasure = z.infer<typeof personErasureSchema>;

export const erasePersonSchema = z.object({
  /** Their address, typed again: nothing brings them back. */
  email: z.string(),
  /** Whether later dataset versions leave their judgements out. */
  consent: z.enum(consentChoices),
});

/** All that goes with a project. */
export const projectContentsSchema = z.object({
  members: z.number().int(),
  raters: z.number().int(),
  prompts: z.number().int(),
  responses: z.number().int(),
  tasks: z.number().int(),
  judgements: z.number().int(),
  versions: z.number().int(),
  models: z.number().int(),
  evaluations: z.number().int(),
  runs: z.number().int(),
  uploads: z.number().int(),
  /** Files that nobody else refers to. */
  files: amount,
  /** Files that another project refers to, too: there they stay. */
  sharedFiles: amount,
  /** Runs that have to end before. */
  going: z.array(z.object({ id: z.uuid(), title: z.string() })),
});
export type ProjectContents = z.infer<typeof projectContentsSchema>;
