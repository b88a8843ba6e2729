/** What changes how a digit is read, and numbers: an escaped character, a quote, a number. */
const tokens = /\\.|"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/**
 * What JSON text says, its integers beyond 2^53 as the text of their digits, as Parquet's are: ids of which two become
 * one number would be one id.
 * @throws SyntaxError as JSON.parse does
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  let quoted = false;
  const exact = text.replace(tokens, (token) => {
    if (token === '"') quoted = !quoted;
    const isLong = !quoted && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token));
    return isLong ? `"${token}"` : token;
  });
  return JSON.parse(exact);
}
