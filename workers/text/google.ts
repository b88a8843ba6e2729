import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { z } from "zod";
import { type Access, keyOf, type Provider } from "./provider";

const OWN = "https://generativelanguage.googleapis.com/v1beta";

/** Google's Gemini API. Its package passes no log-probabilities on. */
export function google(access: Access): Provider {
  const { url, model, fetch } = access;
  const baseURL = url ?? OWN;
  const apiKey = keyOf(access, "Google");
  return {
    language: createGoogleGenerativeAI({ baseURL, apiKey, fetch }).chat(model),
    async describe(signal) {
      const answer = await fetch(`${baseURL}/models/${encodeURIComponent(model)}`, {
        headers: { "x-goog-api-key": apiKey },
        signal,
      });
      const { data } = modelSchema.safeParse(answer.ok ? await answer.json() : null);
      const context = data ? data.inputTokenLimit + data.outputTokenLimit : null;
      return { context, retiresOn: null };
    },
  };
}

const modelSchema = z.object({
  inputTokenLimit: z.number().int(),
  outputTokenLimit: z.number().int(),
});
