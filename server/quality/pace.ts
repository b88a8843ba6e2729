import type { RaterPace } from "../../db/shape/quality";
import { groupBy } from "../group";
import { normalCdf } from "../statistics/math/normal";
import type { Judgement } from "./inputs";
import type { Part } from "./part";
import { agreementByVote } from "./rater-figures";

/**
 * Characters a second, prompt and responses, that nobody reads: 750 words a minute at six characters a word. Reading for
 * meaning is 200–400, and understanding falls off beyond it (Rayner et al., Psychological Science in the Public Interest
 * 17, 2016). Scripts that write a word in two characters have a third of it.
 */
const FASTEST = { letters: 75, words: 25 };
const WORD_SCRIPTS = /^(zh|ja|yue|wuu)\b/;

/** A pause that ends a session, and how many judgements a session needs to tell the first third from the last. */
const PAUSE_MS = 30 * 60_000;
const SESSION = 20;

/** How each rater works: hours, reading speed, and whether agreement falls over a session. */
export function paceOf(judgements: readonly Judgement[], parts: readonly Part[]): RaterPace[] {
  const voted = votesByMoment(parts);
  return [...groupBy(judgements, (each) => each.rater_id)].map(([raterId, own]) => {
    const timed = own.flatMap(({ visible_ms: ms, ...rest }) =>
      ms !== null && ms > 0 ? [{ ...rest, ms }] : [],
    );
    const speeds = timed.map(({ characters, ms }) => (1000 * characters) / ms);
    const { fresh, tired } = thirdsOf(own);
    const votesOf = (some: readonly Judgement[]) =>
      some.flatMap(({ at }) => voted.get(`${raterId} ${at}`) ?? []);
    return {
      raterId,
      judgements: own.length,
      timed: timed.length,
      hours: timed.reduce((sum, { ms }) => sum + ms, 0) / 3_600_000,
      charactersPerSecond: medianOf(speeds),
      tooFast: timed.filter(({ language }, at) => speeds[at] > fastestIn(language)).length,
      fresh: total(votesOf(fresh)),
      tired: total(votesOf(tired)),
      fatigue: chanceOfFall(votesOf(fresh), votesOf(tired)),
    };
  });
}

const fastestIn = (language: string | null): number =>
  language && WORD_SCRIPTS.test(language) ? FASTEST.words : FASTEST.letters;

interface Compared {
  alike: number;
  of: number;
}

/** How votes compare with others on the same item, by who gave them when. */
function votesByMoment(parts: readonly Part[]): Map<string, Compared[]> {
  const found = new Map<string, Compared[]>();
  for (const part of parts) {
    const { alike, of } = agreementByVote(part);
    for (let v = 0; v < part.value.length; v++) {
      if (of[v] === 0) continue;
      const key = `${part.raters[part.rater[v]]} ${part.at[v]}`;
      const known = found.get(key);
      if (known) known.push({ alike: alike[v], of: of[v] });
      else found.set(key, [{ alike: alike[v], of: of[v] }]);
    }
  }
  return found;
}

const total = (votes: readonly Compared[]): Compared =>
  votes.reduce((sum, { alike, of }) => ({ alike: sum.alike + alike, of: sum.of + of }), { alike: 0, of: 0 });

/** Judgements of the first and of the last third of each session that is long enough, in the order given. */
function thirdsOf(judgements: readonly Judgement[]): { fresh: Judgement[]; tired: Judgement[] } {
  const sessions: Judgement[][] = [];
  for (const [at, judgement] of judgements.entries())
    if (at === 0 || judgement.at - judgements[at - 1].at > PAUSE_MS) sessions.push([judgement]);
    else sessions[sessions.length - 1].push(judgement);
  const long = sessions.filter(({ length }) => length >= SESSION);
  return {
    fresh: long.flatMap((session) => session.slice(0, Math.floor(session.length / 3))),
    tired: long.flatMap((session) => session.slice(-Math.floor(session.length / 3))),
  };
}

/**
 * How likely a fall of the mean agreement as great as this is by chance, one-sided: the difference of two means of votes
 * over its standard error, normal. Null below 30 votes on either side, or where nothing varies.
 */
function chanceOfFall(fresh: readonly Compared[], tired: readonly Compared[]): number | null {
  const [one, other] = [fresh, tired].map((votes) => {
    const shares = votes.map(({ alike, of }) => alike / of);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return {
      n: shares.length,
      mean,
      variance: shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1),
    };
  });
  if (one.n < 30 || other.n < 30) return null;
  const error = Math.sqrt(one.variance / one.n + other.variance / other.n);
  return error > 0 ? normalCdf((other.mean - one.mean) / error) : null;
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  if (sorted.length === 0) return null;
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}
