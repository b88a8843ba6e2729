import { createAnthropic } from "@ai-sdk/anthropic";
import { z } from "zod";
import { type Access, dayOf, keyOf, type Provider, toldAt } from "./provider";

const OWN = "https://api.anthropic.com/v1";

/** Anthropic's Messages API. It tells no log-probabilities. */
export function anthropic(access: Access): Provider {
  const { url, model, fetch } = access;
  const baseURL = url ?? OWN;
  const apiKey = keyOf(access, "Anthropic");
  return {
    language: createAnthropic({ baseURL, apiKey, fetch }).languageModel(model),
    explain(body) {
      const said = errorSchema.safeParse(body).data?.error.message ?? "";
      if (/credit balance/i.test(said)) return { meaning: "spent" };
      return /content filtering policy/i.test(said) ? { meaning: "filtered" } : {};
    },
    async describe(signal) {
      const headers = { "x-api-key": apiKey, "anthropic-version": "2023-06-01" };
      const told = await toldAt(access, `${baseURL}/models/${encodeURIComponent(model)}`, headers, signal);
      const { data } = modelSchema.safeParse(told);
      return { context: data?.max_input_tokens ?? null, retiresOn: dayOf(data?.shutdown_date) };
    },
  };
}

const modelSchema = z.object({
  max_input_tokens: z.number().int().nullish(),
  shutdown_date: z.string().nullish(),
});

const errorSchema = z.object({ error: z.object({ message: z.string() }) });
