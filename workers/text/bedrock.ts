import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { z } from "zod";
import { type Access, keyOf, type Provider } from "./provider";

/** Amazon Bedrock's Converse API with a Bedrock API key. It tells no log-probabilities. */
export function bedrock(access: Access): Provider {
  const { url, model, fetch } = access;
  if (!url)
    throw new Error(
      "Bedrock answers by region: the address is https://bedrock-runtime.REGION.amazonaws.com, such as eu-central-1.",
    );
  const provider = createAmazonBedrock({ baseURL: url, apiKey: keyOf(access, "Bedrock"), fetch });
  return {
    language: provider.languageModel(model),
    embedding: provider.embedding(model),
    // The package names as what answered what was asked for.
    read: () => ({ model: null }),
    explain(body) {
      const said = errorSchema.safeParse(body).data?.message ?? "";
      if (/model identifier|inference profile/i.test(said)) return { meaning: "model" };
      return /per day/i.test(said) ? { meaning: "spent" } : {};
    },
  };
}

const errorSchema = z.object({ message: z.string() });
