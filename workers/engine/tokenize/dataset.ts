import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseJson, writeJson } from "../../../db/shape/written-json";
import { EngineError } from "../errors";
import { factsOf } from "../loss/catalog";
import type { RunSpec, SftSpec } from "../spec/spec";
import {
  type Example,
  type ExampleKind,
  exampleShapes,
  type Place,
  parseExample,
  placeOf,
  refuseEmptySides,
  type Text,
} from "./examples";
import { demonstrationsFrom } from "./feedback";
import { packRows } from "./packing";
import { multipliers, rowWeight } from "./row-weight";
import type { KtoRow, PreferenceRow, RankedRow, RewardRow, SftRow } from "./rows";
import { type MaxLength, tokenizeKto, tokenizePreference, tokenizeRanked, tokenizeReward } from "./sequences";
import { tokenizeSft } from "./sft";
import { type Dropped, withPrompt } from "./sides";
import type { ChatTokenizer } from "./tokenizer";

/** A dataset ready for batching, tagged with the form of its rows. */
export type Dataset =
  | { kind: "sft"; rows: SftRow[] }
  | { kind: "preference"; rows: PreferenceRow[] }
  | { kind: "reward"; rows: RewardRow[] }
  | { kind: "kto"; rows: KtoRow[] }
  | { kind: "ranked"; rows: RankedRow[] };

export interface DroppedRow {
  row: number;
  reason: string;
}

/** What was noticed while a file was read. */
export interface Loaded {
  dataset: Dataset;
  /** Examples that were kept: as many as rows, unless these are packed. */
  examples: number;
  dropped: DroppedRow[];
  /**
   * Lines whose text spells a special token, such as a pasted `<|im_end|>`: as in the reference it becomes that
   * token, and a turn seems to end where its author only quoted.
   */
  spelling: number[];
  /** Lines whose prompt's tokens do not begin those of prompt + answer; see `splitSides`. */
  parted: number[];
}

/** Which form of rows a run reads. */
function exampleKind(spec: RunSpec): ExampleKind {
  const isRanked = spec.loss_type.some((loss) => factsOf(spec.method, loss).rows === "ranking");
  return isRanked ? "ranked" : spec.method;
}

/** What a file is read for. Weights act in training; an evaluation counts every row once. */
export type Use = "train" | "evaluate";

/**
 * Reads, checks and tokenises the rows of one file for a run.
 * @throws EngineError naming file, row and field of the first row that is not valid, or if no row is left.
 */
export function loadRows(file: string, spec: RunSpec, tokenizer: ChatTokenizer, use: Use): Loaded {
  const noticed: Noticed = { use, examples: null, dropped: [], parted: new Set(), weights: new Map() };
  const dataset = tokenizeFile(file, spec, tokenizer, noticed);
  const { dropped } = noticed;
  if (dataset.rows.length === 0) {
    const why = dropped.length === 0 ? "it is empty" : `all were dropped: ${summarizeDrops(dropped)}`;
    throw new EngineError(`${file} has no row to ${use} on: ${why}.`);
  }
  const spelling = Array.from(spec.sanitize_control_tokens ? [] : readJsonLines(file))
    .filter(({ value }) => spellsSpecialToken(value, tokenizer))
    .map(({ row }) => row);
  return {
    dataset,
    examples: noticed.examples ?? dataset.rows.length,
    dropped,
    spelling,
    parted: [...noticed.parted].sort((a, b) => a - b),
  };
}

/** What is noted of a file's lines while they are tokenised. */
interface Noticed {
  use: Use;
  /** Examples before they were packed. */
  examples: number | null;
  dropped: DroppedRow[];
  parted: Set<number>;
  /** By line. */
  weights: Map<number, number>;
}

/** An end-of-sequence token that closes a text is meant as one. */
function spellsSpecialToken(value: unknown, { specialTexts, eosToken }: ChatTokenizer): boolean {
  const json = writeJson(value).replaceAll(`${eosToken}"`, '"');
  return specialTexts.some((special) => json.includes(special));
}

/** "3 rows because …; 1 row because …", most frequent reason first; a reason's figures, in brackets, are left out. */
export function summarizeDrops(dropped: readonly DroppedRow[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of dropped) {
    const kind = reason.replace(/ \([^)]*\)$/, "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${count === 1 ? "row" : "rows"} because ${reason}`)
    .join("; ");
}

function tokenizeFile(file: string, spec: RunSpec, tokenizer: ChatTokenizer, noticed: Noticed): Dataset {
  if (spec.method === "sft") return { kind: "sft", rows: loadSft(file, spec, tokenizer, noticed) };
  const { max_length } = spec;
  const kind = exampleKind(spec);
  if (kind === "ranked") {
    const rows = collect(file, kind, noticed, (example) => tokenizeRanked(tokenizer, example, max_length));
    return { kind, rows: weighed(rows, noticed) };
  }
  if (spec.method === "reward") {
    const rows = collect(file, "reward", noticed, (example) =>
      tokenizeReward(tokenizer, example, max_length),
    );
    return { kind: "reward", rows: weighed(rows, noticed) };
  }
  if (spec.method === "kto") {
    return { kind: "kto", rows: weighed(loadKto(file, max_length, tokenizer, noticed), noticed) };
  }
  const rows = collect(file, "preference", noticed, (example) =>
    tokenizePreference(tokenizer, example, max_length),
  );
  return { kind: "preference", rows: weighed(rows, noticed) };
}

/** Rows with what their loss is multiplied by; as they are where all weigh the same. */
function weighed<Row extends { row: number }>(
  rows: Row[],
  { weights }: Noticed,
): (Row & { weight?: number })[] {
  const own = rows.map(({ row }) => weights.get(row) ?? 1);
  const factors = multipliers(
    own,
    own.map(() => 1),
  );
  return factors === null ? rows : rows.map((row, index) => ({ ...row, weight: factors[index] }));
}

/** The same by token: packing puts rows of several weights into one. */
function weighedTokens(rows: SftRow[], { weights }: Noticed): SftRow[] {
  const factors = multipliers(
    rows.map(({ row }) => weights.get(row) ?? 1),
    rows.map(({ labels }) => labels.filter(Boolean).length),
  );
  if (factors === null) return rows;
  return rows.map((row, index) => ({ ...row, weights: row.input_ids.map(() => factors[index]) }));
}

/** Notes the weight of a line. @returns whether it is 0, so that the row is left out */
function isWeightless(value: unknown, place: Place, { use, weights, dropped }: Noticed): boolean {
  const weight = rowWeight(value, place);
  if (use === "evaluate") return false;
  weights.set(place.row, weight);
  if (weight > 0) return false;
  dropped.push({ row: place.row, reason: "its weight is 0" });
  return true;
}

/** Rows of KTO that are unpaired together: TRL maps its dataset in blocks of this size. */
const unpairedBlock = 1000;

/** Answers with a label; comparisons are taken apart as TRL does, all better answers of a block, then all worse ones. */
function loadKto(file: string, maxLength: MaxLength, tokenizer: ChatTokenizer, noticed: Noticed): KtoRow[] {
  const lines = Array.from(readJsonLines(file));
  const paired = exampleShapes.preference.safeParse(lines[0]?.value).success;
  if (!paired) return collect(file, "kto", noticed, (example) => tokenizeKto(tokenizer, example, maxLength));
  const sides = collect(file, "preference", noticed, (example) => {
    const { prompt, chosen, rejected } = withPrompt(example);
    const side = (completion: Text, label: boolean) =>
      tokenizeKto(tokenizer, { ...example, prompt, completion, label }, maxLength);
    return { chosen: side(chosen, true), rejected: side(rejected, false) };
  });
  return Array.from({ length: Math.ceil(sides.length / unpairedBlock) }, (_, i) =>
    sides.slice(i * unpairedBlock, (i + 1) * unpairedBlock),
  ).flatMap((block) =>
    (["chosen", "rejected"] as const).flatMap((name) =>
      block.flatMap(({ row, [name]: tokens }) => {
        return kept(row, tokens, noticed);
      }),
    ),
  );
}

function loadSft(file: string, spec: SftSpec, tokenizer: ChatTokenizer, noticed: Noticed): SftRow[] {
  const options = {
    maxLength: spec.max_length,
    assistantOnly: spec.assistant_only_loss,
    completionOnly: spec.completion_only_loss,
    packing: spec.packing,
  };
  const rows: SftRow[] = [];
  for (const { value, row } of readJsonLines(file)) {
    const place = { file, row };
    const demonstrations = demonstrationsFrom(spec.feedback, value, place);
    if (isWeightless(value, place, noticed)) continue;
    for (const example of demonstrations) {
      refuseEmptySides(example, place);
      const tokens = located(place, () => tokenizeSft(tokenizer, example, options));
      rows.push(...kept(row, tokens, noticed));
    }
  }
  const weighted = weighedTokens(rows, noticed);
  if (!spec.packing || spec.max_length === null) return weighted;
  noticed.examples = rows.length;
  return packRows(weighted, spec.max_length, spec.packing_strategy);
}

function collect<Kind extends ExampleKind, Tokens extends object>(
  file: string,
  kind: Kind,
  noticed: Noticed,
  tokenize: (example: Example<Kind>) => Tokens | Dropped,
): ({ row: number } & Tokens)[] {
  return readExampleLines(file, kind, (example, place, value) => {
    refuseEmptySides(example, place);
    if (isWeightless(value, place, noticed)) return [];
    return kept(place.row, tokenize(example), noticed);
  }).flat();
}

/** The row, unless it was dropped; what is worth telling of it is noted. */
function kept<Tokens extends object>(
  row: number,
  tokens: Tokens | Dropped,
  { dropped, parted }: Noticed,
): ({ row: number } & Tokens)[] {
  if ("dropped" in tokens) {
    dropped.push({ row, reason: tokens.dropped });
    return [];
  }
  if ("parted" in tokens && tokens.parted === true) parted.add(row);
  return [{ row, ...tokens }];
}

/**
 * Checks every line of a JSONL file as an example of `kind` and maps it.
 * @throws EngineError naming file, row and field of the first line that is not valid.
 */
export function readExampleLines<Kind extends ExampleKind, Result>(
  file: string,
  kind: Kind,
  map: (example: Example<Kind>, place: Place, value: unknown) => Result,
): Result[] {
  return Array.from(readJsonLines(file), ({ value, row }) => {
    const place = { file, row };
    const example = parseExample(kind, value, place);
    return located(place, () => map(example, place, value));
  });
}

/** Adds file and row to what goes wrong while a row is tokenised (a template that refuses it, for example). */
function located<Result>(place: Place, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError && !error.message.startsWith(placeOf(place)))
      throw new EngineError(`${placeOf(place)}: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * The values of a JSONL file (also gzipped), with their 1-based line numbers; empty lines are skipped.
 * @throws EngineError naming the file, and the line that is not JSON.
 */
export function* readJsonLines(file: string): Generator<{ value: unknown; row: number }> {
  if (!existsSync(file)) throw new EngineError(`${file} does not exist.`);
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  for (const [i, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (line.trim() === "") continue;
    yield { value: parseLine(file, i + 1, line), row: i + 1 };
  }
}

function parseLine(file: string, row: number, line: string): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    throw new EngineError(`${file}, row ${row} is not valid JSON; write one object a line.`, { cause });
  }
}
