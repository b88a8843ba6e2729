import { textKinds } from "../../../db/shape/meaning";
import {
  countUnread,
  isMapOld,
  keepEmbeddings,
  type UnreadText,
  unreadTexts,
} from "../../../server/meaning/meaning";
import { embedSpecSchema, TOKENS_READ } from "../../../server/meaning/schema";
import { getModel } from "../../../server/model/model";
import { drawMap } from "../../meaning/draw";
import { packed } from "../../meaning/packed";
import { withModel } from "../../training/inference";
import { handler } from "../handler";
import { rateOf } from "../rate";

const FETCHED = 256;
/** What is kept at a time, and lost at most when the worker is killed. */
const READ_AT_ONCE = 16;

/** Lets a model read what it has not read. Attempted again, it goes on after what is kept. */
export const embed = handler(embedSpecSchema, async (work) => {
  const { db, projectId, progress, log, signal, stop } = work;
  const { modelId } = work.spec;
  const model = await getModel(db, { projectId, modelId });
  const total = await countUnread(db, { projectId, modelId });
  const rate = rateOf("texts");
  let read = 0;
  let empty = 0;
  if (total > 0)
    await withModel(work, model, async (child) => {
      for (const of of textKinds) {
        for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
          const texts = await unreadTexts(db, { projectId, modelId, of, after, limit: FETCHED });
          if (texts.length === 0) break;
          after = texts[texts.length - 1].id;
          // Side by side they are as long as the longest.
          texts.sort((one, other) => one.text.length - other.text.length);
          for (let start = 0; start < texts.length; start += READ_AT_ONCE) {
            signal.throwIfAborted();
            if (stop.aborted) return;
            const some = texts.slice(start, start + READ_AT_ONCE);
            const embeddings: (Omit<UnreadText, "text"> & { vector: Buffer })[] = [];
            const rows = some.map(({ text }) => text);
            for await (const answer of child.answer({ kind: "embed", rows, most: TOKENS_READ })) {
              if (answer.kind === "dropped") empty++;
              if (answer.kind !== "embedded") continue;
              const { promptId, responseId } = some[answer.row];
              embeddings.push({ promptId, responseId, vector: packed(answer.embedding) });
            }
            await keepEmbeddings(db, { projectId, modelId, embeddings });
            read += embeddings.length;
            progress(rate(read + empty, total));
          }
        }
      }
    });
  if (empty > 0)
    await log("warning", `${empty} texts are left out: the model's tokenizer finds no token in them.`);
  for (const of of textKinds)
    if (await isMapOld(db, { projectId, modelId, of })) {
      progress({ ...rate(read + empty, total), message: "Draws the map" });
      await drawMap(work, { modelId, of });
    }
  return { read, empty };
});
