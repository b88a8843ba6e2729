import { entriesOf, plainNumbers } from "../../db/shape/written-json";

/** One row of a benchmark's data, with its fields as they were written; numbers may be `WrittenNumber`. */
export type Document = Readonly<Record<string, unknown>>;

/** The document with numbers to compute with. */
export const plain = (document: Document): Document =>
  Object.fromEntries(entriesOf(document).map(([name, value]) => [name, plainNumbers(value)]));
