import type { Call } from "@/workers/text/call";

/** Calls about the numbers from 0 on. */
export const numbered = (count: number, more: Partial<Call["request"]> = {}): Call[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ version: "v1", item: String(index), order: "", sample: 0 },
    request: {
      messages: [
        { role: "system" as const, content: "You judge." },
        { role: "user" as const, content: `item ${index}` },
      ],
      ...{ maxTokens: 16, temperature: 0, ...more },
    },
  }));
