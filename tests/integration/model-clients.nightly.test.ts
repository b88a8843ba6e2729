import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { model } from "@/db/schema";
import { createToken } from "@/server/token/person";
import { runTask } from "@/workers/benchmark/run";
import { readTaskFile } from "@/workers/benchmark/task-file";
import { modelClients, pythonTools } from "../tools";
import { testDatabase } from "./database";
import { newModel, TINY } from "./new-model";
import { openAiSite } from "./openai-site";
import { study } from "./study";

const { folder } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const folder = await mkdtemp("/tmp/concord-model-clients-");
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_DATA = `${folder}/data`;
  process.env.CONCORD_MODELS = folder;
  return { folder };
});

const database = await testDatabase();
process.env.DATABASE_URL = database.url;
const directory = join(folder, "tiny");
const site = await openAiSite(database);
const noPython = pythonTools(folder, modelClients);
if (noPython) console.log(noPython);
afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

const { projectId, manager } = await study(database, { tasks: 0, name: "Cats" });
const NAME = "Cats/tiny";
let environment: NodeJS.ProcessEnv;

/** Not `tool`: the site answers in this process. @returns what it printed */
async function python(program: string, args: readonly string[]): Promise<string> {
  const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)(join(folder, "python/bin", program), args, options)).stdout;
}

const words = ["cat", "dog", "mat", "sat", "漢字", "naïve", "on the"];
const documents = Array.from({ length: 9 }, (_, index) => ({
  question: `the ${words[index % 7]} ${words[(index * 3) % 7]} and ${index} \n`,
  choices: [words[(index + 1) % 7], `${words[(index + 2) % 7]} sat on the cat`, words[(index + 4) % 7]],
  answer: index % 3,
  said: words[index % 7],
}));

beforeAll(async () => {
  const text = "the cat sat on the mat and the dog sat on the cat, naïve 漢字 😀 1 2 3\n".repeat(20);
  await newModel(directory, text, `${TINY} --max-position-embeddings 256 --vocab-size 320`);
  const source = { kind: "folder" as const, path: directory };
  const values = { projectId, name: "tiny", method: "base" as const, format: "full" as const, source };
  await database.db.insert(model).values(values);
  const { viewer } = manager;
  const given = { personId: viewer.personId, name: "clients", days: 1 };
  const { token } = await createToken(database.db, viewer, given);
  const address = { OPENAI_BASE_URL: site.address, OPENAI_API_KEY: token };
  environment = { ...process.env, ...address, HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "hub") };
  await writeFile(join(folder, "rows.jsonl"), documents.map((row) => `${JSON.stringify(row)}\n`).join(""));
}, 600_000);

describe.skipIf(noPython !== null)("PyPI's openai client", () => {
  test("lists, chats, streams, parses into pydantic's models, echoes and embeds, and is told what is not done", async () => {
    const script = join(import.meta.dirname, "fixtures/openai_client.py");
    const said = JSON.parse(await python("python", [script, NAME]));
    expect(said.whole).not.toBe("");
    expect(said).toEqual({
      ...{ models: [NAME], whole: said.whole, streamed: said.whole, tokens: 8, echo: "the cat sat" },
      ...{ verdicts: [true, true, true], place: true, "unknown first": true, length: [1, 1] },
      refused: [
        ["BadRequestError", null],
        ["BadRequestError", "tools"],
        ["NotFoundError", "model"],
      ],
    });
  }, 120_000);
});

/** A task that lm-eval and we read from the same file. */
async function written(name: string, fields: object): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  const data = { dataset_path: "json", dataset_kwargs: { data_files: { test: join(folder, "rows.jsonl") } } };
  await writeFile(file, JSON.stringify({ task: name, ...data, test_split: "test", ...fields }));
  return file;
}

const choices = {
  output_type: "multiple_choice",
  doc_to_text: "question",
  doc_to_choice: "choices",
  doc_to_target: "answer",
  num_fewshot: 1,
  metric_list: ["acc", "acc_norm"].map((metric) => ({ metric })),
};
const texts = {
  output_type: "generate_until",
  doc_to_text: "question",
  doc_to_target: "said",
  generation_kwargs: { until: ["\n", "sat"], max_gen_toks: 12, do_sample: false, temperature: 0 },
  metric_list: [{ metric: "exact_match" }],
};
const rolling = {
  output_type: "loglikelihood_rolling",
  doc_to_text: "",
  doc_to_target: "question",
  metric_list: [{ metric: "byte_perplexity" }],
};

/** Numbers, truths and texts of an answer: lm-eval keeps all of them as text. */
function leaves(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (value === "True" || value === "False") return [value === "True"];
  return [typeof value === "string" && /^-?\d+\.\d+(e-?\d+)?$/.test(value) ? Number(value) : value];
}

const sampleShape = z.looseObject({ doc_id: z.int(), resps: z.array(z.unknown()) });

describe.skipIf(noPython !== null)("lm-eval 0.4.13 over HTTP gives the numbers of our own evaluate", () => {
  test.each<[string, string, object, string, string[]]>([
    ["choices", "local-completions", choices, "completions", []],
    ["choices in batches", "local-completions", choices, "completions", ["--batch_size", "4"]],
    ["texts", "local-completions", texts, "completions", []],
    ["perplexity", "local-completions", rolling, "completions", []],
    ["conversations", "local-chat-completions", texts, "chat/completions", []],
  ])(
    "%s by %s",
    async (name, kind, fields, path, more) => {
      const task = name.replaceAll(" ", "_");
      const file = await written(task, fields);
      const isChat = kind === "local-chat-completions";
      const args = [`model=${NAME}`, `base_url=${site.address}/${path}`, "max_length=256"];
      if (!isChat) args.push("tokenizer_backend=huggingface", `tokenizer=${directory}`);
      const output = join(folder, `out-${task}`);
      await python("lm_eval", [
        ...["run", "--model", kind, "--model_args", args.join(), "--tasks", file, "--output_path", output],
        ...["--log_samples", ...(isChat ? ["--apply_chat_template"] : []), ...more],
      ]);
      const [ours] = readTaskFile(file, { model: directory, ...(isChat && { apply_chat_template: true }) });
      const own = await runTask(ours, folder, () => {});

      const names = await readdir(output, { recursive: true });
      const read = async (begin: string) => {
        const found = names.find((one) => one.split("/").at(-1)?.startsWith(begin));
        return readFile(join(output, found ?? ""), "utf8");
      };
      const theirs = (await read(`samples_${task}`))
        .trim()
        .split("\n")
        .map((line) => sampleShape.parse(JSON.parse(line)))
        .sort((one, other) => one.doc_id - other.doc_id);
      expect(theirs).toHaveLength(documents.length);
      for (const { doc_id, resps } of theirs) {
        const sample = own.samples.find((one) => one.doc_id === doc_id);
        expect(leaves(sample?.resps)).toEqual(
          leaves(resps).map((one) => (typeof one === "number" ? expect.closeTo(one, 3) : one)),
        );
      }
      const { results } = z
        .object({ results: z.record(z.string(), z.record(z.string(), z.unknown())) })
        .parse(JSON.parse(await read("results_")));
      for (const [metric, value] of Object.entries(own.results))
        if (typeof value === "number") expect(results[task][metric]).toBeCloseTo(value, 4);
    },
    300_000,
  );
});
