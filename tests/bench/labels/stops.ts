import { spendingBounds } from "@/server/statistics/design/spending";
import { jointMean, type Study } from "@/server/statistics/joint/study";
import { randomOf } from "@/server/statistics/math/random";
import type { Known } from "./known";
import { drawStudy, type Judgements, rowsOf } from "./mean";

const LOOKS = 6;

/**
 * Studies that are looked at six times and end as soon as the interval is narrow enough or leaves ½ out: how often the
 * interval at the end holds the truth, by the bounds of α-spending and by an interval made for one look.
 */
export function stops(
  judgements: Judgements,
  known: Known,
  { runs, half, seed }: { runs: number; half: number; seed: number },
): void {
  const all = judgements.y.length;
  const rows = rowsOf(judgements, known);
  const most = Math.min(0.8 * all, 1 / ((half / 1.96) ** 2 / judgements.variance + 1 / all));
  for (const rule of ["spending", "one look"] as const) {
    const random = randomOf(seed + 20);
    let [held, asked, narrow] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const whole = drawStudy(judgements, rows, most, random, false);
      const at = Float64Array.from(whole.asked, random);
      const fractions: number[] = [];
      for (let look = 1; look <= LOOKS; look++) {
        const study = partOf(whole, at, look / LOOKS);
        if (study.asked.length < 10) continue;
        const plain = jointMean(study, { seed: run });
        if (plain.se === null) continue;
        // All of α is spent at the last look and not before, whatever the errors say.
        const reached =
          look === LOOKS ? 1 : Math.min(1 - 0.001 * (LOOKS - look), (half / 1.96 / plain.se) ** 2);
        if (fractions.length > 0 && reached <= fractions[fractions.length - 1]) continue;
        fractions.push(reached);
        const bounds = rule === "spending" ? spendingBounds(fractions) : [];
        const found = rule === "spending" ? jointMean(study, { seed: run, bound: bounds.at(-1) }) : plain;
        if (found.low === null || found.high === null) continue;
        const isNarrow = found.high - found.low <= 2.04 * half;
        if (!isNarrow && found.low <= 0.5 && found.high >= 0.5 && look < LOOKS) continue;
        if (found.low <= judgements.truth && judgements.truth <= found.high) held++;
        asked += study.asked.length / runs;
        if (isNarrow) narrow++;
        break;
      }
    }
    console.log(
      `  ended early where narrow or decided, ${rule.padEnd(9)}: covers ${((100 * held) / runs).toFixed(1)} %, asked ${asked.toFixed(0)} on average, ${((100 * narrow) / runs).toFixed(0)} % ended narrow`,
    );
  }
}

/** A study as it stood when a share of its answers had come, in random order. */
function partOf(study: Study, at: Float64Array, share: number): Study {
  const kept = [...study.asked.keys()].filter((a) => at[a] < share);
  return {
    ...study,
    chance: study.chance.map((p) => p * share),
    asked: Int32Array.from(kept, (a) => study.asked[a]),
    y: Float64Array.from(kept, (a) => study.y[a]),
  };
}
