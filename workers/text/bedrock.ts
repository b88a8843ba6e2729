import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { type Access, keyOf, type Provider } from "./provider";

/** Amazon Bedrock's Converse API with a Bedrock API key. It tells no log-probabilities. */
export function bedrock(access: Access): Provider {
  const { url, model, fetch } = access;
  const region = /^https:\/\/bedrock-runtime\.([a-z0-9-]+)\./.exec(url ?? "")?.[1];
  if (!url || !region)
    throw new Error(
      "Bedrock answers by region: the address is https://bedrock-runtime.REGION.amazonaws.com, such as eu-central-1.",
    );
  const provider = createAmazonBedrock({
    region,
    baseURL: url,
    apiKey: keyOf(access, "Bedrock"),
    fetch,
  });
  return { language: provider.languageModel(model), embedding: provider.embedding(model) };
}
