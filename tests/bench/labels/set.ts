import { basename, resolve } from "node:path";
import { SetRefused, type Table, tablesIn } from "./table";

/** A comparison of two responses: what people said of it, and what judges did. 1 the first won, 0 the second, ½ neither. */
export interface Item {
  prompt: string;
  /** What prompts have in common, such as their topic. */
  kind: string;
  /** Whose responses they are: models, or the responses themselves. */
  sides: [string, string] | null;
  texts: [string, string] | null;
  votes: number[];
  judges: (number | null)[];
}

export interface LabelSet {
  name: string;
  items: Item[];
  judges: string[];
  /** What was taken for what, for the reader to check. */
  read: string[];
}

const KEYS = ["pair_id", "comparison_id", "item_id", "task_id", "idx", "id"];
const PROMPTS = ["question_id", "prompt_id", "instruction", "prompt", "question", "topic", "debate"];
const KINDS = ["debate", "topic", "domain", "category", "language"];
const SIDES = [
  ["model_a", "model_b"],
  ["model_1", "model_2"],
  ["model1", "model2"],
  ["a1", "a2"],
  ["response_a_id", "response_b_id"],
];
const TEXTS = [
  ["response1", "response2"],
  ["response_1", "response_2"],
  ["response_a", "response_b"],
  ["text_a", "text_b"],
  ["answer1", "answer2"],
];
const RATERS = [
  "rater",
  "rater_id",
  "annotator",
  "annotator_id",
  "worker",
  "worker_id",
  "judge",
  "user",
  "user_id",
  "labeler",
  "evaluator",
];
const VERDICTS = [
  "winner",
  "verdict",
  "value",
  "label",
  "preference",
  "choice",
  "outcome",
  "vote",
  "judgement",
  "judgment",
];
const CHANCES = ["judge_probability", "probability", "prob", "p_a", "prob_a", "p"];
const JUDGED = /^judge_verdict$|_(result|verdict|winner|preference)$/;
const WIDE = /^(annotator|rater|human|worker|vote)[ _-]?\d+$/i;
const TEXT = ["text", "content", "response", "output"];

const FIRST = [
  "a",
  "model_a",
  "response_a",
  "a1",
  "first",
  "left",
  "response1",
  "response_1",
  "model_1",
  "model1",
  "a>b",
  "[[a]]",
];
const SECOND = [
  "b",
  "model_b",
  "response_b",
  "a2",
  "second",
  "right",
  "response2",
  "response_2",
  "model_2",
  "model2",
  "b>a",
  "[[b]]",
];
const NEITHER = [
  "tie",
  "equal",
  "both",
  "same",
  "draw",
  "neither",
  "both_bad",
  "bothbad",
  "tie (inconsistent)",
  "tie (bothbad)",
  "[[c]]",
];

/**
 * Reads a folder of comparisons that several people judged. It must hold one table of judgements, a row each (a rater, a
 * verdict, and which comparison: `pair_id`, `item_id`, `idx`, …, or `question_id` with `model_a` and `model_b`) or a row a
 * comparison with columns `annotator1`, `annotator2`, …; it may hold a judge (other tables with the same key and a
 * verdict, `…_result` or `judge_probability`; rows of `kind` model; columns `judge_verdict` or `judge_probability`), and
 * the texts compared. README.md has the names.
 */
export function readSet(folder: string): LabelSet {
  const name = basename(resolve(folder));
  const tables = tablesIn(folder);
  const human = judgementsIn(tables);
  if (!human)
    throw new SetRefused(
      `${name}: no table of people's judgements. It needs a row a judgement with a rater (${RATERS.slice(0, 5).join(", ")}, …), a verdict (${VERDICTS.slice(0, 4).join(", ")}, …) and the comparison (${KEYS.slice(0, 3).join(", ")}, … or question_id, model_a, model_b), or columns annotator1, annotator2, …`,
    );
  const { table, key, wide, rater, verdict } = human;
  const read = [`people: ${table.file}, ${wide ? wide.join(" ") : verdict}, by ${key.join(" + ")}`];
  const sided = key.length > 1;
  const place = (row: Record<string, string>) => {
    const [a, b] = [row[key[1]] ?? "", row[key[2]] ?? ""];
    const turned = sided && b < a;
    const [one, other] = turned ? [b, a] : [a, b];
    const at = sided ? [row[key[0]], one, other, ...key.slice(3).map((each) => row[each])] : [row[key[0]]];
    return { id: JSON.stringify(at), turned };
  };
  const facts = new Map<string, Record<string, string>>();
  for (const other of tables)
    if (key.every((each) => other.columns.has(each)))
      for (const row of other.rows) {
        const { id, turned } = place(row);
        facts.set(id, { ...(turned ? mirrored(row) : row), ...facts.get(id) });
      }
  const votes = new Map<string, Map<string, number>>();
  const judged = new Map<string, Map<string, number | null>>();
  const kind = ["kind", "rater_kind"].find((each) => table.rows.some((row) => row[each] === "model"));
  const verdicts = wide ?? [verdict];
  const coded = codingOf(table, verdicts);
  for (const column of verdicts) {
    for (const [at, row] of table.rows.entries()) {
      const { id, turned } = place(row);
      if ((row[column] ?? "") === "" && wide) continue;
      const y = coded(row[column] ?? "");
      if (kind && row[kind] === "model") {
        put(judged, row[rater] ?? "model", id, turned && y !== null ? 1 - y : y);
        continue;
      }
      if (y === null)
        throw new SetRefused(
          `${table.file}, row ${at + 1}, ${column}: “${row[column] ?? ""}” is no verdict; write a, b or tie (or 1, 2, 0).`,
        );
      put(votes, id, wide ? column : (row[rater] ?? ""), turned ? 1 - y : y);
    }
  }
  for (const { table: from, column, by } of judgesIn(tables, table, key)) {
    const coded = codingOf(from, [column]);
    for (const row of from.rows) {
      const { id, turned } = place(row);
      const y = coded(row[column] ?? "");
      put(judged, by ? row[by] : `${from.file}:${column}`, id, turned && y !== null ? 1 - y : y);
    }
  }
  const judges = [...judged.keys()].sort();
  read.push(judges.length > 0 ? `judges: ${judges.join(", ")}` : "judges: none");
  const texts = textsOf(tables);
  const items = [...votes].map(([id, said]) => {
    const fact = facts.get(id) ?? {};
    const promptColumn = PROMPTS.find((each) => fact[each]);
    const sides = sidesOf(fact);
    return {
      prompt: promptColumn ? fact[promptColumn] : id,
      kind: fact[KINDS.find((each) => fact[each]) ?? ""] ?? (promptColumn ? fact[promptColumn] : id),
      sides,
      texts: textsIn(fact, sides, texts),
      votes: [...said.values()],
      judges: judges.map((each) => judged.get(each)?.get(id) ?? null),
    };
  });
  const count = items.reduce((sum, { votes: each }) => sum + each.length, 0);
  if (count < 200 || items.length < 50)
    throw new SetRefused(
      `${table.file}: ${count} judgements of ${items.length} comparisons are too few to draw samples from; at least 200 of 50.`,
    );
  return { name, items, judges, read };
}

/** A row with its two sides changed over. */
function mirrored(row: Record<string, string>): Record<string, string> {
  const turned = { ...row };
  for (const [a, b] of [...SIDES, ...TEXTS])
    if (row[a] !== undefined && row[b] !== undefined) [turned[a], turned[b]] = [row[b], row[a]];
  return turned;
}

function put<T>(into: Map<string, Map<string, T>>, one: string, other: string, value: T): void {
  const inner = into.get(one) ?? new Map<string, T>();
  into.set(one, inner);
  inner.set(other, value);
}

interface Judgements {
  table: Table;
  key: string[];
  wide: string[] | null;
  rater: string;
  verdict: string;
}

/** The table of people's judgements: the one with the most raters, then rows. */
function judgementsIn(tables: readonly Table[]): Judgements | null {
  const found = tables.flatMap((table): (Judgements & { raters: number })[] => {
    const key = keyOf(table);
    if (!key) return [];
    const wide = [...table.columns].filter((each) => WIDE.test(each));
    if (wide.length > 1) return [{ table, key, wide, rater: "", verdict: "", raters: wide.length }];
    const [rater, verdict] = [RATERS, VERDICTS].map((names) => names.find((each) => table.columns.has(each)));
    if (!rater || !verdict) return [];
    const raters = new Set(table.rows.map((row) => row[rater])).size;
    return raters > 1 ? [{ table, key, wide: null, rater, verdict, raters }] : [];
  });
  return found.sort((a, b) => b.raters - a.raters || b.table.rows.length - a.table.rows.length)[0] ?? null;
}

function keyOf({ columns }: Table): string[] | null {
  const single = KEYS.find((each) => columns.has(each));
  if (single) return [single];
  const prompt = PROMPTS.find((each) => columns.has(each));
  const sides = SIDES.find(([a, b]) => columns.has(a) && columns.has(b));
  return prompt && sides ? [prompt, ...sides, ...["turn"].filter((each) => columns.has(each))] : null;
}

function judgesIn(tables: readonly Table[], human: Table, key: readonly string[]) {
  return tables.flatMap((table) => {
    if (!key.every((each) => table.columns.has(each))) return [];
    const columns = [...table.columns];
    const chance = CHANCES.find((each) => table.columns.has(each));
    const own = columns.filter((each) => JUDGED.test(each));
    const plain = table === human ? undefined : VERDICTS.find((each) => table.columns.has(each));
    const chosen = chance ? [chance] : own.length > 0 ? own : plain ? [plain] : [];
    const by = table === human ? undefined : RATERS.find((each) => table.columns.has(each));
    return chosen.map((column) => ({ table, column, by }));
  });
}

/** How columns write verdicts: 0 is a tie where 2 occurs, and the second side where it does not. */
function codingOf({ rows }: Table, columns: readonly string[]): (text: string) => number | null {
  const isTernary = rows.some((row) => columns.some((each) => row[each] === "2"));
  return (text) => {
    const said = text.trim().toLowerCase();
    if (FIRST.includes(said)) return 1;
    if (SECOND.includes(said)) return 0;
    if (NEITHER.includes(said)) return 0.5;
    const value = said === "" ? Number.NaN : Number(said);
    if (isTernary) return value === 1 ? 1 : value === 2 ? 0 : value === 0 ? 0.5 : null;
    return value >= 0 && value <= 1 ? value : null;
  };
}

function sidesOf(fact: Record<string, string>): [string, string] | null {
  const names = SIDES.find(([a, b]) => fact[a] && fact[b]);
  if (names) return [fact[names[0]], fact[names[1]]];
  const [a, b, ...more] = (fact.cmp_key ?? "").split("_");
  return a && b && more.length === 0 ? [a, b] : null;
}

/** Texts by the name of their response, where a table has them so. */
function textsOf(tables: readonly Table[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { columns, rows } of tables) {
    const [text, id] = [TEXT, [...columns].filter((each) => /(^|_)id$/.test(each))].map((names) =>
      names.find((each) => columns.has(each)),
    );
    if (text && id) for (const row of rows) if (row[text]) texts.set(row[id], row[text]);
  }
  return texts;
}

function textsIn(
  fact: Record<string, string>,
  sides: [string, string] | null,
  texts: ReadonlyMap<string, string>,
): [string, string] | null {
  const names = TEXTS.find(([a, b]) => fact[a] !== undefined && fact[b] !== undefined);
  if (names) return [fact[names[0]], fact[names[1]]];
  const [one, other] = (sides ?? []).map((side) => texts.get(side));
  return one !== undefined && other !== undefined ? [one, other] : null;
}
