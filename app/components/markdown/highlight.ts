import type { HighlighterCore } from "shiki/core";

/** Grammars that models write most; each is its own chunk and loaded when a response uses it. */
const grammars = {
  bash: () => import("shiki/dist/langs/bash.mjs"),
  c: () => import("shiki/dist/langs/c.mjs"),
  cpp: () => import("shiki/dist/langs/cpp.mjs"),
  csharp: () => import("shiki/dist/langs/csharp.mjs"),
  css: () => import("shiki/dist/langs/css.mjs"),
  diff: () => import("shiki/dist/langs/diff.mjs"),
  go: () => import("shiki/dist/langs/go.mjs"),
  haskell: () => import("shiki/dist/langs/haskell.mjs"),
  html: () => import("shiki/dist/langs/html.mjs"),
  java: () => import("shiki/dist/langs/java.mjs"),
  javascript: () => import("shiki/dist/langs/javascript.mjs"),
  json: () => import("shiki/dist/langs/json.mjs"),
  julia: () => import("shiki/dist/langs/julia.mjs"),
  kotlin: () => import("shiki/dist/langs/kotlin.mjs"),
  latex: () => import("shiki/dist/langs/latex.mjs"),
  php: () => import("shiki/dist/langs/php.mjs"),
  python: () => import("shiki/dist/langs/python.mjs"),
  r: () => import("shiki/dist/langs/r.mjs"),
  ruby: () => import("shiki/dist/langs/ruby.mjs"),
  rust: () => import("shiki/dist/langs/rust.mjs"),
  sql: () => import("shiki/dist/langs/sql.mjs"),
  swift: () => import("shiki/dist/langs/swift.mjs"),
  tsx: () => import("shiki/dist/langs/tsx.mjs"),
  typescript: () => import("shiki/dist/langs/typescript.mjs"),
  xml: () => import("shiki/dist/langs/xml.mjs"),
  yaml: () => import("shiki/dist/langs/yaml.mjs"),
};

type Grammar = keyof typeof grammars;

const aliases: Record<string, Grammar | undefined> = {
  "c++": "cpp",
  cs: "csharp",
  js: "javascript",
  jsx: "tsx",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  tex: "latex",
  ts: "typescript",
  yml: "yaml",
  zsh: "bash",
};

/** The grammar of a fence's info string, or null where there is none. */
export function grammarOf(info: string): Grammar | null {
  const name = info.toLowerCase();
  return isGrammar(name) ? name : (aliases[name] ?? null);
}

const isGrammar = (name: string): name is Grammar => Object.hasOwn(grammars, name);

let highlighter: Promise<HighlighterCore> | undefined;

/** Shiki with its JavaScript engine: the WebAssembly one would need a weaker content security policy. */
async function load(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, light, dark] = await Promise.all([
    import("shiki/core"),
    import("shiki/engine/javascript"),
    import("shiki/dist/themes/github-light-high-contrast.mjs"),
    import("shiki/dist/themes/github-dark-high-contrast.mjs"),
  ]);
  return createHighlighterCore({
    themes: [light.default, dark.default],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}

export interface CodeToken {
  text: string;
  light: string | undefined;
  dark: string | undefined;
}

/** The tokens of each line, with their colour in both themes. */
export async function highlight(code: string, grammar: Grammar): Promise<CodeToken[][]> {
  highlighter ??= load();
  const [shiki, definition] = await Promise.all([highlighter, grammars[grammar]()]);
  await shiki.loadLanguage(definition.default);
  const lines = shiki.codeToTokensWithThemes(code, {
    lang: grammar,
    themes: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  });
  return lines.map((line) =>
    line.map((token) => ({
      text: token.content,
      light: token.variants.light?.color,
      dark: token.variants.dark?.color,
    })),
  );
}
