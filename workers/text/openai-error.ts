import { z } from "zod";
import type { Explained, Meaning } from "./provider";

const meanings: Readonly<Record<string, Meaning>> = {
  invalid_api_key: "key",
  insufficient_quota: "spent",
  billing_not_active: "spent",
  billing_hard_limit_reached: "spent",
  model_not_found: "model",
  DeploymentNotFound: "model",
  content_filter: "filtered",
  content_policy_violation: "filtered",
};

const errorSchema = z.object({
  code: z.union([z.string(), z.number()]).nullish(),
  type: z.string().nullish(),
});
const bodySchema = z.union([z.object({ error: errorSchema }).transform(({ error }) => error), errorSchema]);

/** What errors of OpenAI's way of talking mean, by the code that most who talk so write beside their words. */
export function explainOpenAiError(body: unknown): Explained {
  const { data } = bodySchema.safeParse(body);
  const meaning = meanings[data?.code ?? ""] ?? meanings[data?.type ?? ""];
  return meaning ? { meaning } : {};
}
