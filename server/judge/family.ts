/** Makers' names that stand in front of, or between, other words. */
const KNOWN = [
  ...["gpt", "claude", "gemini", "gemma", "llama", "mixtral", "mistral", "qwen", "deepseek", "smollm", "phi"],
  ...["command", "grok", "yi", "falcon", "olmo", "granite", "nova", "vicuna", "alpaca"],
];

/**
 * The word by which a model's kin is known in names: `gpt` of `gpt-4o-mini`, `llama` of `meta/Meta-Llama-3-8B`. A guess
 * that whoever makes a judge can change. Null: there is no word in the name.
 */
export function familyOf(model: string): string | null {
  const name = model.toLowerCase().split("/").at(-1) ?? "";
  const words = name.match(/[a-z]+/g) ?? [];
  const known = KNOWN.find((family) => words.some((word) => word === family || word.startsWith(family)));
  if (known) return known;
  if (/^o\d/.test(name)) return "gpt";
  return words.find((word) => word.length > 2) ?? null;
}
