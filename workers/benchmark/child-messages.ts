/** What goes between a worker and the process in which a benchmark is run. */
import type {
  AskedBenchmark,
  BenchmarkContamination,
  BenchmarkFigure,
  BenchmarkGroup,
  ItemTaint,
} from "../../db/shape/benchmark";
import type { Graded } from "../../server/benchmark/graded";

export interface ToBenchmark {
  asked: AskedBenchmark;
  /** Where each file lies, by its name. */
  files: Readonly<Record<string, string>>;
  model: string;
  adapter: string | null;
  /** The model that judges, where one does. */
  judge: { name: string; model: string; adapter: string | null } | null;
  /** Versions to look for the documents in: each a file of rows, and their numbers. */
  versions: readonly { id: string; file: string }[];
  /** What is answered already, by place: it is not asked again. */
  answered: readonly { position: number; graded: Graded }[];
}

/** An answered document. Documents are text: a message between processes has no numbers as they were written. */
export interface AnsweredItem {
  position: number;
  document: string;
  prompt: string;
  continuations: string[];
  target: string[];
  replies: readonly unknown[];
  graded: Graded;
  cluster: string;
  score: number | null;
  failed: boolean;
  tokens: number;
}

export type FromBenchmark =
  | { kind: "documents"; documents: number }
  | { kind: "item"; item: AnsweredItem }
  | {
      kind: "outcome";
      figures: BenchmarkFigure[];
      groups: BenchmarkGroup[];
      contamination: BenchmarkContamination;
      /** Of those that are tainted. `row` is the row of the version's file, from 0. */
      taints: [position: number, taint: ItemTaint][];
    }
  | { kind: "failed"; message: string };
