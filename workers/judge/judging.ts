import type { Rubric } from "../../db/shape/judge";
import { storable } from "../../db/shape/written-json";
import type { Question } from "../../server/form/schema";
import type { Account } from "../../server/judge/record";
import type { JudgeVersion } from "../../server/judge/schema";
import type { TaskToJudge } from "../../server/judge/tasks";
import type { Said } from "../../server/judge/verdict";
import { TransientError, type Work } from "../run/handler";
import { TextError } from "../text/model";

/** What a model is to judge, and where its verdicts go. */
export interface Judging {
  work: Work & { projectId: string };
  version: JudgeVersion;
  question: Question;
  /** US dollars that the run may cost; null: no cap. */
  cap: number | null;
  /** Keeps a verdict, or why there is none. */
  told(verdict: {
    taskId: string;
    order: readonly number[];
    sample: number;
    /** 0: in the words of the rubric; n: in those of its nth paraphrase. */
    wording: number;
    said: Said;
    account: Account;
  }): Promise<void>;
}

/** A judge that is open: it is given tasks, and closed when there are no more. */
export interface OpenJudge {
  /** @returns why replies were left out, if some were */
  ask(tasks: readonly TaskToJudge[]): Promise<"cap" | "stopped" | null>;
  close(): Promise<void>;
}

/** A version that judges by a rubric. @throws where it judges by rewards */
export function asking({
  version,
  question,
}: Judging): JudgeVersion & { rubric: Rubric; question: Question } {
  if (!version.rubric) throw new Error(`${version.name} has no rubric.`);
  return { ...version, rubric: version.rubric, question };
}

/** A task as the rubric shows it. */
export const itemOf = ({ messages, metadata, responses }: TaskToJudge) => ({
  messages,
  metadata,
  contents: responses.map(({ content }) => content),
});

/** Of what was never written. */
export const nothingWritten: Account = {
  ...{ reply: null, reasoning: null, model: null, fingerprint: null, input: null, output: null },
  ...{ cost: null, ms: null, attempts: 0 },
};

/** Of what a model of the registry never wrote. */
export const nothingWrittenHere: Account = { ...nothingWritten, cost: 0 };

/**
 * Why a model of the registry has no answer, as it is kept.
 * @throws what says nothing of what was asked: the end of the run, a defect, and what may pass
 */
export function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!(error instanceof TextError)) throw error;
  if (error.again === "later") throw new TransientError(error.message);
  return storable(error.message);
}
