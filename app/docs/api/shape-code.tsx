import { Fragment } from "react";
import { REFERENCE } from "./shape";

/** A shape as text in which every name leads to what it stands for. */
export function ShapeCode({ children }: { children: string }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className="scroll-thin max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs"
    >
      {children.split(REFERENCE).map((part, index) =>
        index % 2 === 0 ? (
          <Fragment key={index}>{part}</Fragment>
        ) : (
          <a key={index} href={`#schema-${part}`} className="underline">
            {part}
          </a>
        ),
      )}
    </pre>
  );
}
