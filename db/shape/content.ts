import { z } from "zod";

export const messageSchema = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  name: z.string().optional(),
  tool_calls: z.array(z.unknown()).optional(),
  tool_call_id: z.string().optional(),
  /** What the assistant thought before it spoke; chat templates print it as they do. */
  reasoning_content: z.string().optional(),
});
/** One turn of a conversation, as TRL and the chat templates spell it. */
export type Message = z.infer<typeof messageSchema>;
