import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, asc, eq, gt } from "drizzle-orm";
import type { Db } from "../../../db/client";
import { prompt, response } from "../../../db/schema";
import { registerModel } from "../../../server/model/model";
import { newModelSchema } from "../../../server/model/schema";
import { engineCommand } from "../../training/engines";
import { MODEL_PREFIX } from "../../training/models";
import { EngineProcess, sentenceOf } from "../../training/process";
import { handler } from "../handler";

const PAGE = 1000;

/** Makes a small model from nothing, with a tokenizer learnt from the project's own texts. */
export const newModel = handler(newModelSchema, async (work) => {
  const { run, db, projectId, folder, signal, attach, log } = work;
  const { name, seed, vocab_size, ...shape } = work.spec;
  const texts = join(folder, "texts.jsonl");
  await pipeline(Readable.from(projectTexts(db, projectId)), createWriteStream(texts));

  const out = join(folder, "model");
  await rm(out, { recursive: true, force: true });
  const options = Object.entries(shape).map(([key, value]) => `--${key.replaceAll("_", "-")}=${value}`);
  const child = await EngineProcess.start(
    folder,
    engineCommand("new-model", [
      ...["--out", out, "--text", texts, `--vocab-size=${vocab_size}`, `--seed=${seed}`],
      ...options,
    ]),
  );
  const onAbort = () => child.kill();
  signal.addEventListener("abort", onAbort);
  const { code, complaint } = await child.ended.finally(() => signal.removeEventListener("abort", onAbort));
  signal.throwIfAborted();
  if (code !== 0) throw new Error(sentenceOf(complaint) || `Making the model ended with status ${code}.`);

  for (const file of readdirSync(out).sort())
    await attach(`${MODEL_PREFIX}${file}`, "application/octet-stream", createReadStream(join(out, file)));
  const model = await registerModel(
    db,
    { personId: run.createdBy },
    {
      projectId,
      name,
      method: "base",
      format: "full",
      source: { kind: "run" },
      runId: run.id,
      createdBy: run.createdBy,
    },
  );
  await log("info", `${name} is ready to be trained.`);
  return { modelId: model.id };
});

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
