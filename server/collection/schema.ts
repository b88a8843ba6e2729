import { z } from "zod";
import { runStatuses } from "../../db/shape/run-kinds";

/** All that a collection takes away: how it is called, and why it goes. */
export const collectables = {
  artifact: { title: "Stored files", why: "no upload, run or job refers to them" },
  stray: { title: "Uploads that never ended", why: "they broke off, or nobody came back for them" },
  runFolder: { title: "Working folders of runs", why: "their runs are deleted" },
  modelFolder: { title: "Copies of models", why: "their models are deleted" },
  hubFolder: { title: "Models fetched from the Hub", why: "no model of a project names them" },
  upload: { title: "Uploads", why: "their project keeps them no longer" },
  runFile: {
    title: "Files of ended runs",
    why: "their project keeps them no longer, and they are no model's",
  },
  endedFolder: { title: "Working folders of ended runs", why: "their project keeps them no longer" },
  address: { title: "Addresses in the audit log", why: "their project keeps them no longer" },
  redTeam: { title: "Attempts of red teams", why: "their project keeps them no longer" },
  event: { title: "Events", why: "no open page has been away for so long" },
  reply: { title: "Replies kept for repeated requests", why: "they are kept for a day" },
  attempt: { title: "Failed sign-ins that were counted", why: "they count for 15 minutes" },
  link: { title: "Sign-in links", why: "they ended 30 days ago" },
  emailChange: { title: "Wishes for another address", why: "nobody proved the address" },
  session: { title: "Sessions", why: "nobody used them for 90 days" },
} as const;
export type Collectable = keyof typeof collectables;

const isCollectable = (name: string): name is Collectable => name in collectables;

const collectedSchema = z.object({
  what: z.enum(Object.keys(collectables).filter(isCollectable)),
  count: z.number().int(),
  /** On disk; rows of the database have none. */
  bytes: z.number(),
});
export type Collected = z.infer<typeof collectedSchema>;

/** What a run of kind `collect` leaves as its result. */
export const collectionReportSchema = z.object({
  collected: z.array(collectedSchema),
  /** Where nothing was taken, and what to do about it. */
  left: z.array(z.string()),
});
export type CollectionReport = z.infer<typeof collectionReportSchema>;

/** What made a collection begin. */
export const collectionSpecSchema = z.object({ cause: z.enum(["asked", "daily", "project deleted"]) });
export type CollectionSpec = z.infer<typeof collectionSpecSchema>;

/** A collection as admins see it. */
export const collectionSchema = z.object({
  id: z.uuid(),
  status: z.enum(runStatuses),
  error: z.string().nullable(),
  cause: collectionSpecSchema.shape.cause,
  /** Who asked for it, or deleted the project. */
  personName: z.string().nullable(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
  /** Null until it is done. */
  report: collectionReportSchema.nullable(),
});
export type Collection = z.infer<typeof collectionSchema>;
