/** Lays embeddings out on a plane in a process of its own: it takes a core for as long as a minute. */
import { z } from "zod";
import { Standard } from "../../server/meaning/standard";
import { placesOf } from "./map";
import { unpacked } from "./packed";

const messageSchema = z.object({
  input: z.object({
    /** Rows as they are kept, one after the other. */
    vectors: z.instanceof(Uint8Array),
    size: z.int().positive(),
  }),
});

process.once("message", (message: unknown) => {
  // A worker that was killed: nobody waits for the places.
  process.once("disconnect", () => process.exit(1));
  const { vectors, size } = messageSchema.parse(message).input;
  const values = unpacked(vectors);
  const rows = values.length / size;
  const at = (row: number) => values.subarray(row * size, (row + 1) * size);
  const standard = new Standard(size);
  for (let row = 0; row < rows; row++) standard.add(at(row));
  for (let row = 0; row < rows; row++) values.set(standard.of(at(row)), row * size);
  process.send?.(placesOf({ values, size }), () => process.exit(0));
});
