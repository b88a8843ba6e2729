"use client";
import type { Element, Nodes } from "hast";
import { type ComponentProps, memo, useId, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeKatex from "rehype-katex";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { cn } from "../ui/cn";
import { CodeBlock } from "./code-block";
import { withDollarMath } from "./math";

/** Above these, parsing takes longer than a reader waits, and what is so long is hardly written as markdown. */
const LONGEST_TEXT = 100_000;
const LONGEST_LINE = 20_000;

/**
 * Text of people and models, rendered as hostile input: HTML in it is shown as text, scripts, handlers and
 * unsafe links are dropped, images become links because loading one would tell its server who reads.
 */
export const Markdown = memo(function Markdown({
  text,
  raw = false,
  lang,
  className,
}: {
  text: string;
  /** Show the source as it is. */
  raw?: boolean;
  /** BCP 47, for hyphenation, fonts and screen readers. */
  lang?: string | null;
  className?: string;
}) {
  const source = useMemo(() => withDollarMath(text), [text]);
  const footnotes = useId();
  const language = lang ?? undefined;
  if (raw || isTooLong(text))
    return (
      <div dir="auto" lang={language} className={cn("prose-raw", className)}>
        {text}
      </div>
    );
  return (
    <div dir="auto" lang={language} className={cn("prose", className)}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm, remarkMath]}
        // Two responses on one page may both have a footnote 1.
        remarkRehypeOptions={{ clobberPrefix: `${footnotes}-` }}
        rehypePlugins={[
          [rehypeSanitize, schema],
          [rehypeKatex, { trust: false, strict: "ignore", maxSize: 20, maxExpand: 200 }],
        ]}
        components={components}
      >
        {source}
      </ReactMarkdown>
    </div>
  );
});

const isTooLong = (text: string) =>
  text.length > LONGEST_TEXT || text.split("\n").some((line) => line.length > LONGEST_LINE);

const schema = {
  ...defaultSchema,
  attributes: {
    ...defaultSchema.attributes,
    code: [["className", /^language-./, "math-inline", "math-display"] as [string, RegExp, string, string]],
  },
};

const components: Components = {
  a: ({ node, href, children, ...rest }) => (
    <Link href={href} {...rest}>
      {children}
    </Link>
  ),
  img: ({ src, alt }) => (
    <Link href={typeof src === "string" ? src : undefined}>[image{alt ? `: ${alt}` : ""}]</Link>
  ),
  // The only input that survives is the box of a task list; it has a state and nothing to press.
  input: ({ checked }) => (
    <span role="img" aria-label={checked ? "done" : "to do"} className="pe-1.5">
      {checked ? "☑" : "☐"}
    </span>
  ),
  pre: ({ node }) => {
    const code = node?.children.find((child): child is Element => child.type === "element");
    const names = code?.properties.className;
    const info = Array.isArray(names) ? String(names[0] ?? "") : "";
    return <CodeBlock code={textOf(node).replace(/\n$/, "")} info={info.replace(/^language-/, "")} />;
  },
  table: ({ node, ...rest }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="table-scroll" tabIndex={0} aria-label="Table">
      <table {...rest} />
    </section>
  ),
};

/** Footnotes stay on the page; everything else opens elsewhere and learns nothing about this place. */
function Link({ href, children, ...rest }: ComponentProps<"a">) {
  if (!href) return <span>{children}</span>;
  if (href.startsWith("#"))
    return (
      <a href={href} {...rest}>
        {children}
      </a>
    );
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function textOf(node: Nodes | undefined): string {
  if (!node) return "";
  if (node.type === "text") return node.value;
  return "children" in node ? node.children.map(textOf).join("") : "";
}
