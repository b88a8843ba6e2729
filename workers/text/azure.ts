import { createAzure } from "@ai-sdk/azure";
import { readOpenAiChunk } from "./openai-chunk";
import { type Access, keyOf, type Provider } from "./provider";

/** Azure OpenAI's chat completions: the model is the name of a deployment. */
export function azure(access: Access): Provider {
  const { url, model, fetch } = access;
  if (!url)
    throw new Error(
      "Azure answers at your resource's address, such as https://NAME.openai.azure.com/openai.",
    );
  const provider = createAzure({ baseURL: url, apiKey: keyOf(access, "Azure"), fetch });
  return {
    language: provider.chat(model),
    embedding: provider.embedding(model),
    options: ({ logprobs }) =>
      logprobs === undefined ? null : { openai: { logprobs }, azure: { logprobs } },
    read: readOpenAiChunk,
  };
}
