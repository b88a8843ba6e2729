import { z } from "zod";

/** What a stored token opens. */
export const secretNames = ["huggingface"] as const;
export const secretNameSchema = z.enum(secretNames);
export type SecretName = z.infer<typeof secretNameSchema>;
