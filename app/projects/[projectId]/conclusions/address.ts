import type { z } from "zod";
import { lookSchema, planInput } from "@/server/conclusion/schema";

/** Which votes a page of conclusions looks at. */
export const lookAddress = lookSchema;
export type LookAddress = z.infer<typeof lookAddress>;

/** The same, and what is planned for. */
export const planAddress = lookSchema.extend(planInput.shape);
