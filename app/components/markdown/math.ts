/**
 * Markdown source in which exactly the mathematics stands between dollars, as remark-math reads it.
 *
 * Models also write `\(x\)` and `\[x\]`, which markdown would turn into plain brackets; and they write prices,
 * which remark-math would join ("$5 or $6"). A single dollar opens mathematics only where pandoc says so: no
 * space inside the delimiters and no digit after the closing one. Code is left alone.
 * @returns the source, and whether there is any mathematics in it
 */
export function withDollarMath(markdown: string): { source: string; hasMath: boolean } {
  let hasMath = mathFence.test(markdown);
  if (!/[$\\]/.test(markdown)) return { source: markdown, hasMath };
  const source = markdown.replace(delimiters, (whole, ...rest) => {
    const { inline, display, dollars }: Record<string, string | undefined> = rest.at(-1);
    hasMath ||= (inline ?? display ?? dollars) !== undefined;
    if (inline !== undefined) return `$${inline.trim()}$`;
    if (display !== undefined) return `\n$$\n${display.trim()}\n$$\n`;
    return whole === "$" ? "\\$" : whole;
  });
  return { source, hasMath };
}

/** Code that says it is mathematics is drawn as such. */
const mathFence = /(?:`{3,}|~{3,})[ \t]*math(?!\S)/;

// The bounds keep hostile text (a hundred thousand unclosed delimiters) linear.
const code =
  /^[ \t]*(?<fence>`{3,}|~{3,})[\s\S]*?(?:^[ \t]*\k<fence>|(?![\s\S]))|(?<tick>`+)(?!`)[\s\S]{1,2000}?(?<!`)\k<tick>(?!`)/;
const dollars = /(?<dollars>\$\$[\s\S]{1,8000}?\$\$|\$(?![\s$])[^$\n]{0,2000}?(?<![\s\\])\$(?!\d))|\\[\\$]/;
const brackets = /\\\((?<inline>[\s\S]{1,2000}?)\\\)|\\\[(?<display>[\s\S]{1,8000}?)\\\]/;
const delimiters = new RegExp(`${code.source}|${dollars.source}|${brackets.source}|\\$`, "gm");
