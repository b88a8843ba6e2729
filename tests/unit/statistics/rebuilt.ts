import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { z } from "zod";

/** A case of the shared goldens whose input is a file and a derivation in words, with the input made by us. */
export interface Rebuilt {
  input: unknown;
  options?: Record<string, unknown>;
  /** Which part of the answer is expected, and how it is called there. */
  view?: (value: Record<string, unknown>) => unknown;
}

type Maker = () => Rebuilt;

const text = z.string();
const pandalmRow = z.object({
  annotator1: z.number(),
  annotator2: z.number(),
  annotator3: z.number(),
});
const mtbenchRow = z.object({
  question_id: z.number(),
  model_a: text,
  model_b: text,
  winner: text,
  judge: z.unknown(),
  turn: z.number(),
});

/** The makers of all such cases, by id, over the folder of shared data. */
export function rebuiltFrom(folder: string): (id: string) => Rebuilt | undefined {
  const read = (path: string) => readFileSync(`${folder}/${path}`, "utf8");
  const json = <T>(path: string, shape: z.ZodType<T>) => shape.parse(JSON.parse(read(path)));
  const lines = <T>(path: string, shape: z.ZodType<T>) =>
    read(path)
      .trim()
      .split("\n")
      .map((line) => shape.parse(JSON.parse(line)));
  const once = <T>(make: () => T) => {
    let made: { value: T } | undefined;
    return () => {
      made = made ?? { value: make() };
      return made.value;
    };
  };

  const pandalm = once(() =>
    json("pandalm/testset.json", z.array(pandalmRow)).map((row) => [
      row.annotator1,
      row.annotator2,
      row.annotator3,
    ]),
  );
  const signed = once(() => pandalm().map((row) => row.map((value) => [0, 1, -1][value])));
  const gpt = once(() =>
    json("pandalm/gpt-3.5-turbo.json", z.array(z.object({ gpt_result: z.unknown() }))).map(
      ({ gpt_result }) => (String(gpt_result) === "1" ? 1 : String(gpt_result) === "2" ? 0 : 0.5),
    ),
  );
  const halves = once(() => signed().map((row) => row.map((value) => (value + 1) / 2)));
  const majority = once(() =>
    halves().map((row) => {
      const most = [1, 0].find((value) => row.filter((each) => each === value).length >= 2);
      return most ?? 0.5;
    }),
  );
  const labelled = (i: number) => i % 5 === 0;
  const ppi = (lambda?: number): Rebuilt => ({
    input: {
      y: majority().filter((_, i) => labelled(i)),
      f: gpt().filter((_, i) => labelled(i)),
      fUnlabelled: gpt().filter((_, i) => !labelled(i)),
    },
    ...(lambda === undefined ? {} : { options: { lambda } }),
    // What ppi-python says stands in the golden beside what we say.
    view: (value) => ({ ...value, ppiPyLow: undefined, ppiPyHigh: undefined }),
  });
  const pandalmLabels = once(() => ({
    items: pandalm().length,
    raters: 3,
    classes: 3,
    labels: pandalm().flatMap((row, i) => row.map((value, r) => [i, r, value])),
  }));

  const human = once(() => lines("mtbench/human.jsonl", mtbenchRow));
  const outcome = ({ winner }: { winner: string }) => ({ model_a: 1, model_b: 0 })[winner] ?? 0.5;
  const mtbench = once(() => ({
    a: human().map(({ model_a }) => model_a),
    b: human().map(({ model_b }) => model_b),
    y: human().map(outcome),
  }));
  const clustered = once(() => ({ ...mtbench(), cluster: human().map(({ question_id }) => question_id) }));
  const itemOf = ({ question_id, turn, model_a, model_b }: z.output<typeof mtbenchRow>) =>
    `${question_id} ${turn} ${[model_a, model_b].sort().join(" ")}`;
  const signOf = (row: z.output<typeof mtbenchRow>) =>
    (2 * outcome(row) - 1) * (row.model_a < row.model_b ? 1 : -1) || 0;
  const mtbenchItems = once(() => {
    const items = new Map<string, Map<string, number>>();
    for (const row of human()) {
      const votes = items.get(itemOf(row)) ?? new Map<string, number>();
      items.set(itemOf(row), votes);
      votes.set(String(row.judge), signOf(row));
    }
    return items;
  });
  // The goldens push the votes of an item together, judges in the order in which they first appear anywhere: only
  // Conger's κ asks who is who, and has these columns for raters.
  const mtbenchRatings = once(() => {
    const judges = [...new Set(human().map(({ judge }) => String(judge)))];
    return [...mtbenchItems().values()].map((votes) =>
      judges.map((judge) => votes.get(judge)).filter((value) => value !== undefined),
    );
  });
  const lengths = once(() => {
    const answers = new Map<string, number>();
    for (const model of new Set(mtbench().a.concat(mtbench().b)))
      for (const { question_id, choices } of lines(
        `mtbench/model_answer/${model}.jsonl`,
        z.object({ question_id: z.number(), choices: z.array(z.object({ turns: z.array(text) })) }),
      ))
        for (const [turn, reply] of choices[0].turns.entries())
          answers.set(`${question_id} ${turn + 1} ${model}`, reply.length);
    const of = (side: "model_a" | "model_b") =>
      human().map((row) => answers.get(`${row.question_id} ${row.turn} ${row[side]}`) ?? null);
    return { lengthA: of("model_a"), lengthB: of("model_b") };
  });
  const gpt4 = once(() => lines("mtbench/gpt4_pair.jsonl", mtbenchRow));
  const ppiBT = (lambda: number): Rebuilt => {
    const verdicts = new Map(gpt4().map((row) => [itemOf(row), signOf(row)]));
    const rows = [...mtbenchItems()].flatMap(([item, votes]) => {
      const sum = [...votes.values()].reduce((total, vote) => total + vote, 0);
      const [, , a, b] = item.split(" ");
      const f = verdicts.get(item) ?? 0;
      return sum === 0 || f === 0 ? [] : [{ a, b, y: sum > 0 ? 1 : 0, f: f > 0 ? 1 : 0 }];
    });
    return {
      input: {
        a: rows.map(({ a }) => a),
        b: rows.map(({ b }) => b),
        y: rows.map(({ y }, i) => (i % 3 === 0 ? y : null)),
        f: rows.map(({ f }) => f),
      },
      options: { lambda },
    };
  };

  const ukp = once(() =>
    z
      .array(z.object({ pair_id: text, worker: text, value: z.enum(["a1", "a2", "equal"]) }))
      .parse(parse(read("ukpconvarg/annotations.csv"), { columns: true })),
  );
  const ukpRatings = once(() => {
    const items = new Map<string, number[]>();
    for (const { pair_id, value } of ukp())
      items.set(pair_id, [...(items.get(pair_id) ?? []), { a1: 1, equal: 0, a2: -1 }[value]]);
    return [...items.values()];
  });
  const ukpBiased = once(() => {
    const pairs = new Map(
      lines("ukpconvarg/pairs.jsonl", z.object({ pair_id: text, a1: text, a2: text })).map((pair) => [
        pair.pair_id,
        pair,
      ]),
    );
    const length = new Map(
      lines("ukpconvarg/arguments.jsonl", z.object({ arg_id: text, text })).map((each) => [
        each.arg_id,
        each.text.length,
      ]),
    );
    const of = (side: "a1" | "a2") => ukp().map(({ pair_id }) => pairs.get(pair_id)?.[side] ?? "");
    return {
      a: of("a1"),
      b: of("a2"),
      y: ukp().map(({ value }) => ({ a1: 1, equal: 0.5, a2: 0 })[value]),
      rater: ukp().map(({ worker }) => worker),
      lengthA: of("a1").map((argument) => length.get(argument) ?? 0),
      lengthB: of("a2").map((argument) => length.get(argument) ?? 0),
    };
  });

  const squality = once(() =>
    lines(
      "squality/all-responses.jsonl",
      z.object({ "passage-id": z.unknown(), questions: z.record(text, z.record(text, z.unknown())) }),
    ).flatMap(({ questions }) => Object.values(questions)),
  );
  const reviews = z.object({
    reviews: z.array(
      z.object({ worker_id: text, "overall-rating": z.coerce.number(), "overall-rank": z.coerce.number() }),
    ),
  });
  const systems = (question: Record<string, unknown>) =>
    Object.entries(question)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([name, given]) => {
        const read = reviews.safeParse(given);
        return read.success ? [{ name, reviews: read.data.reviews }] : [];
      });
  const squalityRatings = once(() =>
    squality().flatMap((question) =>
      systems(question).map(({ reviews: each }) => each.map((review) => review["overall-rating"])),
    ),
  );
  const squalityRanks = once(() =>
    squality().map((question) => {
      const by = systems(question);
      const workers = by[0].reviews.map((review) => review.worker_id);
      return workers.map((worker) =>
        by.map(({ reviews: each }) => {
          const own = each.find((review) => review.worker_id === worker);
          return own?.["overall-rank"] ?? Number.NaN;
        }),
      );
    }),
  );

  const wmt = once(() => {
    const [header, ...rows] = parse(read("wmt_mqm/sxs_mqm_ende.tsv"), {
      delimiter: "\t",
      quote: null,
      relax_column_count: true,
    }) as string[][];
    const column = (name: string) => header.indexOf(name);
    const items = new Map<string, Map<string, number>>();
    for (const row of rows) {
      const [category, severity] = [
        row[column("category")].toLowerCase(),
        row[column("severity")].toLowerCase(),
      ];
      const weight = category.startsWith("non-translation")
        ? 25
        : severity === "major"
          ? 5
          : severity === "minor"
            ? category.startsWith("fluency/punctuation")
              ? 0.1
              : 1
            : 0;
      const item = `${row[column("system")]} ${row[column("globalSegId")]}`;
      const votes = items.get(item) ?? new Map<string, number>();
      items.set(item, votes);
      const rater = row[column("rater")];
      votes.set(rater, (votes.get(rater) ?? 0) + weight);
    }
    return [...items.values()].map((votes) => [...votes.values()]);
  });

  const pubmed = once(() => {
    const rows = Object.values(
      json(
        "pubmedqa/pqal.json",
        z.record(text, z.object({ reasoning_required_pred: text, reasoning_free_pred: text })),
      ),
    );
    const value = (said: string) => ["no", "maybe", "yes"].indexOf(said);
    return {
      a: rows.map((row) => value(row.reasoning_required_pred)),
      b: rows.map((row) => value(row.reasoning_free_pred)),
      categories: [0, 1, 2],
    };
  });

  const bon = once(() =>
    lines("bon_tulu/bon11.jsonl", z.object({ responses: z.array(z.object({ preference: z.number() })) })).map(
      ({ responses }) => responses.map(({ preference }) => preference),
    ),
  );
  const alpaca = once(() =>
    json(
      "alpaca_eval/alpaca-7b_vs_text_davinci_003.json",
      z.array(z.object({ preference: z.number(), output_1: text, output_2: text })),
    ),
  );

  const tables: Record<string, () => unknown> = {
    "pandalm/choice": pandalm,
    "pandalm/signed": signed,
    mtbench: mtbenchRatings,
    ukp: ukpRatings,
    "squality/overall": squalityRatings,
    wmt: wmt,
  };

  const makers: Record<string, Maker> = {
    "pandalm/alpha-swap-symmetric": () => ({
      input: { ratings: signed() },
      options: { swapSymmetric: true },
      view: ({ symmetric }) => symmetric,
    }),
    "pandalm/cohen/1-2": () => ({ input: cohenOf(0, 1) }),
    "pandalm/cohen/1-3": () => ({ input: cohenOf(0, 2) }),
    "pandalm/cohen/2-3": () => ({ input: cohenOf(1, 2) }),
    "pubmedqa/cohen/identity": () => ({ input: pubmed() }),
    "pubmedqa/cohen/linear": () => ({ input: pubmed() }),
    "pubmedqa/cohen/quadratic": () => ({ input: pubmed() }),
    "squality/icc": () => ({ input: { ratings: squalityRatings() } }),
    "squality/ranks": () => ({ input: { ranks: squalityRanks() } }),
    "mtbench/bt": () => ({ input: clustered() }),
    "mtbench/rank": () => ({ input: clustered() }),
    "mtbench/winMatrix": () => ({ input: mtbench() }),
    "mtbench/davidson": () => ({ input: mtbench() }),
    "mtbench/raoKupper": () => ({ input: mtbench() }),
    "mtbench/elo-online": () => ({ input: mtbench() }),
    "mtbench/fragility": () => ({ input: mtbench() }),
    "mtbench/bt-length": () => ({ input: { ...mtbench(), ...lengths() } }),
    "mtbench/bt-noties": () => {
      const { a, b, y } = mtbench();
      const decided = <T>(column: readonly T[]) => column.filter((_, r) => y[r] !== 0.5);
      return { input: { a: decided(a), b: decided(b), y: decided(y) } };
    },
    "bon/pl": () => ({
      input: {
        rankings: bon().map((row) => byPreference(row).map((i) => [i])),
        objects: 11,
      },
      view: (value) => ({ ...value, noExactTies: false }),
    }),
    "bon/pl-ties": () => ({
      input: { rankings: bon().map((row) => tiersOf(row.slice(0, 4))), objects: 4 },
    }),
    "pandalm/ds": () => ({ input: pandalmLabels(), options: { smoothing: "none" } }),
    "pandalm/ds-smoothed": () => ({ input: pandalmLabels() }),
    "pandalm/mace": () => ({ input: pandalmLabels(), options: { start: { theta: 0.7, restarts: 1 } } }),
    "pandalm/wawa": () => ({ input: pandalmLabels() }),
    "mtbench/crowdbt": () => ({ input: { ...mtbench(), rater: human().map(({ judge }) => String(judge)) } }),
    "ukp/biased-bt": () => ({
      input: ukpBiased(),
      view: (value) => {
        const names = [...new Set(ukpBiased().a.concat(ukpBiased().b))].sort();
        const theta = z.array(z.number()).parse(value.theta);
        return {
          ...value,
          thetaFirst3: Object.fromEntries(names.slice(0, 3).map((name, i) => [name, theta[i]])),
        };
      },
    }),
    "pandalm/ppi-mean/pp": () => ppi(),
    "pandalm/ppi-mean/ppi": () => ppi(1),
    "pandalm/ppi-mean/classical": () => ppi(0),
    "mtbench/ppi-bt/lambda0.0": () => ppiBT(0),
    "mtbench/ppi-bt/lambda0.5": () => ppiBT(0.5),
    "mtbench/ppi-bt/lambda1.0": () => ppiBT(1),
    "pandalm/active": () => ({
      input: {
        items: gpt().map((f, i) => {
          const p = f === 0.5 ? 0.6 : 0.2;
          const chosen = ((i + 1) * 0.6180339887498949) % 1 < p;
          return chosen ? { f, p, y: majority()[i] } : { f, p };
        }),
      },
    }),
    "pandalm/judge": () => ({ input: { judge: gpt(), humans: halves() } }),
    "mtbench/judge-consistency": () => ({ input: { verdicts: gpt4().map(({ winner }) => winner) } }),
    "alpaca/lc-minimal": () => ({
      input: {
        y: alpaca().map(({ preference }) => [0.5, 0, 1][preference]),
        lengthModel: alpaca().map(({ output_2 }) => [...output_2].length),
        lengthBase: alpaca().map(({ output_1 }) => [...output_1].length),
      },
    }),
  };

  function cohenOf(one: number, other: number) {
    return {
      a: pandalm().map((row) => row[one]),
      b: pandalm().map((row) => row[other]),
      categories: [0, 1, 2],
    };
  }

  return (id) => {
    if (Object.hasOwn(makers, id)) return makers[id]();
    const table = Object.keys(tables).find((name) => id.startsWith(`${name}/`));
    return table ? { input: { ratings: tables[table]() } } : undefined;
  };
}

/** Objects by falling preference, equals in the order they stand in. */
function byPreference(preference: readonly number[]): number[] {
  return [...preference.keys()].sort((i, j) => preference[j] - preference[i]);
}

/** Tiers of equal preference to one decimal, best first, rounded as Python does: the nearer, halves to even. */
function tiersOf(preference: readonly number[]): number[][] {
  const rounded = preference.map((value) => Number(value.toFixed(1)));
  const levels = [...new Set(rounded)].sort((one, other) => other - one);
  return levels.map((level) => [...rounded.keys()].filter((i) => rounded[i] === level));
}
