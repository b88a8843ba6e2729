import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { recipeSchema } from "../../db/shape/dataset";
import { datasetKinds } from "../../db/shape/dataset-kinds";
import type { RunProgress } from "../../db/shape/run";
import { exportFormats, exportLayouts } from "../../server/dataset/schema";
import { columnMappingSchema, encodings, importResultSchema } from "../../server/import/schema";
import { ConcordApi, type RunReply, runReplySchema } from "./api";
import { remember, signedIn } from "./credentials";

/** What a command is given: its words, and its options as text (`true` for a switch). */
export interface Input {
  words: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
}

export interface Command {
  usage: string;
  summary: string;
  /** The words it takes after its name; absent where it takes none. */
  words?: "one" | "some";
  /** Every option it knows. */
  options: Readonly<Record<string, { type: "string" | "boolean" }>>;
  run(input: Input): Promise<void>;
}

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

const anything = z.unknown();
const named = z.looseObject({ id: z.string(), name: z.string() });

function option({ options }: Input, name: string): string {
  const value = options[name];
  if (typeof value !== "string" || value === "") throw new Error(`--${name} is missing.`);
  return value;
}

function oneOf<const T extends string>(input: Input, name: string, values: readonly T[], standard: T): T {
  const given = input.options[name];
  if (given === undefined) return standard;
  const found = values.find((value) => value === given);
  if (!found) throw new Error(`--${name} is one of ${values.join(", ")}.`);
  return found;
}

/** An option that is a whole number, where it is given. */
function wholeNumber({ options }: Input, name: string): number | undefined {
  const given = options[name];
  if (given === undefined) return undefined;
  if (typeof given === "string" && /^\d+$/.test(given)) return Number(given);
  throw new Error(`--${name} is a whole number.`);
}

/** @throws naming the file when it is not there or holds no JSON of this shape */
async function readJson<T>(file: string, shape: z.ZodType<T>): Promise<T> {
  const content = await readFile(file === "-" ? "/dev/stdin" : file, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new Error(`${file} holds no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const { data, error } = shape.safeParse(value);
  if (error) throw new Error(`${file}: ${z.prettifyError(error)}`, { cause: error });
  return data;
}

/** A mapping in a file, or the name of one that the project has. */
async function mappingIn(given: string) {
  const isFile = await stat(given).then(
    (found) => found.isFile(),
    () => false,
  );
  return isFile || given.endsWith(".json") ? await readJson(given, columnMappingSchema) : given;
}

/** The options that are given, as the query of a request; a pair where the two names differ. */
function queryOf({ options }: Input, names: readonly (string | readonly [string, string])[]) {
  return new URLSearchParams(
    names.flatMap((name) => {
      const [given, asked] = typeof name === "string" ? [name, name] : name;
      const value = options[given];
      return typeof value === "string" ? [[asked, value]] : [];
    }),
  );
}

const LOOK = "--project ID [--question ID] [--language TAG] [--domain NAME]";
const look = { project: text, question: text, language: text, domain: text };
/** What of a conclusion is asked for: its path in the project, with the votes that it looks at. */
const conclusion = (input: Input, path: string, more: Parameters<typeof queryOf>[1] = []) =>
  `/projects/${option(input, "project")}/${path}?${queryOf(input, [["question", "questionId"], "language", "domain", ...more])}`;

const reportFormats = ["md", "tex"] as const;
const written = z.looseObject({ content: z.string() });

const engines = ["onnx", "torch"] as const;

const print = (value: unknown) => console.log(JSON.stringify(value, null, 2));

/** One line that is written over while the run goes on. */
function showProgress({ done, total, unit, rate, secondsLeft }: RunProgress): void {
  if (!process.stderr.isTTY) return;
  const parts = [
    `${done}${total === undefined ? "" : ` of ${total}`} ${unit}`,
    ...(rate ? [`${Math.round(rate)} ${unit}/s`] : []),
    ...(secondsLeft ? [`${Math.round(secondsLeft)} s left`] : []),
  ];
  process.stderr.write(`\r\x1b[K${parts.join(" · ")}`);
}

async function finish(api: ConcordApi, projectId: string, run: RunReply): Promise<RunReply> {
  const over = await api.finished(projectId, run.id, showProgress);
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return over;
}

async function downloadAll(api: ConcordApi, projectId: string, run: RunReply, folder: string): Promise<void> {
  for (const file of await api.files(projectId, run.id))
    console.log(await api.download(projectId, run.id, file, folder));
}

function setUpTorch(): void {
  const setup = fileURLToPath(new URL("../torch/setup.ts", import.meta.url));
  const { status } = spawnSync(process.execPath, ["--import", "tsx", setup], { stdio: "inherit" });
  if (status !== 0) throw new Error("The torch engine could not be set up; the reason is above.");
}

export const commands: Record<string, Command> = {
  login: {
    usage: "login --url http://localhost:3000 --token TOKEN",
    summary: "remember where Concord is and who you are",
    options: { url: text, token: text },
    async run(input) {
      const credentials = { url: option(input, "url"), token: option(input, "token") };
      const { name } = await new ConcordApi(credentials.url, credentials.token).call(
        z.looseObject({ name: z.string() }),
        "GET",
        "/me",
      );
      console.log(`Signed in as ${name}; kept in ${await remember(credentials)}.`);
    },
  },
  projects: {
    usage: "projects",
    summary: "list the projects you are in",
    options: {},
    async run() {
      const { items } = await (await signedIn()).call(
        z.object({ items: z.array(named) }),
        "GET",
        "/projects",
      );
      for (const { id, name } of items) console.log(`${id}  ${name}`);
    },
  },
  import: {
    usage:
      "import FILE… --project ID [--dry-run] [--skip-bad-rows] [--shape ID] [--mapping FILE|NAME] " +
      `[--language TAG] [--encoding ${encodings.join("|")}] [--no-judgements] [--seats N] [--rejected DIR]`,
    summary: "import prompts, responses and judgements; what the file does not say itself, the options say",
    words: "some",
    options: {
      project: text,
      "dry-run": flag,
      "skip-bad-rows": flag,
      shape: text,
      mapping: text,
      language: text,
      encoding: text,
      "no-judgements": flag,
      seats: text,
      rejected: text,
    },
    async run(input) {
      const projectId = option(input, "project");
      const seats = wholeNumber(input, "seats");
      const { mapping } = input.options;
      const options = {
        shape: input.options.shape,
        mapping: typeof mapping === "string" ? await mappingIn(mapping) : undefined,
        language: input.options.language,
        encoding: input.options.encoding,
        judgements: input.options["no-judgements"] !== true,
      };
      const api = await signedIn();
      const files = [];
      for (const path of input.words) files.push(await api.upload(projectId, path));
      const { rejected } = input.options;
      const run = await api.call(runReplySchema, "POST", `/projects/${projectId}/imports`, {
        files,
        options,
        dryRun: input.options["dry-run"] === true,
        badRows: input.options["skip-bad-rows"] === true ? "skip" : "refuse",
        seats,
      });
      const over = await finish(api, projectId, run);
      print(over.result);
      const told = importResultSchema.shape.seats.safeParse(over.result?.seats).data;
      if (told) console.error(told.says);
      if (typeof rejected === "string") await downloadAll(api, projectId, over, rejected);
    },
  },
  "datasets freeze": {
    usage: `datasets freeze --project ID --dataset NAME [--kind ${datasetKinds.join("|")}] [--recipe recipe.json]`,
    summary: "freeze a version; makes the dataset if there is none of that name",
    options: { project: text, dataset: text, kind: text, recipe: text },
    async run(input) {
      const api = await signedIn();
      const projectId = option(input, "project");
      const name = option(input, "dataset");
      const path = `/projects/${projectId}/datasets`;
      const { recipe } = input.options;
      const wanted =
        typeof recipe === "string" ? await readJson(recipe, recipeSchema) : recipeSchema.parse({});
      const known = (await api.call(z.array(named), "GET", path)).find((dataset) => dataset.name === name);
      const kind = oneOf(input, "kind", datasetKinds, "preference");
      const { id } = known ?? (await api.call(named, "POST", path, { name, kind }));
      const run = await api.call(runReplySchema, "POST", `${path}/${id}/versions`, { recipe: wanted });
      print((await finish(api, projectId, run)).result);
    },
  },
  export: {
    usage: `export --project ID --version ID --out DIR [--format ${exportFormats.join("|")}] [--layout ${exportLayouts.join("|")}]`,
    summary: "write a version's files and download them; run again to go on after an interruption",
    options: { project: text, version: text, out: text, format: text, layout: text },
    async run(input) {
      const api = await signedIn();
      const projectId = option(input, "project");
      const out = option(input, "out");
      const spec = {
        versionId: option(input, "version"),
        // Absent: the layout's own.
        ...(input.options.format === undefined
          ? {}
          : { format: oneOf(input, "format", exportFormats, "parquet") }),
        layout: oneOf(input, "layout", exportLayouts, "trl"),
      };
      const run = await api.call(runReplySchema, "POST", `/projects/${projectId}/exports`, spec);
      await downloadAll(api, projectId, await finish(api, projectId, run), out);
    },
  },
  quality: {
    usage:
      "quality --project ID [--language TAG] [--domain NAME] [--rater ID] [--source NAME] [--from TIME] [--to TIME]",
    summary: "print how far raters agree and how each judges; waits until the votes of now are measured",
    options: { project: text, language: text, domain: text, rater: text, source: text, from: text, to: text },
    async run(input) {
      const api = await signedIn();
      const query = queryOf(input, ["language", "domain", ["rater", "raterId"], "source", "from", "to"]);
      const path = `/projects/${option(input, "project")}/quality?${query}`;
      for (;;) {
        const found = await api.call(z.looseObject({ isWaiting: z.boolean() }), "GET", path);
        if (!found.isWaiting) return print(found);
        await pause(2000);
      }
    },
  },
  leaderboard: {
    usage: `leaderboard ${LOOK} [--csv]`,
    summary: "print the ranking of sources, as JSON with the win matrix or as CSV",
    options: { ...look, csv: flag },
    async run(input) {
      const api = await signedIn();
      if (!input.options.csv) return print(await api.call(anything, "GET", conclusion(input, "leaderboard")));
      const { content } = await api.call(written, "GET", conclusion(input, "conclusions/leaderboard.csv"));
      process.stdout.write(content);
    },
  },
  plan: {
    usage: `plan ${LOOK} [--win-rate .6] [--power .8] [--half-width .05]`,
    summary: "print how many judgements and hours a conclusion takes, from the votes so far",
    options: { ...look, "win-rate": text, power: text, "half-width": text },
    async run(input) {
      const asked = [["win-rate", "winRate"], "power", ["half-width", "halfWidth"]] as const;
      print(await (await signedIn()).call(anything, "GET", conclusion(input, "plan", asked)));
    },
  },
  report: {
    usage: `report ${LOOK} [--format ${reportFormats.join("|")}]`,
    summary: "print the report of the study, for a paper",
    options: { ...look, format: text },
    async run(input) {
      const file = `report.${oneOf(input, "format", reportFormats, "md")}`;
      const { content } = await (await signedIn()).call(
        written,
        "GET",
        conclusion(input, `conclusions/${file}`),
      );
      process.stdout.write(content);
    },
  },
  next: {
    usage: "next --project ID",
    summary: "take the next task; prints it, blind",
    options: { project: text },
    async run(input) {
      print(
        await (await signedIn()).call(anything, "POST", `/projects/${option(input, "project")}/assignments`, {
          hold: 1,
        }),
      );
    },
  },
  submit: {
    usage: "submit ASSIGNMENT --answers answers.json [--key KEY]",
    summary: "submit answers by question id, in shown order (- reads them from standard input)",
    words: "one",
    options: { answers: text, key: text },
    async run(input) {
      const [assignmentId] = input.words;
      const answers = await readJson(option(input, "answers"), anything);
      const { key } = input.options;
      const idempotencyKey = typeof key === "string" ? key : `cli-${assignmentId}`;
      print(
        await (await signedIn()).call(anything, "POST", `/assignments/${assignmentId}/annotation`, {
          answers,
          idempotencyKey,
        }),
      );
    },
  },
  mcp: {
    usage: "mcp",
    summary:
      "serve an assistant over standard input and output (Model Context Protocol), as who is signed in or as CONCORD_URL and CONCORD_TOKEN say",
    options: {},
    async run() {
      // Only this command needs the protocol's library.
      const { serve } = await import("./mcp/serve");
      await serve(await signedIn());
    },
  },
  worker: {
    usage: `worker [--engine ${engines.join("|")}] [--database postgres://…] [--store https://SITE|DIR] [--token TOKEN]`,
    summary:
      "work on runs; a GPU machine joins with --engine torch, the database, the site's address as its store, and a token from the page Cluster",
    options: { engine: text, database: text, store: text, token: text },
    async run(input) {
      const settings = {
        CONCORD_ENGINE:
          input.options.engine === undefined ? undefined : oneOf(input, "engine", engines, "onnx"),
        DATABASE_URL: input.options.database,
        CONCORD_STORE: input.options.store,
        CONCORD_WORKER_TOKEN: input.options.token,
      };
      for (const [name, value] of Object.entries(settings))
        if (typeof value === "string") process.env[name] = value;
      if (!process.env.DATABASE_URL)
        throw new Error("--database is missing: the address of Concord's PostgreSQL.");
      // Does nothing where the environment is there already.
      if (settings.CONCORD_ENGINE === "torch") setUpTorch();
      await import("../main");
    },
  },
};
