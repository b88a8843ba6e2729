import { embeddingOf } from "../../../server/meaning/meaning";
import { type SearchSpec, searchSpecSchema, TOKENS_READ } from "../../../server/meaning/schema";
import { Standard } from "../../../server/meaning/standard";
import { getModel } from "../../../server/model/model";
import { packed, unpacked } from "../../meaning/packed";
import { storedPages } from "../../meaning/stored";
import { withModel } from "../../training/inference";
import { handler, type Work } from "../handler";

/** Compares a text with every other one: exact, and in two passes, so that memory does not grow with them. */
export const search = handler(searchSpecSchema, async (work) => {
  const { db, projectId, spec, signal } = work;
  const { modelId, of, like, limit } = spec;
  const given = { projectId, modelId, of };
  const asked = await askedFor({ ...work, projectId, spec });
  const standard = new Standard(asked.length);
  for await (const page of storedPages(db, given, signal))
    for (const { vector } of page) standard.add(unpacked(vector));
  const wanted = standard.of(asked);
  let found: { promptId: string; responseId: string | null; similarity: number }[] = [];
  for await (const page of storedPages(db, given, signal)) {
    for (const { promptId, responseId, vector } of page) {
      const isItself =
        "promptId" in like && like.promptId === promptId && (like.responseId ?? null) === responseId;
      if (!isItself)
        found.push({ promptId, responseId, similarity: dot(wanted, standard.of(unpacked(vector))) });
    }
    found.sort((one, other) => other.similarity - one.similarity);
    found = found.slice(0, limit);
  }
  return { found };
});

/** What the texts are to be like: words, which the model reads now, or a text that it has read. */
async function askedFor(work: Work & { projectId: string; spec: SearchSpec }): Promise<Float32Array> {
  const { db, projectId, spec } = work;
  const { modelId, like } = spec;
  if ("promptId" in like) {
    const vector = await embeddingOf(db, { projectId, modelId, ...like });
    if (!vector) throw new Error("The text that others are to be like is not there any more.");
    return unpacked(vector);
  }
  const model = await getModel(db, { projectId, modelId });
  return withModel(work, model, async (child) => {
    for await (const answer of child.answer({ kind: "embed", rows: [like.words], most: TOKENS_READ }))
      if (answer.kind === "embedded") return unpacked(packed(answer.embedding));
    throw new Error("The model's tokenizer finds no token in these words: search for others.");
  });
}

/** Of directions of length 1 their cosine. */
function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return Math.max(-1, Math.min(1, sum));
}
