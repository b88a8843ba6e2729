import { z } from "zod";

export const messageSchema = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  name: z.string().optional(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
});
/** One turn of a conversation, as TRL and the chat templates spell it. */
export type Message = z.infer<typeof messageSchema>;

/** A BCP 47 language tag, such as `en`, `pt-BR` or `zh-Hant`. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/, "Use a language tag such as en, ar or pt-BR.");
