import { resolve } from "node:path";
import { z } from "zod";
import { writeJson } from "../../../db/shape/written-json";
import { EngineError } from "../errors";
import { writeText } from "../file/files";
import type { InferenceAnswer, InferenceRequest } from "../infer/requests";
import { TextInference } from "../infer/text-inference";
import { templateInputs, text } from "../tokenize/examples";
import { bestOfN } from "../tokenize/feedback";
import { deviceOption, readOptions, required, runCommand } from "./command";
import { ProgressLine, readRows } from "./rows";

const usage = `npm run score -- --model DIR --in rows.jsonl --out scored.jsonl [options]
  --model, --adapter   reward model, or a base model and a PEFT adapter with a score head
  --in                 rows with prompt and completion, completions or chosen + rejected
  --out                the rows with reward, scores or chosen_reward + rejected_reward
  --best               keep the best completion of every prompt only (data for best-of-n training, RAFT)
  --kind logprobs      instead of rewards: log-probabilities of every token of the responses (logps)
  --kind embed         instead of rewards: mean hidden state (embedding) of text, messages or prompt
  --device cpu|webgpu|cuda`;

const kinds = z.enum(["rewards", "logprobs", "embed"]);
const options = {
  model: { type: "string" },
  adapter: { type: "string" },
  in: { type: "string" },
  out: { type: "string" },
  kind: { type: "string" },
  best: { type: "boolean" },
  device: { type: "string" },
} as const;

/** A row to judge: its responses in order, and the form in which results go back into it. */
const judgedShape = z.union([
  z
    .looseObject({ prompt: text.optional(), chosen: text, rejected: text, ...templateInputs })
    .transform((row) => ({ form: "pair" as const, row, responses: [row.chosen, row.rejected] })),
  z
    .looseObject({ prompt: text, completion: text, ...templateInputs })
    .transform((row) => ({ form: "single" as const, row, responses: [row.completion] })),
  z
    .looseObject({ prompt: text, completions: z.array(text).min(1), ...templateInputs })
    .transform((row) => ({ form: "list" as const, row, responses: row.completions })),
]);
type Judged = z.infer<typeof judgedShape>;

const embeddedShape = z.union([
  z.looseObject({ text }).transform((row) => ({ row, text: row.text })),
  z.looseObject({ messages: text }).transform((row) => ({ row, text: row.messages })),
  z.looseObject({ prompt: text }).transform((row) => ({ row, text: row.prompt })),
]);

await runCommand(usage, async () => {
  const given = readOptions(options, usage);
  const kind = kinds.safeParse(given.kind ?? "rewards");
  if (!kind.success)
    throw new EngineError(`--kind ${given.kind} is not one of ${kinds.options.join(", ")}.\n${usage}`);
  if (given.best && kind.data !== "rewards") throw new EngineError(`--best needs rewards; remove --kind.`);
  const input = resolve(required(given.in, "in", usage));
  const output = resolve(required(given.out, "out", usage));
  const ask = (request: InferenceRequest) => {
    const engine = new TextInference({
      model: resolve(required(given.model, "model", usage)),
      adapter: given.adapter === undefined ? null : resolve(given.adapter),
      device: deviceOption(given.device, usage),
    });
    return answers(engine, request);
  };

  if (kind.data === "embed") {
    const rows = readRows(input, embeddedShape);
    const found = await ask({ kind: "embed", rows: rows.map((row) => row.text) });
    write(
      output,
      rows.map(({ row }, index) => ({ ...row, ...embeddingFields(found[index]) })),
    );
    return;
  }
  const rows = readRows(input, judgedShape);
  const asked = rows.map(({ row, responses }) => ({ ...row, responses }));
  const found = await ask({ kind: kind.data === "rewards" ? "score" : "logprobs", rows: asked });
  const scored = rows.map((judged, index) => ({ ...judged.row, ...resultFields(judged, found[index]) }));
  write(output, given.best ? bestAnswers(rows, found) : scored);
  if (kind.data === "rewards") report(rows, found);
});

async function answers(engine: TextInference, request: InferenceRequest): Promise<InferenceAnswer[]> {
  const progress = new ProgressLine(request.rows.length, "rows");
  const found: InferenceAnswer[] = [];
  for await (const answer of engine.answer(request)) {
    found[answer.row] = answer;
    progress.advance();
  }
  await engine.close();
  return found;
}

function embeddingFields(answer: InferenceAnswer): object {
  if (answer.kind === "dropped") return { dropped: answer.reason };
  return answer.kind === "embedded" ? { embedding: answer.embedding } : {};
}

/** One value a response, under the names of the row's form. */
function resultFields({ form }: Judged, answer: InferenceAnswer): object {
  if (answer.kind === "dropped") return { dropped: answer.reason };
  if (answer.kind === "scored") {
    const [first, second] = answer.rewards;
    if (form === "pair") return { chosen_reward: first, rejected_reward: second };
    return form === "single" ? { reward: first } : { scores: answer.rewards };
  }
  if (answer.kind !== "measured") return {};
  const logps = answer.responses.map((response) => response.logps);
  if (form === "pair") return { chosen_logps: logps[0], rejected_logps: logps[1] };
  return { logps: form === "single" ? logps[0] : logps };
}

/** The best completion of every prompt with the rest of its row: data for an SFT run. */
function bestAnswers(rows: readonly Judged[], found: readonly InferenceAnswer[]): object[] {
  const answers = rows.flatMap(({ row: { prompt, ...row }, responses }, index) => {
    const answer = found[index];
    if (answer.kind !== "scored" || prompt === undefined) return [];
    return responses.map((completion, i) => ({
      row: { ...row, prompt },
      completion,
      reward: answer.rewards[i],
    }));
  });
  const sides = ["chosen", "rejected", "completions", "scores"];
  return bestOfN(answers).map(({ row, completion, reward }) => ({
    ...Object.fromEntries(Object.entries(row).filter(([name]) => !sides.includes(name))),
    completion,
    reward,
  }));
}

/** How often the chosen side wins (a tie does not), where the rows are pairs. */
function report(rows: readonly Judged[], found: readonly InferenceAnswer[]): void {
  const margins = found.flatMap((answer, index) =>
    answer.kind === "scored" && rows[index].form === "pair" ? [answer.rewards[0] - answer.rewards[1]] : [],
  );
  if (margins.length === 0) return;
  const wins = margins.filter((margin) => margin > 0).length;
  const mean = margins.reduce((total, margin) => total + margin, 0) / margins.length;
  console.log(
    `Accuracy ${((100 * wins) / margins.length).toFixed(1)} % of ${margins.length} pairs, mean margin ${mean.toFixed(3)}.`,
  );
}

function write(output: string, lines: readonly object[]): void {
  writeText(output, lines.map((line) => `${writeJson(line)}\n`).join(""));
  const dropped = lines.filter((line) => "dropped" in line).length;
  console.log(`${output}: ${lines.length} rows, ${dropped} dropped.`);
}
