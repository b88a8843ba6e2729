import { z } from "zod";
import { callRequestSchema } from "../../db/shape/model-call";

/** A model that programs may call, by its id or as `project/model`. */
export const servedModelSchema = z.object({
  id: z.uuid(),
  projectId: z.uuid(),
  name: z.string(),
  project: z.string(),
  method: z.string(),
  createdAt: z.date(),
});
export type ServedModel = z.infer<typeof servedModelSchema>;

export const newCallSchema = z.object({ modelId: z.uuid(), request: callRequestSchema });

export const byCall = z.object({ callId: z.uuid() });

export const calledSchema = z.object({ callId: z.uuid() });
