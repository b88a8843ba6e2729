import type { EndpointKind } from "@/db/shape/endpoint";

/** What people call the kinds. */
export const kindNames: Readonly<Record<EndpointKind, string>> = {
  "openai-compatible": "OpenAI-compatible",
  anthropic: "Anthropic",
  google: "Google Gemini",
  azure: "Azure OpenAI",
  bedrock: "Amazon Bedrock",
};

/** What the address of each looks like; those that may leave it out have one of their own. */
export const addressOf: Readonly<Record<EndpointKind, { example: string; optional: boolean }>> = {
  "openai-compatible": { example: "https://api.openai.com/v1", optional: false },
  anthropic: { example: "https://api.anthropic.com/v1", optional: true },
  google: { example: "https://generativelanguage.googleapis.com/v1beta", optional: true },
  azure: { example: "https://NAME.openai.azure.com/openai", optional: false },
  bedrock: { example: "https://bedrock-runtime.eu-central-1.amazonaws.com", optional: false },
};
