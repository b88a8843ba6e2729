import { z } from "zod";

const days = z.number().int().min(1).max(36_500);

/** After how many days what of a project goes by itself. Absent: it stays as long as the project. */
export const retentionSchema = z.strictObject({
  /** Files that were brought to be imported. */
  uploads: days.optional(),
  /** Of runs that have ended: their working folders, and their files, but for those that are a model's. */
  runs: days.optional(),
  /** Where requests came from, in the audit log. */
  addresses: days.optional(),
  /** Attempts of the red team, with what was said of them. What datasets hold of them stays. */
  attempts: days.optional(),
});
export type Retention = z.infer<typeof retentionSchema>;

/** What an hour of judging costs, for plans. */
export const hourlyRateSchema = z.strictObject({
  amount: z.number().positive().max(1_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/, "A currency has three capital letters, such as EUR."),
});
export type HourlyRate = z.infer<typeof hourlyRateSchema>;
