import { z } from "zod";
import type { TextKind } from "../../db/shape/meaning";
import { runCaged } from "../../server/child";
import { uniformOf } from "../../server/content/keys";
import { countRead, placeTexts } from "../../server/meaning/meaning";
import { MOST_ON_MAP } from "../../server/meaning/schema";
import type { Work } from "../run/handler";
import { storedPages } from "./stored";

/** Draws the map of a model's texts anew; of more than fit on it a part that hashes of their ids choose. */
export async function drawMap(
  { db, projectId, signal }: Work & { projectId: string },
  { modelId, of }: { modelId: string; of: TextKind },
): Promise<void> {
  const given = { projectId, modelId, of };
  const share = MOST_ON_MAP / (await countRead(db, given));
  const ids: string[] = [];
  const vectors: Buffer[] = [];
  for await (const page of storedPages(db, given, signal))
    for (const { id, vector } of page)
      if (share >= 1 || uniformOf(id) < share) {
        ids.push(id);
        vectors.push(vector);
      }
  if (ids.length === 0) return;
  let places = new Float32Array();
  await runCaged({
    program: "workers/meaning/map-child.ts",
    input: { vectors: Buffer.concat(vectors), size: vectors[0].length / 2 },
    ...{ offline: true, signal },
    onMessage: (message) => {
      places = z.instanceof(Float32Array).parse(message);
    },
  });
  const placed = ids.map((id, at) => ({ id, x: places[2 * at], y: places[2 * at + 1] }));
  await placeTexts(db, { ...given, placed });
}
