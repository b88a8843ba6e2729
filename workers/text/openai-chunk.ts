import { z } from "zod";
import type { Extra } from "./provider";

const alternative = z.object({ token: z.string(), logprob: z.number() });
const chunkSchema = z.object({
  system_fingerprint: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: z.object({ refusal: z.string().nullish() }).nullish(),
        logprobs: z
          .object({
            content: z.array(alternative.extend({ top_logprobs: z.array(alternative).nullish() })).nullish(),
          })
          .nullish(),
      }),
    )
    .default([]),
});

/** What a chunk of OpenAI's chat completions holds that the packages pass over. */
export function readOpenAiChunk(raw: unknown): Extra {
  const { data } = chunkSchema.safeParse(raw);
  const [choice] = data?.choices ?? [];
  const told = choice?.logprobs?.content;
  return {
    ...(data?.system_fingerprint ? { fingerprint: data.system_fingerprint } : {}),
    ...(choice?.delta?.refusal ? { refused: true } : {}),
    ...(told
      ? { logprobs: told.map(({ top_logprobs, ...token }) => ({ ...token, top: top_logprobs ?? [] })) }
      : {}),
  };
}
