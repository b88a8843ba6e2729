import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import compile from "icu-minify/compile";
import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { compiledWords, pickedWords, tongues } from "@/app/i18n/catalogue";
import { languageFrom, spoken } from "@/app/i18n/languages";
import { sayer } from "@/app/i18n/sayer";
import { words as english } from "@/app/messages/en";
import { sentences } from "@/app/messages/said";
import { languages } from "@/db/shape/language";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const others = languages.filter((language) => language !== "en");

/** Every message by its path. */
function flat(messages: object, above = ""): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]): [string, string][] =>
      typeof value === "string" ? [[`${above}${key}`, value]] : [...flat(value, `${above}${key}.`)],
    ),
  );
}
const source = flat(english);
const own = (language: (typeof others)[number]) => flat(tongues[language].words);

/** What a message is given, and by which words its plurals and choices are chosen. */
function needs(message: string) {
  const names = new Set<string>();
  const plurals = new Set<string>();
  const choices = new Set<string>();
  const look = (node: unknown): void => {
    if (!Array.isArray(node)) return;
    const [name, kind, options] = node;
    if (typeof name === "string" && (typeof kind !== "number" || kind === 0)) {
      names.add(node.length > 1 ? `<${name}>` : name);
      for (const child of node.slice(1)) if (typeof child !== "string") look(child);
      return;
    }
    if (typeof name === "string") {
      names.add(name);
      if (typeof options !== "object" || options === null) return;
      for (const [option, chosen] of Object.entries(options)) {
        (kind === 1 ? choices : plurals).add(kind === 1 ? `${name}: ${option}` : option);
        lookAll(chosen);
      }
    }
  };
  const lookAll = (nodes: unknown) => {
    if (Array.isArray(nodes)) for (const node of nodes) look(node);
  };
  lookAll(compile(message));
  return { given: [...names, ...choices].toSorted(), plurals };
}

describe("the languages", () => {
  it.each(others)("%s says every message, with what it is given", (language) => {
    const translated = own(language);
    expect([...translated.keys()].toSorted()).toEqual([...source.keys()].toSorted());
    for (const [key, message] of translated) {
      const { given, plurals } = needs(message);
      expect({ key, given }).toEqual({ key, given: needs(source.get(key) ?? "").given });
      // A word for a number that the language does not tell apart would never be said.
      const known = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      const unsaid = [...plurals].filter(
        (word) => !word.startsWith("=") && !known.some((one) => one === word),
      );
      expect({ key, unsaid }).toEqual({ key, unsaid: [] });
    }
  });

  /** What is no word of a language at all, and the words that a language shares with English. */
  const wordless = [
    "keys.caps",
    "shell.palette.keys",
    "me.seconds",
    "projects.progress",
    "question.locale",
    "ui.duration",
  ];
  const shared: Partial<Record<string, readonly string[]>> = {
    de: ["Prompt", "Prompts", "Administration", "Code", "Name", "Browser", "Original"],
    fr: [
      ...["Notification", "Menu", "Prompt", "Prompts", "Conclusions", "Administration", "E-mail", "Code"],
      ...["Sessions", "Actions", "Action", "Instructions", "Assistant", "Original"],
    ],
    es: ["Prompt", "Prompts", "Original"],
  };

  it.each(others)("%s leaves nothing in English but what is the same there", (language) => {
    const words = (message: string) => message.replaceAll(/\{[^{}]*\}|<[^<>]*>/g, "");
    const left = [...own(language)].filter(
      ([key, message]) =>
        message === source.get(key) &&
        /[a-z]{2}/i.test(words(message)) &&
        !wordless.some((one) => key.startsWith(one)) &&
        !shared[language]?.includes(message),
    );
    expect(left).toEqual([]);
  });

  it.each(others)("%s says what the server says, with the same names", (language) => {
    const said = tongues[language].said;
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted();
    for (const english of sentences) {
      expect(said[english]).not.toBe(english);
      expect({ english, names: names(said[english]) }).toEqual({ english, names: names(english) });
    }
  });
});

/** A tree as the parser makes it. */
type Node = { type: string } & Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
const childrenOf = (node: Node): Node[] =>
  Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
function treeOf(path: string): Node {
  const tree: unknown = parseAst(read(path), { lang: path.endsWith("x") ? "tsx" : "ts" });
  if (!isNode(tree)) throw new Error(`${path} has no tree.`);
  return tree;
}
const nameOf = (node: unknown): string => (isNode(node) && typeof node.name === "string" ? node.name : "");

/** A string as it stands, `{}` for what is put into it; null where it is no string. */
function textOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : null;
  if (node.type === "TemplateLiteral" && Array.isArray(node.quasis))
    return node.quasis.map((part: { value: { cooked: string } }) => part.value.cooked).join("{}");
  if (node.type !== "BinaryExpression") return null;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === null || right === null ? null : left + right;
}

const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path));

describe("what whoever judges sees", () => {
  /** For managers, within files that raters' pages share with theirs. */
  const managers = new Set(["Settings", "NewProject"]);
  /** For those who write programs, and for those who manage. */
  const beyond = ["account/tokens.tsx", "account/provider-tokens.tsx", "ui/pick-several.tsx"];
  const files = [
    ...[
      "app/(auth)",
      "app/(person)/account",
      "app/away",
      "app/projects/[projectId]/desk",
      "app/projects/[projectId]/me",
    ],
    ...["app/components/desk", "app/components/outbox", "app/components/question", "app/components/ui"],
  ]
    .flatMap(filesIn)
    .concat(
      ["palette", "person-menu", "project-switcher", "rail", "shell"].map(
        (name) => `app/components/shell/${name}.tsx`,
      ),
      [
        "app/error.tsx",
        "app/not-found.tsx",
        "app/projects/page.tsx",
        "app/projects/projects.tsx",
        "app/(person)/layout.tsx",
      ],
    )
    .filter((path) => path.endsWith(".tsx") && !beyond.some((name) => path.endsWith(name)));

  const spoken = new Set([
    ...["title", "aria-label", "placeholder", "alt", "label", "help", "description", "submit", "note"],
  ]);
  /** The name of the house, keys as they are printed, what is a name itself, and Markdown's. */
  const names = /^(Concord|HTTP API|Esc|[A-Z]|⏎)$/;

  function literals(path: string): string[] {
    const found: string[] = [];
    const tell = (text: string | null) => {
      const words = text?.replaceAll("{}", "").trim() ?? "";
      if (/\p{L}{2}/u.test(words) && !names.test(words)) found.push(`${path}: ${words}`);
    };
    /** What an expression may come to. */
    const said = (node: unknown): void => {
      if (!isNode(node)) return;
      if (node.type === "ConditionalExpression")
        for (const one of [node.consequent, node.alternate]) said(one);
      if (node.type === "LogicalExpression") for (const one of [node.left, node.right]) said(one);
      if (node.type === "JSXExpressionContainer") said(node.expression);
      tell(textOf(node));
    };
    const walk = (node: Node): void => {
      if (/^(Function|Variable)/.test(node.type) && managers.has(nameOf(node.id))) return;
      if (node.type === "JSXText") tell(typeof node.value === "string" ? node.value : null);
      if (node.type === "JSXAttribute" && spoken.has(nameOf(node.name))) said(node.value);
      if ((node.type === "JSXElement" || node.type === "JSXFragment") && Array.isArray(node.children))
        for (const child of node.children)
          if (isNode(child) && child.type === "JSXExpressionContainer") said(child);
      if (node.type === "CallExpression" && nameOf(node.callee) === "toast" && Array.isArray(node.arguments))
        for (const property of childrenOf(node.arguments[0])) said(property.value);
      for (const child of childrenOf(node)) walk(child);
    };
    walk(treeOf(path));
    return found;
  }

  it("stands in the messages, not in the pages", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(files.flatMap(literals)).toEqual([]);
  });

  it("is found where it stands", () => {
    expect(literals("app/(person)/account/tokens.tsx").length).toBeGreaterThan(5);
  });

  it("reaches the page that says it", () => {
    const sources = filesIn("app");
    const importsOf = (path: string): string[] =>
      [...read(path).matchAll(/^import (?!type)[^;]*?from "([^"]+)";$/gms)].flatMap(([, target = ""]) => {
        if (!/^(\.|@\/)/.test(target)) return [];
        const base = target.startsWith("@/")
          ? target.slice(2)
          : relative(root, resolve(root, dirname(path), target));
        return [`${base}.ts`, `${base}.tsx`, `${base}/index.ts`].filter((file) => sources.includes(file));
      });
    const reached = (path: string, seen = new Set<string>()): Set<string> => {
      for (const next of importsOf(path)) if (!seen.has(next)) reached(next, seen.add(next));
      return seen;
    };
    const given = (path: string) =>
      [...read(path).matchAll(/<Say words=\{\[([^\]]*)\]\}/g)].flatMap(
        ([, list = ""]) => list.match(/\w+/g) ?? [],
      );
    const missing = sources
      .filter((path) => path.endsWith("/page.tsx"))
      .flatMap((page) => {
        const above = sources.filter(
          (path) => path.endsWith("layout.tsx") && page.startsWith(`${dirname(path)}/`),
        );
        const has = new Set([page, ...above].flatMap(given));
        const says = [...reached(page)].flatMap((path) =>
          [...read(path).matchAll(/useTranslations\("(\w+)/g)].map(([, namespace = ""]) => ({
            path,
            namespace,
          })),
        );
        return says
          .filter(({ namespace }) => !has.has(namespace))
          .map(({ path, namespace }) => `${page} is not given “${namespace}”, which ${path} says`);
      });
    expect([...new Set(missing)]).toEqual([]);
  });
});

describe("what the server says in English", () => {
  const folders = [
    "server/seat",
    "server/judgement",
    "server/blindness",
    "server/form/kind",
    "server/people",
  ];
  /** Only a program or a manager hears these. */
  const unheard = [
    "choose for {} of {}.",
    "an option is chosen twice.",
    '"{}" is not an option.',
    "give {} texts, null where a response is left as it is.",
    "level must be 1 to {}.",
    "strength {} is nearest to level {}, not {}.",
    "{} needs {} values.",
    '"{}" is not an attribute.',
    "only a demonstration has turns.",
    '"{}" is not one of the reasons.',
    "One of these raters has judged one of these tasks already. Nothing was stored.",
    "{} is disabled. Enable them first.",
    '"{}" is not a time zone.',
    "inView.responses has {} entries, and {} responses were shown. Send one of each, in shown order.",
    "You cannot disable yourself.",
    "Ask another admin to change your own role.",
  ];
  const known = new Set(sentences.map((sentence) => sentence.replaceAll(/\{\w+\}/g, "{}")));

  const told = folders.flatMap(filesIn).flatMap((path) => {
    const found: { path: string; text: string }[] = [];
    const walk = (node: Node, isProblem: boolean): void => {
      const isCall = node.type === "CallExpression" && /^(conflict|invalid)$/.test(nameOf(node.callee));
      const text =
        isCall && Array.isArray(node.arguments) ? textOf(node.arguments[0]) : isProblem ? textOf(node) : null;
      if (text && /\p{L} .*\.$/su.test(text)) found.push({ path, text });
      const inside = isProblem || (node.type === "Property" && nameOf(node.key) === "problem");
      for (const child of childrenOf(node)) walk(child, inside);
    };
    walk(treeOf(path), false);
    return found;
  });

  it("is known in every language", () => {
    expect(told.length).toBeGreaterThan(30);
    expect(told.filter(({ text }) => !known.has(text) && !unheard.includes(text))).toEqual([]);
  });

  it("is still said", () => {
    const code = ["server", "db/shape", "app/components/desk", "app/components/question"]
      .flatMap(filesIn)
      .map(read)
      .join("\n")
      .replaceAll(/["`]\s*\+\s*["`]/g, "");
    const unsaid = sentences.filter((sentence) => {
      const what = /^(.*) was not found\.$/.exec(sentence)?.[1];
      if (what) return !code.includes(`notFound("${what}")`);
      const parts = sentence.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return !new RegExp(parts.join("\\$\\{[^}]*\\}+")).test(code);
    });
    expect(unsaid).toEqual([]);
  });

  it("is said in another language with what it names; what is not known stays", () => {
    const say = sayer([
      ["You no longer hold this task.", "Nicht mehr Ihre."],
      ["rate {attribute} for every response.", "Überall {attribute} bewerten."],
      ["{attribute} must be a whole number from {min} to {max}.", "{attribute}: von {min} bis {max}."],
    ]);
    expect(say("You no longer hold this task.")).toBe("Nicht mehr Ihre.");
    expect(say("rate Is it (fair)? for every response.")).toBe("Überall Is it (fair)? bewerten.");
    expect(say("Tone must be a whole number from 1 to 5.")).toBe("Tone: von 1 bis 5.");
    expect(say("Nobody knows this.")).toBe("Nobody knows this.");
  });
});

describe("the language of a page", () => {
  it("is the person's, else the browser's choice, else what it asks for first and the site speaks", () => {
    expect(languageFrom({ person: "hi", cookie: "de", accepted: "fr" })).toBe("hi");
    expect(languageFrom({ person: null, cookie: "de", accepted: "fr" })).toBe("de");
    expect(languageFrom({ cookie: "xx", accepted: "pt, fr-CA;q=0.8, de;q=0.9" })).toBe("de");
    expect(languageFrom({ accepted: "zh-Hant-TW" })).toBe("zh");
    expect(languageFrom({ accepted: "ar;q=0, pt" })).toBe("en");
    expect(languageFrom({ accepted: null })).toBe("en");
  });

  it("comes with its own words alone, as plain data that a page can be sent", () => {
    const sent = pickedWords("ar", ["question"]);
    expect(Object.keys(sent)).toEqual(["question"]);
    expect(structuredClone(sent)).toEqual(sent);
    const plain = (value: unknown): boolean =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? !Array.isArray(value) || value.every(plain)
        : Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(plain);
    expect(plain(compiledWords("ar"))).toBe(true);
    expect(new Intl.NumberFormat(spoken.ar.locale).format(12)).toBe("12");
  });
});
