import { createReadStream, createWriteStream, existsSync, readdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, asc, eq, gt } from "drizzle-orm";
import type { Db } from "../../../db/client";
import { prompt, response } from "../../../db/schema";
import { registerModel } from "../../../server/model/model";
import { queuedNewModelSchema } from "../../../server/model/schema";
import { runYaml } from "../../../server/training/training";
import { engineCommand } from "../../training/engines";
import { Follower } from "../../training/follower";
import { MODEL_PREFIX } from "../../training/models";
import { writeConversations } from "../../training/pretraining";
import { EngineProcess, sentenceOf } from "../../training/process";
import { runEngine } from "../../training/run-engine";
import { handler, type Work } from "../handler";

const PAGE = 1000;

/** Makes a small model from nothing, with a tokenizer learnt from the project's own texts, and teaches it these if asked. */
export const newModel = handler(queuedNewModelSchema, async (work) => {
  const { run, db, projectId, folder, signal, attach, log } = work;
  const { name, seed, vocab_size, pretrain_steps, makes, ...shape } = work.spec;
  const texts = join(folder, "texts.jsonl");
  await pipeline(Readable.from(projectTexts(db, projectId)), createWriteStream(texts));

  const born = join(folder, "model");
  for (const left of [born, join(folder, "output")]) await rm(left, { recursive: true, force: true });
  const options = Object.entries(shape).map(([key, value]) => `--${key.replaceAll("_", "-")}=${value}`);
  const child = await EngineProcess.start(
    folder,
    engineCommand("new-model", [
      ...["--out", born, "--text", texts, `--vocab-size=${vocab_size}`, `--seed=${seed}`],
      ...options,
    ]),
  );
  const onAbort = () => child.kill();
  signal.addEventListener("abort", onAbort);
  const { code, complaint } = await child.ended.finally(() => signal.removeEventListener("abort", onAbort));
  signal.throwIfAborted();
  if (code !== 0) throw new Error(sentenceOf(complaint) || `Making the model ended with status ${code}.`);

  const followed = new Follower(work, { model: born, adapter: null }, []);
  const out = pretrain_steps > 0 ? await pretrain(work, followed, born) : born;
  for (const file of readdirSync(out).sort())
    await attach(`${MODEL_PREFIX}${file}`, "application/octet-stream", createReadStream(join(out, file)));
  const model = await registerModel(
    db,
    { personId: run.createdBy },
    {
      id: makes,
      projectId,
      name,
      method: "base",
      format: "full",
      source: { kind: "run" },
      runId: run.id,
      ...followed.heldOut(),
      createdBy: run.createdBy,
    },
  );
  await log("info", `${name} is ready to be trained.`);
  const heldOutLoss = followed.lossCourse();
  return { modelId: model.id, ...followed.last, ...(heldOutLoss ? { heldOutLoss } : {}) };
});

/** The rate that suits the default width; a wider model bears less. */
const RATE = 3e-3;
const WIDTH = 128;

/** Trains every weight on the project's conversations. @returns the folder of the model that comes out */
async function pretrain(
  work: Work & { projectId: string; spec: { hidden_size: number; pretrain_steps: number; seed: number } },
  followed: Follower,
  model: string,
): Promise<string> {
  const { db, projectId, folder, log } = work;
  const { hidden_size, pretrain_steps, seed } = work.spec;
  const rows = await writeConversations(db, { folder, projectId });
  if (rows.train === 0) {
    await log("warning", "The project has no responses to learn from: the weights stay random numbers.");
    return model;
  }
  await log("info", `Learns from ${rows.train} conversations; ${rows.eval} are held out.`);
  const options = {
    max_steps: pretrain_steps,
    learning_rate: (RATE * WIDTH) / Math.max(WIDTH, hidden_size),
    per_device_train_batch_size: 16,
    max_length: 256,
    logging_steps: 2,
    ...(rows.eval > 0 ? { eval_on_start: true, eval_steps: Math.max(1, Math.ceil(pretrain_steps / 4)) } : {}),
    seed,
  };
  const files = { model, adapter: null, eval: rows.eval > 0, chatTemplate: null };
  await writeFile(join(folder, "run.yaml"), runYaml("sft", options, files));
  await runEngine(work, options, followed, []);
  const out = join(folder, "output/output");
  if (!existsSync(out)) throw new Error("Stopped before there was anything to keep.");
  return out;
}

/** Every text of the project as a JSON line. */
async function* projectTexts(db: Db, projectId: string): AsyncGenerator<string> {
  for (const { table, text } of [
    { table: prompt, text: prompt.searchText },
    { table: response, text: response.content },
  ]) {
    let after = "00000000-0000-0000-0000-000000000000";
    for (;;) {
      const page = await db
        .select({ id: table.id, text })
        .from(table)
        .where(and(eq(table.projectId, projectId), gt(table.id, after)))
        .orderBy(asc(table.id))
        .limit(PAGE);
      for (const row of page) yield `${JSON.stringify({ text: row.text })}\n`;
      if (page.length < PAGE) break;
      after = page[page.length - 1].id;
    }
  }
}
