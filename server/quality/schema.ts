import { z } from "zod";
import { alarmKinds, alarmSchema, measureNames, qualityReportSchema } from "../../db/shape/quality";
import { projectRoleSchema } from "../people/role";

const { parts, pace } = qualityReportSchema.shape;
const part = parts.element;

/** A part of the form with its name, and what each measure says in words. */
const shownPartSchema = part.extend({
  label: z.string(),
  words: z.partialRecord(z.enum(measureNames), z.string()),
  disputed: z.array(part.shape.disputed.element.extend({ prompt: z.string() })),
});
export type ShownPart = z.infer<typeof shownPartSchema>;

/** How good the judgements of a project are, as a worker measured it. */
export const qualitySchema = z.object({
  /** Null before anything was measured. */
  measuredAt: z.date().nullable(),
  /** Whether votes have changed since: a worker measures them in a few seconds. */
  isWaiting: z.boolean(),
  /** Why the last attempt made none. */
  failed: z.string().nullable(),
  parts: z.array(shownPartSchema),
  pace,
  alarms: z.array(alarmSchema),
  raters: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      personId: z.uuid().nullable(),
      /** Where a member can be written to. */
      email: z.string().nullable(),
      role: projectRoleSchema.nullable(),
    }),
  ),
  /** When each kind of alarm is given, and how often to somebody who does nothing wrong. */
  rules: z.record(
    z.enum(alarmKinds),
    z.object({ name: z.string(), when: z.string(), falseAlarms: z.string() }),
  ),
});
export type Quality = z.infer<typeof qualitySchema>;
