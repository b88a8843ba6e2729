import type { When } from "../schema";

const comparison = /^(<=|>=|<|>|=)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

/**
 * Whether a cell's text is one of what a mapping names: the value itself, a comparison of numbers, or what another
 * column says.
 * @param fill a text with `{{column}}` as this row has it
 */
export function fits(when: When, value: string, fill: (template: string) => string): boolean {
  return (Array.isArray(when) ? when : [when]).some((said) => {
    if (typeof said === "number") return isNumber(value) && Number(value) === said;
    const text = String(said);
    if (text === value) return true;
    const compared = comparison.exec(text.trim());
    if (compared) return isNumber(value) && compares(Number(value), compared[1], Number(compared[2]));
    return text.includes("{{") && fill(text) === value;
  });
}

function compares(value: number, operator: string, limit: number): boolean {
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    default:
      return value === limit;
  }
}

/** Whether a cell spells a number. */
export const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** The values that a mapping names, for a message. */
export const wordsOf = (...whens: readonly (When | undefined)[]): string =>
  whens
    .flat()
    .filter((said) => said !== undefined)
    .map((said) => `"${said}"`)
    .join(", ");
