import { storable } from "../../../db/shape/written-json";

/**
 * The JSON that stands in a reply, in a fence or with talk around it; undefined where there is none that is whole. What
 * its texts have as escapes that PostgreSQL cannot hold becomes U+FFFD, as in the reply itself.
 */
export function jsonIn(text: string): unknown {
  const from = text.search(/[[{]/);
  const to = Math.max(text.lastIndexOf("]"), text.lastIndexOf("}"));
  if (from < 0 || to < from) return undefined;
  try {
    return JSON.parse(text.slice(from, to + 1), (_, value: unknown) =>
      typeof value === "string" ? storable(value) : value,
    );
  } catch {
    return undefined;
  }
}
