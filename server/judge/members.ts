import type { Assembly, JudgeFailure, Settlement } from "../../db/shape/judge";
import { type Answer, kindOf, type Question } from "../form/schema";
import { groupBy } from "../group";
import { calibrated, sureness } from "../statistics/judge/cascade";
import type { Account } from "./record";
import { type Said, scoreOf, settledBy } from "./verdict";

type Panel = Extract<Assembly, { kind: "panel" }>;

/** One reply of a member about a task. */
export interface MemberReply extends Account {
  /** Null of a member that sees no order: it says the same in each. */
  order: readonly number[] | null;
  /** In canonical order; null where it failed. */
  answer: Answer | null;
  p: number | null;
  failure: JudgeFailure | null;
  reason: string | null;
}

/** What a member said of a task in all its orders and samples, and how it is known: "Helpfulness v2". */
export interface Member {
  name: string;
  /** Whether all its replies are there, each with a verdict. */
  isWhole: boolean;
  replies: readonly MemberReply[];
  /** By which its probabilities are brought to what people bear out. */
  slope: number;
}

/** What a judge of judges says in one order, and what went into it. */
export interface Combined {
  said: Said;
  account: Account;
}

const inOrder = ({ replies }: Member, order: readonly number[]): MemberReply[] =>
  replies.filter((reply) => reply.order === null || reply.order.join() === order.join());

/** More than half of the members of a panel must speak. */
export const quorumOf = ({ members }: Panel): number => Math.floor(members.length / 2) + 1;

/**
 * What several answers in one order come to by the question's own rule, as long as the form offers it: of two members
 * that contradict each other the form may have no tie.
 */
function together(question: Question, answers: readonly Answer[], k: number): Answer | null {
  const { judging, problem } = kindOf(question.type);
  const answer = judging?.settle(question, [answers]) ?? null;
  return answer && problem(question, answer, k) === null ? answer : null;
}

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

/** All of them, or null where one says nothing. */
function whole(values: readonly (number | null)[]): number[] | null {
  const known = values.flatMap((each) => each ?? []);
  return known.length === values.length && known.length > 0 ? known : null;
}

/**
 * What a panel says in one order. Each member has one voice, however many samples it was asked for; one without a verdict
 * has none, and where no more than half of the members speak there is no verdict.
 * @param members those that do not sit out
 */
export function panelSays(
  { question, panel }: { question: Question; panel: Panel },
  members: readonly Member[],
  order: readonly number[],
): Combined {
  const voices = members.map((member) => {
    const replies = inOrder(member, order);
    const said = replies.flatMap(({ answer, p }) => (answer ? [{ answer, p }] : []));
    const answers = said.map(({ answer }) => answer);
    const answer = answers.length > 0 ? together(question, answers, order.length) : null;
    const ps = whole(said.map(({ p }) => p));
    return {
      ...{ name: member.name, replies, answer },
      p: ps && mean(ps.map((p) => calibrated(p, member.slope))),
    };
  });
  const speaking = voices.flatMap(({ answer, ...voice }) => (answer ? [{ ...voice, answer }] : []));
  const account = accountOf(
    voices.flatMap(({ replies }) => replies),
    null,
    voices.map(({ name, answer, replies }) => lineOf(question, name, answer, replies)).join("\n"),
  );
  return { said: comesTo(), account };

  function comesTo(): Said {
    if (speaking.length < quorumOf(panel)) {
      const failures = voices.flatMap(({ replies }) => replies.flatMap(({ failure }) => failure ?? []));
      const [most] = [...groupBy(failures, (each) => each)].sort(([, a], [, b]) => b.length - a.length);
      return {
        failure: most?.[0] ?? "contradictory",
        reason: `${speaking.length} of ${panel.members.length} members gave a verdict: more than half must.`,
      };
    }
    const split: Said = {
      failure: "contradictory",
      reason: "Its members are split, and the question offers no tie.",
    };
    if (panel.combines === "mean") {
      const ps = whole(speaking.map(({ p }) => p));
      if (!ps) return { failure: "unparsed", reason: "A member tells no probability." };
      const p = mean(ps);
      const answer = kindOf(question.type).judging?.byScores?.(question, [p, 1 - p]) ?? null;
      return answer ? { answer, p, mass: null } : split;
    }
    const answers = speaking.map(({ answer }) => answer);
    const answer = together(question, answers, order.length);
    const scores = whole(answers.map((each) => scoreOf(question, each)));
    return answer ? { answer, p: scores && mean(scores), mass: null } : split;
  }
}

/** How a cascade settles: by this it goes wherever one of its members may be the last that is asked. */
interface Settling {
  question: Question;
  settles: Settlement;
}

/**
 * On which of two responses all replies of a cascade's member settle, by the cascade's own rule and not the member's, for
 * it is the cascade's verdict that is to agree with people; and how sure they are. Null where they settle on neither.
 * @param replies all of one task, each with a verdict
 */
export function decidedBy(
  { question, settles }: Settling,
  replies: readonly Pick<MemberReply, "order" | "answer" | "p">[],
  slope: number,
): { isFirst: boolean; sure: number } | null {
  const ps = whole(replies.map(({ p }) => p));
  const sure = ps && sureness(ps, slope);
  const verdicts = replies.flatMap(({ answer, order, p }) =>
    answer ? [{ answer, order: order ?? [], p: p === null ? null : calibrated(p, slope) }] : [],
  );
  const settled = settledBy({ question, settles }, verdicts);
  const score = settled && scoreOf(question, settled);
  return sure === null || score === null || score === 0.5 ? null : { isFirst: score === 1, sure };
}

/** Whether what a member of a cascade says stands without the next being asked. */
export function stands(of: Settling, { isWhole, replies, slope }: Member, threshold: number): boolean {
  const decided = isWhole ? decidedBy(of, replies, slope) : null;
  return decided !== null && decided.sure >= threshold;
}

/**
 * What a cascade says in one order: what the last member that was asked does.
 * @param members those that were asked, in their order
 */
export function cascadeSays(
  question: Question,
  members: readonly Member[],
  order: readonly number[],
): Combined {
  const last = members[members.length - 1];
  const replies = inOrder(last, order);
  const said = replies.flatMap(({ answer, p }) => (answer ? [{ answer, p }] : []));
  const answers = said.map(({ answer }) => answer);
  const answer = answers.length === replies.length ? together(question, answers, order.length) : null;
  const ps = whole(said.map(({ p }) => p));
  const failed = replies.find(({ failure }) => failure !== null);
  return {
    said: answer
      ? { answer, p: ps && mean(ps.map((p) => calibrated(p, last.slope))), mass: null }
      : {
          failure: failed?.failure ?? "contradictory",
          reason: `${last.name}: ${failed?.reason ?? "its samples settle nothing."}`,
        },
    account: accountOf(
      members.flatMap((member) => inOrder(member, order)),
      last.name,
      members
        .map((member) =>
          lineOf(
            question,
            member.name,
            member === last ? answer : null,
            inOrder(member, order),
            member === last ? "" : "not sure enough, passed on",
          ),
        )
        .join("\n"),
    ),
  };
}

/** What a member said, as a line of the account. */
function lineOf(
  question: Question,
  name: string,
  answer: Answer | null,
  replies: readonly MemberReply[],
  otherwise = "no verdict",
): string {
  const ps = whole(replies.map(({ p }) => p));
  const score = answer ? scoreOf(question, answer) : null;
  const words = score === null ? (answer ? "a verdict" : otherwise) : scoreWords(score);
  return `${name}: ${words}${ps ? `, p ${mean(ps).toFixed(2)}` : ""}`;
}

const scoreWords = (score: number) =>
  score === 1 ? "for the first" : score === 0 ? "for the second" : "for neither";

/** What replies took together; what nobody knows of one, nobody knows of all. */
function accountOf(replies: readonly MemberReply[], model: string | null, reply: string): Account {
  const sum = (field: "input" | "output" | "cost" | "ms") => {
    const known = whole(replies.map((each) => each[field]));
    return known?.reduce((total, each) => total + each, 0) ?? null;
  };
  return {
    ...{ reply, reasoning: null, model, fingerprint: null },
    ...{ input: sum("input"), output: sum("output"), cost: sum("cost"), ms: sum("ms") },
    attempts: replies.reduce((total, { attempts }) => total + attempts, 0),
  };
}
