import { deriveMarks, derivePreferences } from "../form/answers";
import type { MarkFact, PairFact, Scale } from "../form/kind/kind";
import { type Answer, type Answers, kindOf, type Question } from "../form/schema";
import type { Answered } from "../statistics/judge/beside-people";
import type { Compared, Verdict } from "../statistics/judge/compared";
import type { Beside, SaidOnce } from "./beside";
import { repliesWanted } from "./request";
import type { JudgeVersion } from "./schema";
import { settledBy } from "./verdict";

/** A task that a version was asked about, with what its replies come to. */
export interface JudgedTask extends Beside {
  /** By the version's own rule; null where a reply is missing or failed, or they settle nothing. */
  settled: Answer | null;
  /** Whether all replies are there, each with a verdict. */
  isWhole: boolean;
}

type Reply = SaidOnce & { answer: Answer };

/** The replies that hold a verdict. */
const verdictsOf = ({ said }: Beside): Reply[] =>
  said.flatMap(({ answer, ...rest }) => (answer ? [{ ...rest, answer }] : []));

/** A task with what its replies come to. */
export function judgedTask(
  version: Pick<JudgeVersion, "orders" | "settles" | "sampling" | "verdictBy" | "rubric">,
  question: Question,
  task: Beside,
): JudgedTask {
  const { settles } = version;
  const replies = verdictsOf(task);
  const isWhole = replies.length === repliesWanted(version, task.responses.length);
  return { ...task, isWhole, settled: isWhole ? settledBy({ question, settles }, replies) : null };
}

const answersWith = ({ id }: Question, answer: Answer | null): Answers => (answer ? { [id]: answer } : {});

const pairsIn = (question: Question, answer: Answer | null): PairFact[] =>
  derivePreferences([question], answersWith(question, answer), null);

const marksIn = (question: Question, answer: Answer | null): MarkFact[] =>
  deriveMarks([question], answersWith(question, answer));

/** What an answer states, for telling whether two say the same: by how much a response is better does not count. */
export const statedBy = (question: Question, answer: Answer): string =>
  JSON.stringify([
    pairsIn(question, answer).map(({ a, b, outcome }) => [a, b, outcome]),
    marksIn(question, answer).map(({ response, item, value }) => [response, item, value]),
  ]);

/** A comparison in a task that a version was asked about, and who of the people judged it. */
export interface ComparedInTask extends Compared {
  task: JudgedTask;
  raters: readonly string[];
}

/** The comparisons of two responses that a task holds, with people's votes on the same. */
export function comparedIn(
  { verdictBy }: Pick<JudgeVersion, "verdictBy">,
  question: Question,
  task: JudgedTask,
): ComparedInTask[] {
  const said = verdictsOf(task).map((reply) => ({
    ...reply,
    pairs: pairsIn(question, reply.answer),
  }));
  const settled = pairsIn(question, task.settled);
  const pairs = new Map(
    said.flatMap((reply) => reply.pairs.map(({ a, b }) => [`${a} ${b}`, [a, b] as const] as const)),
  );
  return [...pairs.values()].map(([a, b]) => {
    const isOf = (fact: { a: number; b: number }) => fact.a === a && fact.b === b;
    const outcomeIn = (facts: readonly PairFact[]) => facts.find(isOf)?.outcome;
    const votes = task.votes.filter(isOf);
    return {
      task,
      ...{ prompt: task.promptId, a: task.responses[a].id, b: task.responses[b].id },
      isTrainedOn: task.exposure === "trained",
      verdicts: said.flatMap(({ order, sample, p, pairs: own }): Verdict[] => {
        const outcome = outcomeIn(own);
        if (!outcome) return [];
        const aFirst = verdictBy === "reward" ? null : order.indexOf(a) < order.indexOf(b);
        return [{ aFirst, sample, outcome, p }];
      }),
      // Orders that settle nothing, where no tie is offered, are a tie all the same.
      verdict: task.isWhole ? (outcomeIn(settled) ?? "tie") : null,
      people: votes.map(({ outcome }) => outcome),
      raters: votes.map(({ raterId }) => raterId),
      ...{ lengthA: task.responses[a].length, lengthB: task.responses[b].length },
    };
  });
}

/** What a version and people answered on one scale that is no comparison. */
export interface ScaleAnswers {
  label: string;
  categories: readonly number[];
  isOrdered: boolean;
  answered: Answered[];
  /** Of these, the ones of prompts that the judge was not trained on. */
  unseen: Answered[];
  /** What it said of one thing in the one order and in the other, and to the same request twice. */
  swapped: { prompt: string; same: boolean }[];
  repeated: { prompt: string; same: boolean }[];
}

/** The scales of a question that is no comparison, each with what the version and people answered. */
export function scalesOf(question: Question, judged: readonly JudgedTask[]): ScaleAnswers[] {
  return kindOf(question.type)
    .scales(question)
    .flatMap((scale): ScaleAnswers[] => {
      const read = readerOf(scale);
      if (!read) return [];
      const { reads, ...about } = read;
      const found: ScaleAnswers = { ...about, answered: [], unseen: [], swapped: [], repeated: [] };
      const valueIn = (marks: readonly MarkFact[], response: number | null) =>
        marks.filter((one) => one.response === response).flatMap((one) => reads(one) ?? []);
      for (const task of judged) {
        const { promptId: prompt, marks } = task;
        for (const { response, ...fact } of marksIn(question, task.settled)) {
          const judge = reads(fact);
          if (judge === null) continue;
          const answered = { prompt, judge, people: valueIn(marks, response) };
          found.answered.push(answered);
          if (task.exposure !== "trained") found.unseen.push(answered);
        }
        const said = verdictsOf(task).map(({ order, answer }) => ({
          order: order.join(),
          marks: marksIn(question, answer),
        }));
        for (const [i, one] of said.entries())
          for (const other of said.slice(0, i))
            for (const fact of one.marks) {
              const [value, again] = [reads(fact), valueIn(other.marks, fact.response)[0]];
              if (value === null || again === undefined) continue;
              found[one.order === other.order ? "repeated" : "swapped"].push({
                prompt,
                same: value === again,
              });
            }
      }
      return [found];
    });
}

/** How a mark is read on a scale; null for a scale that marks alone do not tell, where several options may be chosen. */
function readerOf(scale: Scale) {
  type Mark = Pick<MarkFact, "item" | "value">;
  if (scale.by === "points")
    return {
      ...{ label: scale.label, categories: scale.points, isOrdered: true },
      // A form that has changed may have had other points.
      reads: ({ item, value }: Mark) =>
        item === scale.attribute && scale.points.includes(value) ? value : null,
    };
  if (scale.by === "options" && !scale.multiple)
    return {
      ...{ label: "", categories: scale.options.map((_, place) => place), isOrdered: false },
      reads: ({ item }: Mark) => (scale.options.includes(item) ? scale.options.indexOf(item) : null),
    };
  return null;
}
