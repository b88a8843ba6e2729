"use client";
import rehypeKatex, { type Options } from "rehype-katex";
import remarkMath from "remark-math";
import { Rendered } from "./rendered";

const katex: Options = { trust: false, strict: "ignore", maxSize: 20, maxExpand: 200 };

/** Markdown whose mathematics, between dollars, is drawn. */
export default function WithMath({ source }: { source: string }) {
  return <Rendered source={source} reading={[remarkMath]} drawing={[[rehypeKatex, katex]]} />;
}
