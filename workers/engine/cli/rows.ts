import type { z } from "zod";
import { EngineError } from "../errors";
import { readJsonLines } from "../tokenize/dataset";

/**
 * The rows of a JSONL file in the shape the schema gives.
 * @throws EngineError naming file, row and field.
 */
export function readRows<T>(file: string, shape: z.ZodType<T>): T[] {
  const rows = Array.from(readJsonLines(file), ({ value, row }) => {
    const parsed = shape.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new EngineError(`${file}, row ${row}: ${issue.path.join(".") || "the row"}: ${issue.message}.`);
  });
  if (rows.length === 0) throw new EngineError(`${file} has no rows.`);
  return rows;
}

/** A line that counts what is done, with the time left, rewritten in place on a terminal. */
export class ProgressLine {
  readonly #total: number;
  readonly #unit: string;
  readonly #start = performance.now();
  #done = 0;

  constructor(total: number, unit: string) {
    this.#total = total;
    this.#unit = unit;
  }

  advance(): void {
    this.#done++;
    if (!process.stderr.isTTY && this.#done % 100 !== 0 && this.#done !== this.#total) return;
    const seconds = (performance.now() - this.#start) / 1000;
    const left = Math.round((seconds / this.#done) * (this.#total - this.#done));
    const rate = (this.#done / seconds).toFixed(1);
    const text = `${this.#done}/${this.#total} ${this.#unit} · ${rate}/s · ${left} s left`;
    process.stderr.write(
      process.stderr.isTTY ? `\r\u001b[K${text}${this.#done === this.#total ? "\n" : ""}` : `${text}\n`,
    );
  }
}
