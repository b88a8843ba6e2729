import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { z } from "zod";
import { type Access, type Explained, keyOf, type Provider, toldAt } from "./provider";

const OWN = "https://generativelanguage.googleapis.com/v1beta";

/** Google's Gemini API. Its package passes no log-probabilities on. */
export function google(access: Access): Provider {
  const { url, model, fetch } = access;
  const baseURL = url ?? OWN;
  const apiKey = keyOf(access, "Google");
  return {
    language: createGoogleGenerativeAI({ baseURL, apiKey, fetch }).chat(model),
    read: (raw) => ({ model: chunkSchema.safeParse(raw).data?.modelVersion }),
    explain,
    async describe(signal) {
      // A tuned model has its folder in its name.
      const path = model.includes("/") ? model : `models/${model}`;
      const told = await toldAt(access, `${baseURL}/${path}`, { "x-goog-api-key": apiKey }, signal);
      const { data } = modelSchema.safeParse(told);
      const context = data ? data.inputTokenLimit + data.outputTokenLimit : null;
      return { context, retiresOn: null };
    },
  };
}

const modelSchema = z.object({
  inputTokenLimit: z.number().int(),
  outputTokenLimit: z.number().int(),
});

const chunkSchema = z.object({ modelVersion: z.string() });

const errorSchema = z.object({
  error: z.object({
    details: z.array(
      z.looseObject({
        reason: z.string().optional(),
        retryDelay: z.string().optional(),
        violations: z.array(z.looseObject({ quotaId: z.string().optional() })).optional(),
      }),
    ),
  }),
});

/** Google's errors tell the rest in their details: a wrong key is a 400, and how long to wait stands in no header. */
function explain(body: unknown): Explained {
  const details = errorSchema.safeParse(body).data?.error.details ?? [];
  const seconds = /^([\d.]+)s$/.exec(details.find(({ retryDelay }) => retryDelay)?.retryDelay ?? "")?.[1];
  const isOfDay = details.some(({ violations }) =>
    violations?.some(({ quotaId }) => quotaId?.includes("PerDay")),
  );
  return {
    ...(details.some(({ reason }) => reason?.startsWith("API_KEY_")) ? { meaning: "key" } : {}),
    ...(isOfDay ? { meaning: "spent" } : {}),
    ...(seconds ? { retryAfterMs: Number(seconds) * 1000 } : {}),
  };
}
