import type { Document } from "../document";

/** A known benchmark: the shape of its data and the task as it is usually run, which a task file may change. */
export interface Suite {
  /** What it asks, and where it is from. */
  readonly title: string;
  /** Absent where the file's own fields are all that templates need. */
  readonly shape?: {
    /** Whether a row is of this benchmark. */
    readonly fits: (row: Document) => boolean;
    /** A row with the fields that templates know. @throws InputError naming the row's field that is not as it should be */
    readonly documents: (row: Document, place: string) => Document[];
  };
  /** Fields of a task file, as lm-eval's own has them where it has the benchmark. */
  readonly task: Readonly<Record<string, unknown>>;
}
