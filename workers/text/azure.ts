import { createAzure } from "@ai-sdk/azure";
import { readOpenAiChunk } from "./openai-chunk";
import { explainOpenAiError } from "./openai-error";
import { type Access, keyOf, type Provider } from "./provider";

/** Azure OpenAI's chat completions: the model is the name of a deployment. */
export function azure(access: Access): Provider {
  const { url, model, fetch } = access;
  if (!url)
    throw new Error(
      "Azure answers at your resource's address, such as https://NAME.openai.azure.com/openai.",
    );
  const { origin, pathname } = new URL(url);
  const provider = createAzure({
    // The portal shows the resource's address without the path.
    baseURL: pathname === "/" ? `${origin}/openai` : url,
    apiKey: keyOf(access, "Azure"),
    fetch: (input, init) => fetch(input, { ...init, body: withNewerName(init?.body) }),
  });
  return {
    language: provider.chat(model),
    embedding: provider.embedding(model),
    options: ({ logprobs }) =>
      logprobs === undefined ? null : { openai: { logprobs }, azure: { logprobs } },
    read: readOpenAiChunk,
    explain: explainOpenAiError,
  };
}

/**
 * The package knows by OpenAI's model names which of them refuse `max_tokens`; a deployment is called as people like.
 * All of them take the newer name.
 */
function withNewerName(body: BodyInit | null | undefined): BodyInit | null | undefined {
  if (typeof body !== "string") return body;
  const { max_tokens, ...rest }: Record<string, unknown> = JSON.parse(body);
  return max_tokens === undefined ? body : JSON.stringify({ ...rest, max_completion_tokens: max_tokens });
}
