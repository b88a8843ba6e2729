import { createAnthropic } from "@ai-sdk/anthropic";
import { z } from "zod";
import { type Access, dayOf, keyOf, type Provider } from "./provider";

const OWN = "https://api.anthropic.com/v1";

/** Anthropic's Messages API. It tells no log-probabilities. */
export function anthropic(access: Access): Provider {
  const { url, model, fetch } = access;
  const baseURL = url ?? OWN;
  const apiKey = keyOf(access, "Anthropic");
  return {
    language: createAnthropic({ baseURL, apiKey, fetch }).languageModel(model),
    async describe(signal) {
      const answer = await fetch(`${baseURL}/models/${encodeURIComponent(model)}`, {
        headers: { "x-api-key": apiKey, "anthropic-version": "2023-06-01" },
        signal,
      });
      const { data } = modelSchema.safeParse(answer.ok ? await answer.json() : null);
      return { context: data?.max_input_tokens ?? null, retiresOn: dayOf(data?.shutdown_date) };
    },
  };
}

const modelSchema = z.object({
  max_input_tokens: z.number().int().nullish(),
  shutdown_date: z.string().nullish(),
});
