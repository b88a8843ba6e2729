"use client";
import { type CSSProperties, Fragment, useEffect, useState } from "react";
import { type CodeToken, grammarOf, highlight } from "./highlight";

/** Colouring longer code would hold up reading. */
const LONGEST = 30_000;

/** Code as it was written; colours follow when its grammar is there. */
export function CodeBlock({ code, info }: { code: string; info: string }) {
  const [lines, setLines] = useState<CodeToken[][] | null>(null);
  useEffect(() => {
    const grammar = grammarOf(info);
    if (!grammar || code.length > LONGEST) return;
    let wanted = true;
    highlight(code, grammar)
      .then((result) => wanted && setLines(result))
      // The text itself is already on screen; a grammar that does not load costs only its colours.
      .catch((error: unknown) => console.warn("No colours for this code block:", error));
    return () => {
      wanted = false;
    };
  }, [code, info]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre tabIndex={0}>
      <code>
        {lines
          ? lines.map((line, row) => (
              <Fragment key={row}>
                {row > 0 && "\n"}
                {line.map((token, column) => (
                  <span key={column} className="shiki-token" style={colours(token)}>
                    {token.text}
                  </span>
                ))}
              </Fragment>
            ))
          : code}
      </code>
    </pre>
  );
}

const colours = (token: CodeToken): CSSProperties & Record<`--${string}`, string | undefined> => ({
  "--token-light": token.light,
  "--token-dark": token.dark,
});
