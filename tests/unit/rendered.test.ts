import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Message } from "@/db/shape/content";
import { recipeSchema } from "@/db/shape/dataset";
import { promptFields, replyTurns } from "@/server/content/rendered";
import type { SourceResponse } from "@/server/dataset/material";
import { makeRows } from "@/server/dataset/rows";
import { requestShape } from "@/workers/engine/infer/requests";
import { parseRunSpec } from "@/workers/engine/spec/spec";
import { loadRows } from "@/workers/engine/tokenize/dataset";
import { tokenizeScored } from "@/workers/engine/tokenize/sequences";
import { openTokenizer } from "@/workers/engine/tokenize/tokenizer";
import { toExample } from "@/workers/training/rows";

const scratch = mkdtempSync(join(tmpdir(), "concord-rendered-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const model = resolve("tests/parity/golden/models/qwen3");
const tokenizer = openTokenizer(model);

const asked = {
  messages: [{ role: "user", content: "What is the weather in Bern?" }] satisfies Message[],
  tools: [
    {
      type: "function",
      function: {
        name: "weather",
        description: "The weather of a city",
        parameters: { type: "object", properties: { city: { type: "string" } } },
      },
    },
  ],
};
const call = (city: string): Message[] => [
  {
    role: "assistant",
    content: "",
    tool_calls: [{ type: "function", function: { name: "weather", arguments: { city } } }],
  },
  { role: "tool", name: "weather", content: "Snow" },
  { role: "assistant", content: "It snows." },
];
const reply = (key: string, turns: Message[] | null): SourceResponse => ({
  id: key,
  key,
  content: "It snows.",
  turns,
  source: null,
});
const replies = [reply("right", call("Bern")), reply("wrong", call("Paris")), reply("plain", null)];

/** The ids that a run learns from the comparison of two replies, as the version, the file and the engine make them. */
function learnt(method: "reward" | "preference", first: SourceResponse, second: SourceResponse) {
  const [{ row }] = makeRows(
    "preference",
    {
      promptKey: "prompt",
      ...asked,
      labels: [],
      written: [],
      comparisons: [
        {
          first,
          second,
          votes: [
            {
              annotationId: "vote",
              raterId: "rater",
              outcome: "first",
              strength: 1,
              adjudication: false,
              at: 0,
            },
          ],
        },
      ],
    },
    recipeSchema.parse({}),
    { drop: (reason) => expect.fail(reason), judged: () => {} },
  );
  const train = join(scratch, `${method} ${first.key} ${second.key}.jsonl`);
  writeFileSync(train, `${JSON.stringify(toExample(row, method))}\n`);
  const { spec } = parseRunSpec({ method, model, train, output: join(scratch, "out") });
  if (!spec) throw new Error("the spec is valid");
  const { dataset } = loadRows(train, spec, tokenizer, "train");
  return dataset;
}

test("a model scores and answers the tokens it was trained on: turns with calls, and the prompt's tools", () => {
  const request = requestShape.parse({
    kind: "score",
    rows: [{ ...promptFields(asked), responses: replies.map(replyTurns) }],
  });
  if (request.kind !== "score") throw new Error("it is asked to score");
  const [row] = request.rows;
  const scored = row.responses.map((turns) => tokenizeScored(tokenizer, row.prompt, turns, row).ids);
  const [right, wrong, plain] = scored;
  // The last texts are the same, what was called is not.
  expect(right).not.toEqual(wrong);
  expect(tokenizer.decode(right)).toContain("The weather of a city");

  const trained = learnt("reward", replies[0], replies[1]);
  if (trained.kind !== "reward") throw new Error("rows of a reward run");
  expect([trained.rows[0].chosen_ids, trained.rows[0].rejected_ids]).toEqual([right, wrong]);
  const withPlain = learnt("reward", replies[0], replies[2]);
  expect(withPlain.kind === "reward" && withPlain.rows[0].rejected_ids).toEqual(plain);

  const generated = requestShape.parse({ kind: "generate", rows: [promptFields(asked)], options: {} });
  if (generated.kind !== "generate" || typeof generated.rows[0].prompt === "string")
    throw new Error("it is asked to write");
  const prompt = tokenizer.encodeChat(generated.rows[0].prompt, {
    ...generated.rows[0],
    addGenerationPrompt: true,
  });
  const tuned = learnt("preference", replies[0], replies[1]);
  expect(tuned.kind === "preference" && tuned.rows[0].prompt_ids).toEqual(prompt);
});
