/** A request as somebody filled it in. */
export interface Ask {
  method: string;
  /** With the site's address. */
  url: string;
  headers: Record<string, string>;
  /** Text of JSON, or that a file is sent. */
  body?: { json: string } | { file: string };
}

export const snippetLanguages = ["curl", "Python", "TypeScript"] as const;
export type SnippetLanguage = (typeof snippetLanguages)[number];

/** A program that sends a request, with the token from the environment. */
export const snippet: Record<SnippetLanguage, (ask: Ask) => string> = {
  curl({ method, url, headers, body }) {
    const parts = [
      `curl ${method === "GET" ? "" : `-X ${method} `}${shell(url)}`,
      `-H "Authorization: Bearer $CONCORD_TOKEN"`,
      ...Object.entries(headers).map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`),
      ...(body === undefined
        ? []
        : [`--data-binary ${"json" in body ? shell(body.json) : shell(`@${body.file}`)}`]),
    ];
    return parts.join(" \\\n  ");
  },
  Python({ method, url, headers, body }) {
    const lines = [
      "import os",
      "import urllib.request",
      "",
      "request = urllib.request.Request(",
      `    ${text(url)},`,
      `    method=${text(method)},`,
      `    headers={"Authorization": "Bearer " + os.environ["CONCORD_TOKEN"]${Object.entries(headers)
        .map(([name, value]) => `, ${text(name)}: ${text(value)}`)
        .join("")}},`,
      ...(body === undefined
        ? []
        : [
            `    data=${"json" in body ? `${text(body.json)}.encode()` : `open(${text(body.file)}, "rb").read()`},`,
          ]),
      ")",
      "with urllib.request.urlopen(request) as answer:",
      "    print(answer.status, answer.read().decode())",
    ];
    return lines.join("\n");
  },
  TypeScript({ method, url, headers, body }) {
    const lines = [
      ...(body && "file" in body ? ['import { openAsBlob } from "node:fs";', ""] : []),
      `const answer = await fetch(${text(url)}, {`,
      `  method: ${text(method)},`,
      "  headers: {",
      '    authorization: "Bearer " + process.env.CONCORD_TOKEN,',
      ...Object.entries(headers).map(([name, value]) => `    ${text(name)}: ${text(value)},`),
      "  },",
      ...(body === undefined
        ? []
        : [`  body: ${"json" in body ? text(body.json) : `await openAsBlob(${text(body.file)})`},`]),
      "});",
      "console.log(answer.status, await answer.text());",
    ];
    return lines.join("\n");
  },
};

/** Quoted for a shell: nothing in it means anything. */
const shell = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;

/** A literal of Python and of JavaScript alike. */
const text = (value: string) => JSON.stringify(value);
