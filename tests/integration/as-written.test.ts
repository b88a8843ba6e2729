import { spawnSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { type DatasetKind, datasetKinds } from "@/db/shape/dataset-kinds";
import { wire } from "@/db/shape/wire";
import { parseJson, parseRowJson, writeJson } from "@/db/shape/written-json";
import { layouts } from "@/server/dataset/layout";
import { layoutFor } from "@/server/dataset/layout/layout";
import { exportLayouts } from "@/server/dataset/schema";
import { fileInMemory } from "@/server/import/source/file";
import { handleRest } from "@/server/rest/handle";
import { parseExample } from "@/workers/engine/tokenize/examples";
import { tokenizeSft } from "@/workers/engine/tokenize/sft";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { writeInputs } from "@/workers/training/rows";
import { NO_PYTHON, referencePython } from "../python";
import { testDatabase } from "./database";
import { filesOf, frozenFrom } from "./round-trip";
import { study } from "./study";

/** Documents go from the file to the tokens and the exports as they were written: numbers, and the order of keys. */
const database = await testDatabase();
const { db, sql } = database;

/** Whatever JavaScript, jsonb and Python print in three ways, in an order of keys that none of them has by itself. */
const args =
  '{"price":200.0,"rate":1e-07,"id":12345678901234567890,"10":1,"2":[-0.0,1E3,0.10,{"b":1,"a":2}],"a ":1,"a":{},"A":null}';
const tools =
  '[{"type":"function","function":{"name":"discount","parameters":{"type":"object","properties":' +
  '{"price":{"type":"number","default":1.0,"maximum":1e21},"9":{"enum":[1.50,2]},"1":{"const":98765432109876543210}}}}}]';
const calling = (n: number) =>
  `{"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"arguments":${args},"name":"discount"}}]},` +
  `{"role":"tool","content":"160"},{"role":"assistant","content":"It is 160, number ${n}."}`;
const asked = (n: number) =>
  `"tools":${tools},"prompt":[{"role":"user","content":"What is 20 % off 200? (${n})"},${calling(n)},{"role":"user","content":"And again?"}]`;

/** Six prompts, so that every split has rows. The replies call a tool, as the prompts do. */
const lines = (kind: DatasetKind): string[] =>
  [1, 2, 3, 4, 5, 6].map((n) => {
    const good = `[${calling(n)}]`;
    const bad = '[{"role":"assistant","content":"180."}]';
    const said = {
      preference: `"chosen":${good},"rejected":${bad}`,
      reward: `"chosen":${good},"rejected":${bad},"margin":1.0`,
      sft: `"completion":${good}`,
      unpaired: `"completion":${good},"label":true`,
      ranked: `"completions":[${good},${bad},[{"role":"assistant","content":"200."}]],"ranks":[1,2,3]`,
    }[kind];
    return `{${asked(n)},${said}}`;
  });
const file = (kind: DatasetKind) => fileInMemory("rows.jsonl", Buffer.from(`${lines(kind).join("\n")}\n`));
const recipe = { split: { train: 0.6, validation: 0.2, test: 0.2 } };

const cases = exportLayouts.flatMap((layout) =>
  datasetKinds.flatMap((kind) => {
    const found = layoutFor(layouts[layout], kind);
    return found && !found.cannot.some((trait) => trait === "tools" || trait === "tool_calls")
      ? layouts[layout].formats.map((format) => [kind, layout, format] as const)
      : [];
  }),
);

describe("tools and the arguments of calls", () => {
  const frozen = new Map<DatasetKind, ReturnType<typeof frozenFrom>>();
  const version = (kind: DatasetKind) => {
    const known = frozen.get(kind) ?? frozenFrom(database, kind, [file(kind)], recipe);
    frozen.set(kind, known);
    return known;
  };

  it.each(cases)("of %s rows stand as written in %s, %s", async (kind, layout, format) => {
    const { projectId, version: made } = await version(kind);
    expect(made.rows).toBe(6);
    const files = await filesOf(db, { projectId, versionId: made.id, layout, format });
    if (format === "parquet") {
      // Read by our own reader, whose JSON text it is: rows that come back say the same.
      const again = await frozenFrom(database, kind, files, recipe);
      const holdsReplies = layout === "trl" || layout === "unsloth";
      if (holdsReplies) expect(again.version.sha256).toBe(made.sha256);
    }
    const written = (await Promise.all(files.map(({ read }) => text(Readable.from(read()))))).join("");
    const forms = [
      (json: string) => json,
      (json: string) => JSON.stringify(json).slice(1, -1),
      (json: string) => json.replaceAll('"', '""'),
    ];
    const holds = (json: string) => forms.some((form) => written.includes(form(json)));
    if (format !== "parquet")
      expect([holds(args), holds(tools) || holds(JSON.stringify(tools))]).toEqual([true, true]);
  });

  it("have the tokens that transformers gives the file's own rows", async () => {
    const { projectId, version: made } = await version("sft");
    const folder = await mkdtemp(join(tmpdir(), "concord-written-"));
    await writeInputs(db, { folder, method: "sft", projectId, versionId: made.id });
    const train = (await readFile(join(folder, "train.jsonl"), "utf8")).trim().split("\n");
    const model = resolve("tests/parity/golden/models/qwen3");
    const tokenizer = openTokenizer(model);
    const ids = (line: string) => {
      const row = parseExample("sft", parseJson(line), { file: "rows.jsonl", row: 1 });
      const tokens = tokenizeSft(tokenizer, row, {
        maxLength: 100_000,
        assistantOnly: false,
        completionOnly: null,
      });
      return "dropped" in tokens ? [] : [...tokens.input_ids];
    };
    const ofVersion = train.map(ids);
    expect(ofVersion.length).toBeGreaterThan(0);
    const ofFile = lines("sft").map(ids);
    for (const row of ofVersion) expect(ofFile).toContainEqual(row);

    const python = referencePython();
    if (python === null) return console.log(NO_PYTHON);
    const { stdout, stderr } = spawnSync(
      python,
      [
        "-c",
        `import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
rows = [json.loads(line) for line in sys.stdin]
render = lambda row: tokenizer.apply_chat_template(row["prompt"] + row["completion"], tools=row["tools"], return_dict=True)["input_ids"]
print(json.dumps([render(row) for row in rows]))`,
        model,
      ],
      { input: lines("sft").join("\n"), encoding: "utf8", env: { ...process.env, HF_HUB_OFFLINE: "1" } },
    );
    const reference = z.array(z.array(z.number())).parse(JSON.parse(stdout || JSON.stringify(stderr)));
    expect(ofFile).toEqual(reference);
  });
});

test("a desk, a page and the HTTP API show and take documents as they are written", async () => {
  const { projectId, manager, join: joinStudy } = await study(database, { tasks: 0 });
  const send = async (method: string, path: string, body?: string) => {
    const init = { method, body, headers: { "content-type": "application/json" } };
    const request = new Request(`http://localhost/api/v1/projects/${projectId}${path}`, init);
    return (await handleRest(request, { db, sql, viewer: manager.viewer })).text();
  };
  const added = await send(
    "POST",
    "/prompts",
    `{"prompts":[{"messages":[{"role":"user","content":"Say."},${calling(1)}],"tools":${tools},` +
      '"responses":[{"content":"One"},{"content":"Two"}]}]}',
  );
  const { promptIds } = z.object({ promptIds: z.array(z.string()) }).parse(JSON.parse(added));
  const answered = await send("GET", `/prompts/${promptIds[0]}`);
  expect(answered).toContain(`"arguments":${args}`);
  expect(answered).toContain(`"tools":${tools}`);

  await manager.caller.task.create({ projectId });
  const rater = await joinStudy();
  const { tasks } = await rater.caller.annotation.claim({ projectId });
  // Over the wire to the browser, and printed there.
  const shown = wire.parse<unknown>(wire.stringify(tasks[0].prompt));
  expect(writeJson(shown)).toContain(args);
  expect(writeJson(shown)).toContain(`"tools":${tools}`);
});

test("what is computed with stays what it is, and long ids are text", () => {
  const row = parseRowJson(
    '{"id":12345678901234567890,"margin":1.0,"2":"b","1":{"9":1,"a":2e0},"tool_calls":[{"x":2e0,"7":0}],"arguments":3.0}',
  );
  expect(row).toMatchObject({ id: "12345678901234567890", margin: 1, 1: { 9: 1, a: 2 }, arguments: 3 });
  expect(writeJson(row)).toContain('"tool_calls":[{"x":2e0,"7":0}]');
});
