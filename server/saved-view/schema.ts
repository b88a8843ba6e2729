import { z } from "zod";

/** Tables whose views can be kept, by the page that shows them. */
const viewPages = ["runs", "prompts", "tasks", "preferences"] as const;
export type ViewPage = (typeof viewPages)[number];

/** What somebody made a table show: its columns, filters, sorting. */
export const savedViewSchema = z.object({
  id: z.uuid(),
  page: z.enum(viewPages),
  name: z.string(),
  /** The search part of the page's address, without the question mark. */
  address: z.string(),
  /** Whether everybody who may see the table sees it. */
  shared: z.boolean(),
  /** Whether it is the viewer's own, to change and to delete. */
  own: z.boolean(),
  /** Whose it is. */
  personName: z.string(),
});
export type SavedView = z.infer<typeof savedViewSchema>;

export const newViewSchema = z.object({
  page: z.enum(viewPages),
  name: z.string().trim().min(1).max(80),
  address: z.string().max(4000),
  shared: z.boolean().default(false),
});
