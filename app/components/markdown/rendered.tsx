"use client";
import type { Element, Nodes } from "hast";
import { type ComponentProps, useId } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { CodeBlock } from "./code-block";

type Plugins = NonNullable<Options["remarkPlugins"]>;
const none: Plugins = [];

/** Markdown as React elements, without anything in it that acts or loads. */
export function Rendered({
  source,
  reading = none,
  drawing = none,
}: {
  source: string;
  /** Plugins that read more than GitHub's markdown. */
  reading?: Plugins;
  /** Plugins that draw it, from what has been made harmless. */
  drawing?: Plugins;
}) {
  const footnotes = useId();
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm, ...reading]}
      // Two responses on one page may both have a footnote 1.
      remarkRehypeOptions={{ clobberPrefix: `${footnotes}-` }}
      rehypePlugins={[[rehypeSanitize, schema], ...drawing]}
      components={components}
    >
      {source}
    </ReactMarkdown>
  );
}

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
