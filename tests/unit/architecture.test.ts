import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const folders = ["app", "server", "db", "workers"] as const;

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("torch"))
    .map((path) => join(folder, path)),
);

/** Every import of a file of ours, by path from the root. */
const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(join(root, from), "utf8");
  const found = [
    ...text.matchAll(
      /^\s*(import|export)\b([^'"]*?)\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gms,
    ),
  ];
  return found.flatMap(([, , clause = "", target, dynamic]) => {
    const specifier = target ?? dynamic ?? "";
    if (!/^(\.|@\/)/.test(specifier)) return [];
    const to = specifier.startsWith("@/")
      ? specifier.slice(2)
      : relative(root, resolve(root, dirname(from), specifier));
    return [{ from, to, typeOnly: /^\s*type\b/.test(clause) }];
  });
});

const offending = (rule: (edge: Import) => boolean) =>
  imports.filter(rule).map(({ from, to }) => `${from} → ${to}`);
const top = (path: string) => path.split("/")[0];

describe("imports point one way", () => {
  it("sees the code", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(100);
  });

  it("app → server → db: nothing below imports app or workers", () => {
    expect(
      offending(
        ({ from, to }) => ["server", "db"].includes(top(from)) && ["app", "workers"].includes(top(to)),
      ),
    ).toEqual([]);
    expect(offending(({ from, to }) => top(from) === "workers" && top(to) === "app")).toEqual([]);
    expect(offending(({ from, to }) => top(from) === "app" && top(to) === "workers")).toEqual([]);
  });

  it("db imports nothing of server, not even types", () => {
    expect(offending(({ from, to }) => top(from) === "db" && top(to) === "server")).toEqual([]);
  });

  it("the training engine knows no database, no server and no environment", () => {
    const engine = (path: string) => path.startsWith("workers/engine/");
    // But for how JSON is written, which all of them read and write alike.
    const shared = "db/shape/written-json";
    expect(offending(({ from, to }) => engine(from) && !engine(to) && to !== shared)).toEqual([]);
    expect(imports.filter(({ from }) => from === `${shared}.ts`)).toEqual([]);
    const readsEnvironment = sources.filter(
      (path) => engine(path) && /process\.env/.test(readFileSync(join(root, path), "utf8")),
    );
    expect(readsEnvironment).toEqual([]);
  });

  it("browser code imports of server only schemas, words, the form's rules, pure statistics, and types", () => {
    const isBrowser = (path: string) => /^["']use client["']/.test(readFileSync(join(root, path), "utf8"));
    const browser = new Set(sources.filter((path) => top(path) === "app" && isBrowser(path)));
    expect(
      offending(
        ({ from, to, typeOnly }) =>
          browser.has(from) &&
          ["server", "db"].includes(top(to)) &&
          !typeOnly &&
          !/^(server\/(\w+\/(schema|words)|form\/.+|statistics\/\w+)|db\/shape\/[\w-]+)$/.test(to),
      ),
    ).toEqual([]);
  });

  it("no folder of server imports itself by way of others, types included", () => {
    const folderOf = (path: string) => /^server\/([^/]+)\//.exec(path)?.[1];
    let edges = imports.flatMap(({ from, to }) => {
      const [a, b] = [folderOf(from), folderOf(to)];
      return a && b && a !== b ? [`${a} → ${b}`] : [];
    });
    // What nobody imports, or what imports nobody, is in no ring; when it is taken away, a ring is what stays.
    for (let before = -1; before !== edges.length; ) {
      before = edges.length;
      const [froms, tos] = [0, 1].map((end) => new Set(edges.map((edge) => edge.split(" → ")[end])));
      edges = edges.filter((edge) => {
        const [a, b] = edge.split(" → ");
        return froms.has(b) && tos.has(a);
      });
    }
    expect([...new Set(edges)]).toEqual([]);
  });

  it("no file imports itself by way of others, types included", () => {
    const known = new Set(sources);
    const targets = new Map<string, string[]>(sources.map((path) => [path, []]));
    for (const { from, to } of imports) {
      const file = [`${to}.ts`, `${to}.tsx`, `${to}/index.ts`].find((path) => known.has(path));
      if (file) targets.get(from)?.push(file);
    }
    const finished = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, above: readonly string[]): void => {
      const start = above.indexOf(path);
      if (start >= 0) circles.push([...above.slice(start), path].join(" → "));
      if (start >= 0 || finished.has(path)) return;
      for (const next of targets.get(path) ?? []) visit(next, [...above, path]);
      finished.add(path);
    };
    for (const path of sources) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("a jsonb column holds an object or a list: the driver reads one that holds a text as what the text spells", () => {
    const columns = sources
      .filter((path) => /^db\/(schema|view)\//.test(path))
      .flatMap((path) =>
        [
          ...readFileSync(join(root, path), "utf8").matchAll(/(\w+): jsonb\(\)(?:\.\$type<([^;]*?)>\(\))?/g),
        ].map(([, name, type = "unknown"]) => `${name}: ${type}`),
      );
    expect(columns.length).toBeGreaterThan(10);
    expect(columns.filter((column) => /: (?:unknown|string|number|boolean|null)\b/.test(column))).toEqual([]);
  });

  it("the training engine writes through its own files, which explain a full disk", () => {
    const writes = /\b(writeFileSync|appendFileSync|copyFileSync|mkdirSync|createWriteStream)\b/;
    const writers = sources.filter(
      (path) => path.startsWith("workers/engine/") && writes.test(readFileSync(join(root, path), "utf8")),
    );
    expect(writers).toEqual(["workers/engine/file/files.ts"]);
  });

  it("processes are started in one place, which gives them a clean environment, but for those named here", () => {
    const starters = sources.filter((path) =>
      /["'](node:)?child_process["']/.test(
        readFileSync(join(root, path), "utf8").replaceAll(/^import type .*$/gm, ""),
      ),
    );
    expect(starters.sort()).toEqual([
      // PostgreSQL's own programs, with four variables: db imports nothing of server.
      "db/embedded/place.ts",
      "db/embedded/server.ts",
      "server/child.ts",
      // Commands of whoever types them, on what came with the checkout.
      "workers/build.ts",
      "workers/cli/commands.ts",
      // The site and the worker themselves: they hold the secrets.
      "workers/supervise.ts",
      // The whole product on a database of its own.
      "workers/tour/product.ts",
    ]);
  });

  it("only the session imports onnxruntime-node, and only in the engine", () => {
    const users = sources.filter((path) =>
      /from ["']onnxruntime-node["']/.test(readFileSync(join(root, path), "utf8")),
    );
    expect(users).toEqual(["workers/engine/graph/session.ts"]);
  });

  it("signals are joined in one place, which keeps what tells them", () => {
    const users = sources.filter((path) => /AbortSignal\.any\(/.test(readFileSync(join(root, path), "utf8")));
    expect(users).toEqual(["server/signal.ts"]);
  });
});

describe("what counts as a vote", () => {
  const saying = (words: RegExp) =>
    sources
      .filter(
        (path) =>
          !/^(app|workers\/engine)\//.test(path) && words.test(readFileSync(join(root, path), "utf8")),
      )
      .sort();

  it("is decided by the views in db/view: nobody else asks for exclusion or consent", () => {
    expect(saying(/excluded_at|excludedAt|consent_withdrawn_at|consentWithdrawnAt/)).toEqual([
      "db/schema/annotation.ts",
      "db/schema/people.ts",
      "db/view/attack.ts",
      "db/view/practice.ts",
      "db/view/vote.ts",
      // The query that the report shows.
      "server/figure/conclusion.ts",
      // A corrected import leaves what was excluded as it is.
      "server/import/corrections.ts",
      // A new judgement is added to its pairs.
      "server/judgement/pairs.ts",
      // A revision takes its judgement's exclusion over.
      "server/judgement/revise.ts",
      // Undo gives it back.
      "server/judgement/undo.ts",
      // Consent is written, and lineage shows who withdrew it since.
      "server/model/model.ts",
      "server/rater/schema.ts",
      // Exclusion is written.
      "server/review/curate.ts",
      // The table shows what was excluded, and why.
      "server/review/preferences.ts",
      "server/review/schema.ts",
      // Whoever withdrew it gets no seat.
      "server/seat/lock.ts",
      // Nor do others wait for them.
      "server/seat/norming.ts",
    ]);
  });

  it("is read from `vote` and `admitted`: preferences themselves only for the table that shows all of them", () => {
    expect(saying(/(?<!delete )(from|join) (\$\{)?preference\b|(from|[jJ]oin)\(preference\b/)).toEqual([
      "db/view/vote.ts",
      // Joined to `admitted`.
      "server/dataset/source.ts",
      // The queries that pages show.
      "server/figure/review.ts",
      // The pairs that a judgement is about.
      "server/judgement/pairs.ts",
      // Adjudications, joined to `admitted`.
      "server/quality/inputs.ts",
      "server/review/preferences.ts",
    ]);
  });

  it("is written in one place and retired in one", () => {
    const facts = "(annotation|preference|markFact)";
    expect(saying(new RegExp(`insert into \\$\\{${facts}\\}|\\.insert\\(${facts}\\)`))).toEqual([
      "server/judgement/store.ts",
    ]);
    expect(
      saying(
        new RegExp(`delete from \\$\\{${facts}\\}|\\.delete\\(${facts}\\)|current: false|set current =`),
      ),
    ).toEqual(["server/judgement/retire.ts"]);
    expect(saying(/(insert into|update) \$\{pair\}|\.(insert|update)\(pair\)/)).toEqual([
      "server/judgement/pairs.ts",
      "server/judgement/store.ts",
    ]);
  });

  it("is no matter of who asks for current revisions: those show, change or time judgements", () => {
    expect(
      saying(/annotation\.current\b|\b(n|an)\.current\b|\bcurrent and\b|\band current\b|`current`/),
    ).toEqual([
      "db/schema/annotation.ts",
      "db/view/practice.ts",
      "db/view/vote.ts",
      // The report says what was set aside.
      "server/conclusion/report.ts",
      "server/figure/conclusion.ts",
      "server/figure/review.ts",
      "server/figure/site.ts",
      "server/import/corrections.ts",
      "server/judgement/history.ts",
      "server/judgement/revise.ts",
      // Whether there are so many that a worker counts them.
      "server/look/kept.ts",
      "server/metrics.ts",
      "server/review/adjudicate.ts",
      "server/review/annotations.ts",
      "server/review/curate.ts",
      "server/review/dashboard.ts",
      "server/review/disputes.ts",
      // Seats come back with the consent where their judgement still stands.
      "server/seat/consent.ts",
    ]);
  });
});

describe("migrations", () => {
  it("come in the order of their times: a database passes over one older than its last", () => {
    const journal = readFileSync(join(root, "db/migrations/meta/_journal.json"), "utf8");
    const times = JSON.parse(journal).entries.map(({ when }: { when: number }) => when);
    expect(times).toEqual([...new Set(times)].sort((one, other) => Number(one) - Number(other)));
  });
});

describe("the front door", () => {
  it("is a README of 30 to 60 lines in each room: what lives there, what imports what, how to add one", () => {
    const rooms = ["app", "server", "db", "workers", "workers/engine", "tests"];
    const lengths = rooms.map((room) => {
      const lines = readFileSync(join(root, room, "README.md"), "utf8")
        .trimEnd()
        .split("\n").length;
      return { room, fits: lines >= 30 && lines <= 60 };
    });
    expect(lengths).toEqual(rooms.map((room) => ({ room, fits: true })));
  });
});

describe("the top level", () => {
  it("holds the named folders and the files that must lie there", () => {
    const allowed = new Set([
      ...folders,
      "tests",
      "findings",
      "README.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "package.json",
      "package-lock.json",
      "next.config.ts",
      // Tools look for these at the root and nowhere else.
      "tsconfig.json",
      "biome.json",
      "vitest.config.ts",
      "playwright.config.ts",
      "drizzle.config.ts",
      "postcss.config.mjs",
      "proxy.ts",
      "instrumentation.ts",
      "instrumentation-node.ts",
    ]);
    // Made by tools, git-ignored.
    const made = new Set([
      "node_modules",
      "next-env.d.ts",
      "tsconfig.tsbuildinfo",
      "test-results",
      "playwright-report",
      "coverage",
    ]);
    const found = readdirSync(root).filter((name) => !name.startsWith(".") && !made.has(name));
    expect(found.filter((name) => !allowed.has(name))).toEqual([]);
  });
});
