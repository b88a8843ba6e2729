/** Keeps the reference's log-probabilities beside the checkpoints: a resumed run reads the numbers it began with. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../file/files";
import type { Objective } from "../objective";
import type { ProgramOptions } from "./program";

/** The folder of a run's output that holds them. */
export const referenceFolder = (output: string) => join(output, "reference");

/** The file for these rows under this reference; whatever the numbers depend on is in its name. */
export function referenceFile(
  output: string,
  { model, adapter }: ProgramOptions,
  { trees }: Objective,
  rowsInRun: number,
): string {
  const hash = createHash("sha256");
  const weights = [...new Set([...model.tensors.values()].map(({ file }) => file))].map((file) => {
    const { size, mtimeMs } = statSync(file);
    return [file, size, mtimeMs];
  });
  hash.update(JSON.stringify({ weights, config: model.config, rowsInRun, trees }));
  for (const [name, { data }] of adapter?.tensors ?? []) hash.update(name).update(bytesOf(data));
  return join(referenceFolder(output), `${hash.digest("hex").slice(0, 32)}.f32`);
}

/** Log-probabilities of every row, or null where they were not kept. */
export function readReference(file: string): Float32Array[] | null {
  if (!existsSync(file)) return null;
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  const words = new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  const lengths = words.subarray(1, 1 + words[0]);
  let start = 1 + lengths.length;
  return Array.from(lengths, (length) => {
    const scores = new Float32Array(words.buffer, 4 * start, length);
    start += length;
    return scores;
  });
}

/** Number of rows, their lengths, then the numbers. */
export function keepReference(file: string, rows: readonly Float32Array[]): void {
  writeAtomically(file, (write) => {
    write(bytesOf(Uint32Array.of(rows.length, ...rows.map(({ length }) => length))));
    for (const row of rows) write(bytesOf(row));
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
