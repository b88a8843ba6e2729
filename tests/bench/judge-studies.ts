import { answersOf, besidePeople, outcomeScale } from "@/server/statistics/judge/beside-people";
import { type Compared, inOrder, type Outcome } from "@/server/statistics/judge/compared";
import { cyclesOf } from "@/server/statistics/judge/cycles";
import { reliability } from "@/server/statistics/judge/reliability";
import { swayOf } from "@/server/statistics/judge/sway";
import { randomOf } from "@/server/statistics/math/random";

type Random = () => number;
interface Bounds {
  estimate: number | null;
  low: number | null;
  high: number | null;
}

const turned = { a: "b", b: "a", tie: "tie", both_bad: "both_bad" } as const;
const coin = (random: Random): Outcome => (random() < 0.5 ? "a" : "b");

/**
 * Comparisons of three responses to each of so many prompts. What is better is harder to tell for some prompts than for
 * others, for people and the judge alike; the judge likes what it reads first, and what is long.
 */
export function judgedPrompts(prompts: number, random: Random): Compared[] {
  return Array.from({ length: prompts }, (_, prompt) => {
    const clear = random();
    const worth = [0, 1, 2].map(() => random());
    return [
      [0, 1],
      [1, 2],
      [2, 0],
    ].map(([a, b]): Compared => {
      const better = worth[a] > worth[b] ? "a" : "b";
      const longer = random() < 0.6 ? better : turned[better];
      const person = (): Outcome =>
        random() < 0.15 ? "tie" : random() < 0.3 + 0.6 * clear ? better : coin(random);
      const said = (aFirst: boolean): Outcome => {
        if (random() < 0.15) return aFirst ? "a" : "b";
        if (random() < 0.1) return longer;
        return random() < 0.2 + 0.6 * clear ? better : coin(random);
      };
      const lean = () => 0.5 + 0.5 * random();
      const verdicts = [true, false].flatMap((aFirst) =>
        [0, 1].map((sample) => {
          const outcome = said(aFirst);
          return { aFirst, sample, outcome, p: outcome === "a" ? lean() : 1 - lean() };
        }),
      );
      const judged = {
        verdicts,
        prompt: `p${prompt}`,
        a: `${a}`,
        b: `${b}`,
        lengthA: 0,
        lengthB: 0,
        verdict: null,
        people: [],
      };
      const [first, second] = [inOrder(judged, true), inOrder(judged, false)];
      return {
        ...judged,
        verdict: first === second ? first : "tie",
        ...{ lengthA: longer === "a" ? 900 : 400, lengthB: longer === "a" ? 400 : 900 },
        people: Array.from({ length: 1 + Math.floor(3 * random()) }, person),
      };
    });
  }).flat();
}

const beside = (compared: readonly Compared[]) =>
  besidePeople(answersOf(compared), outcomeScale(compared, { drawn: true }));

/** The intervals of a judge's card, by what they are of. */
const figures: Record<string, (compared: readonly Compared[]) => Bounds> = {
  "judge: κ with people": (compared) => beside(compared).kappa,
  "judge: AC1 with people": (compared) => beside(compared).ac,
  "judge: κ of two people, the ceiling": (compared) => beside(compared).shared.kappa.people,
  "judge: κ less the ceiling": (compared) => beside(compared).shared.kappa.gap,
  "judge: consistency when swapped": (compared) => swayOf(compared).consistency,
  "judge: first shown": (compared) => swayOf(compared).first,
  "judge: longer": (compared) => swayOf(compared).longer,
  "judge: longer, beside people": (compared) => swayOf(compared).longerThanPeople,
  "judge: retest": (compared) => swayOf(compared).retest,
  "judge: overconfidence": (compared) => reliability(compared).overconfidence,
  "judge: circles of three": (compared) => cyclesOf(compared),
};

/** Studies of each figure: an interval from so many prompts, and the truth, which is its value on very many. */
export function judgeStudies(truthFrom = 40_000) {
  const large = () => judgedPrompts(truthFrom, randomOf(97));
  let sample: Compared[] | undefined;
  return Object.entries(figures).map(([name, of]) => {
    let truth: number | undefined;
    return {
      name,
      study(n: number, random: Random) {
        sample ??= large();
        truth ??= of(sample).estimate ?? Number.NaN;
        return [{ interval: of(judgedPrompts(n, random)), truth }];
      },
    };
  });
}
